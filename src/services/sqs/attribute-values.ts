/** Queue attributes as text, as requests carry them, and what they mean. */
import { attachedPolicyFrom } from '../attached-policy.ts'
import { invalidAttributeValue, invalidValue, notImplemented, unknownAttribute } from './errors.ts'
import { MAX_RECEIVE_COUNT_MAX, NUMBER_RANGES } from './limits.ts'
import { locationFromArn, type QueueLocation } from './queue-location.ts'
import type { QueueNumbers, QueueRecord, RedrivePolicy } from './records.ts'
import type { SqsService } from './service.ts'

export type QueueSettings = Pick<QueueRecord, 'numbers' | 'policy' | 'redrive' | 'managedEncryption'>

/** AWS has them; what they would do is not done here. */
const REFUSED = new Set([
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'RedriveAllowPolicy',
])

type NumberName = keyof QueueNumbers
const NUMBER_NAMES = Object.keys(NUMBER_RANGES) as readonly NumberName[]

export function initialSettings(): QueueSettings {
  const numbers = Object.fromEntries(NUMBER_NAMES.map((name) => [name, NUMBER_RANGES[name].initial]))
  return { numbers: numbers as unknown as QueueNumbers, managedEncryption: true }
}

/** An empty Policy or RedrivePolicy takes it away. Throws `AwsError`. */
export function changedAttributes(
  settings: QueueSettings,
  given: Readonly<Record<string, string>>,
  location: QueueLocation,
  sqs: SqsService,
): QueueSettings {
  let changed = settings
  for (const [name, text] of Object.entries(given)) changed = changedAttribute(changed, name, text, location, sqs)
  return changed
}

function changedAttribute(
  settings: QueueSettings,
  name: string,
  text: string,
  location: QueueLocation,
  sqs: SqsService,
): QueueSettings {
  if (isNumberName(name)) return { ...settings, numbers: { ...settings.numbers, [name]: numberFrom(name, text) } }
  switch (name) {
    case 'Policy': {
      const { policy: _, ...rest } = settings
      return text === '' ? rest : { ...rest, policy: policyFrom(text, sqs) }
    }
    case 'RedrivePolicy': {
      const { redrive: _, ...rest } = settings
      return text === '' ? rest : { ...rest, redrive: redriveFrom(text, location, sqs) }
    }
    case 'SqsManagedSseEnabled':
      if (text !== 'true' && text !== 'false') throw invalidAttributeValue(name)
      return { ...settings, managedEncryption: text === 'true' }
    default:
      throw REFUSED.has(name) ? notImplemented(`the attribute ${name}`) : unknownAttribute(name)
  }
}

/** The first of the named attributes in which an existing queue differs. */
export function firstDifference(
  existing: QueueSettings,
  wanted: QueueSettings,
  names: readonly string[],
): string | undefined {
  return names.find((name) => textOf(existing, name) !== textOf(wanted, name))
}

function textOf(settings: QueueSettings, name: string): string | undefined {
  if (isNumberName(name)) return String(settings.numbers[name])
  switch (name) {
    case 'Policy':
      return settings.policy?.text
    case 'RedrivePolicy':
      return settings.redrive && JSON.stringify(settings.redrive)
    default:
      return String(settings.managedEncryption)
  }
}

function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(NUMBER_RANGES, name)
}

function numberFrom(name: NumberName, text: string): number {
  const { min, max } = NUMBER_RANGES[name]
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw invalidAttributeValue(name)
}

function policyFrom(text: string, { identities }: SqsService) {
  const policy = attachedPolicyFrom(text, identities)
  if (!policy) throw invalidAttributeValue('Policy')
  return policy
}

function redriveFrom(text: string, location: QueueLocation, sqs: SqsService): RedrivePolicy {
  const invalid = (reason: string) => invalidValue(text, 'RedrivePolicy', reason)
  const { deadLetterTargetArn, maxReceiveCount } = objectFrom(text)
  if (typeof deadLetterTargetArn !== 'string') {
    throw invalid('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.')
  }
  if (maxReceiveCount === undefined) {
    throw invalid('Redrive policy does not contain mandatory attribute: maxReceiveCount.')
  }
  const count = Number(maxReceiveCount)
  if (!Number.isInteger(count) || count < 1 || count > MAX_RECEIVE_COUNT_MAX) {
    throw invalid(
      `Invalid value for maxReceiveCount: ${JSON.stringify(maxReceiveCount)}, valid values are from 1 to 1000 both inclusive.`,
    )
  }
  const target = locationFromArn(deadLetterTargetArn)
  if (!target || target.account !== location.account || target.region !== location.region || !sqs.find(target)) {
    throw invalid('Dead letter target does not exist.')
  }
  return { deadLetterTargetArn, maxReceiveCount: count }
}

function objectFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}
