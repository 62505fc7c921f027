/** What the operation tables of CloudWatch Logs share. */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs'

import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { readPolicy } from '../../policy/parse.ts'
import { scopeOf, type Shelf, type State } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import type { CallOperation, Foundations } from '../cloud-service.ts'
import type { Operations, Permission } from '../operation.ts'
import { groupArn, streamArn, type GroupLocation } from './arns.ts'
import { groupNotFound, invalidParameter, streamNotFound } from './errors.ts'
import { GroupLog, type InputEvent, type LogStream } from './group-log.ts'
import { DAY_MS } from './limits.ts'
import type { LogFiles } from './log-files.ts'
import type { LogGroupRecord, ResourcePolicyRecord } from './records.ts'

export type LogsOperations = Operations<typeof sdk, LogsService>

/** A group that exists, with its streams and events. */
export interface OpenGroup {
  readonly record: LogGroupRecord
  readonly log: GroupLog
}

export interface LogsOptions extends Foundations {
  readonly files: LogFiles
  readonly call: CallOperation
  readonly notice: (text: string) => void
}

export class LogsService {
  readonly clock: Clock
  readonly ids: Ids
  /** For deliveries to subscribers. */
  readonly call: CallOperation
  readonly notice: (text: string) => void
  readonly #state: State
  readonly #files: LogFiles
  /** `<scope>/<name>` → the log of the group that had the id when it was opened. */
  readonly #logs = new Map<string, { readonly id: string; readonly log: GroupLog }>()

  readonly #compiled = new Map<string, CompiledPolicy>()

  constructor(options: LogsOptions) {
    this.call = options.call
    this.notice = options.notice
    this.clock = options.clock
    this.ids = options.ids
    this.#state = options.state
    this.#files = options.files
    const groups = options.state.collection<LogGroupRecord>(GROUPS)
    const kept = groups.scopes().flatMap((scope) =>
      groups
        .in(scope)
        .values()
        .map(({ id }) => id),
    )
    options.files.retain(new Set(kept))
  }

  groups({ account, region }: Pick<GroupLocation, 'account' | 'region'>): Shelf<LogGroupRecord> {
    return this.#state.collection<LogGroupRecord>(GROUPS).in(scopeOf(account, region))
  }

  resourcePolicies({ account, region }: Pick<GroupLocation, 'account' | 'region'>): Shelf<ResourcePolicyRecord> {
    return this.#state.collection<ResourcePolicyRecord>(RESOURCE_POLICIES).in(scopeOf(account, region))
  }

  /** All resource policies of an account and Region as one. */
  resourcePolicy(place: Pick<GroupLocation, 'account' | 'region'>): CompiledPolicy | undefined {
    const shelf = this.resourcePolicies(place)
    if (shelf.size === 0) return undefined
    const documents = shelf.values().map(({ document }) => document)
    const key = documents.join('\n')
    let compiled = this.#compiled.get(key)
    if (!compiled) {
      if (this.#compiled.size >= COMPILED_POLICIES_MAX) this.#compiled.clear()
      const statements = documents.flatMap((text) =>
        [(JSON.parse(text) as { readonly Statement: unknown }).Statement].flat(),
      )
      const document = readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'resource')
      this.#compiled.set(key, (compiled = compilePolicy(document, { name: 'logs resource policy' })))
    }
    return compiled
  }

  record(location: GroupLocation): LogGroupRecord {
    const record = this.groups(location).get(location.name)
    if (!record) throw groupNotFound()
    return record
  }

  open(location: GroupLocation): OpenGroup {
    const record = this.record(location)
    const key = keyOf(location)
    let entry = this.#logs.get(key)
    if (entry?.id !== record.id) {
      entry = { id: record.id, log: new GroupLog(this.#files.load(record.id)) }
      this.#logs.set(key, entry)
    }
    return { record, log: entry.log }
  }

  /** Bytes of the group as far as it has been opened: AWS's figure lags by hours anyway. */
  storedBytes(location: GroupLocation, record: LogGroupRecord): number {
    const entry = this.#logs.get(keyOf(location))
    return entry?.id === record.id ? entry.log.bytes : 0
  }

  deleteGroup(location: GroupLocation): void {
    const record = this.record(location)
    this.groups(location).delete(location.name)
    this.#logs.delete(keyOf(location))
    this.#files.remove(record.id)
  }

  createStream({ record, log }: OpenGroup, name: string): void {
    const createdAtMs = this.clock.now()
    log.createStream(name, createdAtMs)
    this.#files.append(record.id, [['stream', name, createdAtMs]])
  }

  deleteStream({ record, log }: OpenGroup, name: string): void {
    log.deleteStream(name)
    this.#files.append(record.id, [['deleted', name]])
  }

  addEvents({ record, log }: OpenGroup, stream: string, events: readonly InputEvent[]): void {
    const now = this.clock.now()
    log.add(stream, events, now)
    this.#files.append(
      record.id,
      events.map(({ timestamp, message }) => ['event', stream, timestamp, now, message] as const),
    )
    if (this.#files.isOversized(record.id)) this.#files.replace(record.id, log.entries())
  }

  /** Events older than this have expired. */
  retainedSinceMs({ retentionInDays }: LogGroupRecord): number {
    return retentionInDays === undefined ? 0 : this.clock.now() - retentionInDays * DAY_MS
  }
}

const GROUPS = 'logs.groups'
const RESOURCE_POLICIES = 'logs.resource-policies'
const COMPILED_POLICIES_MAX = 100

function keyOf({ account, region, name }: GroupLocation): string {
  return `${account}/${region}/${name}`
}

export function existingStream(log: GroupLog, name: string): LogStream {
  const stream = log.stream(name)
  if (!stream) throw streamNotFound()
  return stream
}

/** A permission on a stream, or with an empty stream name on its group. */
export function onStream(
  logs: LogsService,
  action: string,
  location: GroupLocation,
  stream = '',
  details: Pick<Permission, 'requestTags' | 'context'> = {},
): Permission {
  return {
    action: `logs:${action}`,
    resource: streamArn(location, stream),
    resourceAccount: location.account,
    resourcePolicy: logs.resourcePolicy(location),
    resourceTags: logs.groups(location).get(location.name)?.tags,
    ...details,
  }
}

/** A permission of a tagging action, which AWS checks on the group's own ARN. */
export function onBareGroup(
  logs: LogsService,
  action: string,
  location: GroupLocation,
  details: Pick<Permission, 'requestTags' | 'context'> = {},
): Permission {
  return { ...onStream(logs, action, location, '', details), resource: groupArn(location) }
}

/** A Region's endpoint knows only the groups of that Region. Throws `ResourceNotFoundException`. */
export function openHere(logs: LogsService, caller: Caller, location: GroupLocation): OpenGroup {
  if (location.region !== caller.region) throw groupNotFound()
  return logs.open(location)
}

/** FIDELITY: AWS's wording has not been seen. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html */
export function checkReadable({ logGroupClass }: LogGroupRecord): void {
  if (logGroupClass === 'STANDARD') return
  throw invalidParameter(`This operation is not supported for log groups of the log class ${logGroupClass}.`)
}
