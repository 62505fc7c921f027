/** What a target gets: the event, a constant, a part of the event, or a text with parts of it. */
import { isoTime } from '../../core/clock.ts'
import type { BusEvent } from './bus-event.ts'
import { valueAt } from './json-path.ts'
import type { Json } from './pattern-matchers.ts'
import type { TargetRecord } from './records.ts'

export interface TargetSource {
  readonly ruleArn: string
  readonly ruleName: string
  readonly receivedAtMs: number
}

/** Text, in most cases JSON. */
export function targetInput(event: BusEvent, target: TargetRecord, source: TargetSource): string {
  if (target.input !== undefined) return target.input
  const document = event as unknown as Json
  if (target.inputPath !== undefined) return JSON.stringify(valueAt(document, target.inputPath) ?? null)
  if (!target.inputTransformer) return JSON.stringify(event)
  const { paths, template } = target.inputTransformer
  const values: Record<string, Json | undefined> = {
    'aws.events.rule-arn': source.ruleArn,
    'aws.events.rule-name': source.ruleName,
    'aws.events.event.ingestion-time': isoTime(source.receivedAtMs),
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': document,
  }
  for (const [name, path] of Object.entries(paths)) values[name] = valueAt(document, path)
  return filled(template, values)
}

/**
 * A placeholder within a text becomes the text of its value, one outside its JSON. FIDELITY: a value that the event does not have becomes an
 * empty text, and `null` where it stands alone.
 */
function filled(template: string, values: Readonly<Record<string, Json | undefined>>): string {
  let isQuoted = false
  // A template that is neither object nor list nor one quoted text is a text as a whole.
  const isText = !/^\s*[{["]/.test(template)
  return template.replace(/\\.|"|<([A-Za-z0-9_.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') isQuoted = !isQuoted
    if (name === undefined || !Object.hasOwn(values, name)) return found
    const value = values[name]
    if (!isQuoted && !isText) return JSON.stringify(value ?? null)
    const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
    return isText ? text : JSON.stringify(text).slice(1, -1)
  })
}

function withoutDetail(event: BusEvent): Json {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'detail'))
}
