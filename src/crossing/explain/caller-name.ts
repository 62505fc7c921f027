/** Who is asked about, as its ARN alone tells it. */
import { isAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { UserError } from '../../core/user-error.ts'

export type CallerName =
  | {
      readonly kind: 'role'
      readonly account: string
      readonly name: string
      /** With its path; undefined where a session's ARN, which drops the path, is all that is known. */
      readonly roleArn?: string
      /** Undefined: any session of the role. */
      readonly sessionName?: string
    }
  | { readonly kind: 'user'; readonly account: string; readonly name: string; readonly arn: string }
  | { readonly kind: 'root'; readonly account: string; readonly arn: string }
  | { readonly kind: 'service'; readonly service: string }
  /** Signed nothing. */
  | { readonly kind: 'anonymous' }

/** What decision records call such a caller. */
const ANONYMOUS = 'anonymous'
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/

/** Throws `UserError` for a text that names no principal whose policies can be read. */
export function parseCallerName(text: string): CallerName {
  if (text === ANONYMOUS) return { kind: 'anonymous' }
  if (SERVICE.test(text)) return { kind: 'service', service: text }
  const arn = parseArn(text)
  const [type, ...path] = arn?.resource.split('/') ?? []
  const name = path.at(-1) ?? ''
  if (arn && isAccountId(arn.account)) {
    const { account } = arn
    const kind = `${arn.service}:${type ?? ''}`
    if (kind === 'iam:root') return { kind: 'root', account, arn: text }
    if (kind === 'iam:user' && name !== '') return { kind: 'user', account, name, arn: text }
    if (kind === 'iam:role' && name !== '') return { kind: 'role', account, name, roleArn: text }
    if (kind === 'sts:assumed-role' && path.length === 2) {
      return { kind: 'role', account, name: path[0] ?? '', sessionName: name }
    }
  }
  throw new UserError(
    `\`${text}\` is not a principal, expected the ARN of a role, a role's session, a user or the root user, an AWS service, or ${ANONYMOUS}`,
  )
}
