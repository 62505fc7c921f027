/**
 * Reads AWS's sentence for a denied call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

export interface DenialMessage {
  readonly caller: string
  readonly action: string
  /** Absent where AWS names none. */
  readonly resource?: string
  readonly outcome: 'explicit_deny' | 'implicit_deny'
  /** The policy type that is blamed: `resource-based policy`. */
  readonly blames?: string
}

/** What Lambda answers to `LogType=Tail` across accounts, whatever the policies allow; it names nobody. */
export const LOG_ACCESS_DENIED = 'Cross-account log access is not allowed'

const SENTENCE = /User: (\S+) is not authorized to perform: (\S+)(?: on resource: (\S+))?(.*)/
const IMPLICIT = /because no (.+?) allows the/
const EXPLICIT = /with an explicit deny in (?:an?|the) (.+?)(?::|$)/

/** Undefined when the text is no such sentence. It may stand anywhere in the text, as in an SDK's or the CLI's error. */
export function readDenialMessage(text: string): DenialMessage | undefined {
  // A terminal or a ticket may have broken the line.
  const match = SENTENCE.exec(text.replaceAll(/\s+/g, ' ').trim())
  if (!match) return undefined
  const [, caller = '', action = '', resource, rest = ''] = match
  const explicit = EXPLICIT.exec(rest)?.[1]
  const blames = explicit ?? IMPLICIT.exec(rest)?.[1]
  return {
    caller,
    action,
    ...(resource !== undefined && { resource }),
    outcome: explicit === undefined ? 'implicit_deny' : 'explicit_deny',
    ...(blames !== undefined && { blames }),
  }
}
