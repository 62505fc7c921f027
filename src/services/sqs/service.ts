/** What SQS's operations work with, and the permission they ask for. */
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import { scopeOf, type Shelf, type State } from '../../state/state.ts'
import { createPolicyCompiler } from '../attached-policy.ts'
import type { Caller } from '../caller.ts'
import type { Foundations } from '../cloud-service.ts'
import type { IdentityDirectory } from '../directories.ts'
import type { Operations, Permission } from '../operation.ts'
import { queueDoesNotExist } from './errors.ts'
import { locationFromUrl, queueArn, type QueueLocation } from './queue-location.ts'
import { QueueMessages } from './queue-messages.ts'
import type { MessageRecord, QueueRecord } from './records.ts'

export type SqsOperations = Operations<typeof import('@aws-sdk/client-sqs'), SqsService>

export interface SqsOptions extends Foundations {
  readonly identities: IdentityDirectory
  /** What queue URLs begin with. */
  readonly endpointUrl: () => string
}

/** A queue's policy cannot grant these to another account. */
const OWNERS_ACTIONS = new Set([
  'AddPermission',
  'CreateQueue',
  'DeleteQueue',
  'ListQueueTags',
  'ListQueues',
  'RemovePermission',
  'SetQueueAttributes',
  'TagQueue',
  'UntagQueue',
])

export class SqsService {
  readonly clock: Clock
  readonly ids: Ids
  readonly identities: IdentityDirectory
  readonly endpointUrl: () => string
  readonly #state: State
  readonly #compile = createPolicyCompiler('queue policy')
  /** Queue id → its messages, once somebody asked for them. */
  readonly #messages = new Map<string, QueueMessages>()

  constructor(options: SqsOptions) {
    this.clock = options.clock
    this.ids = options.ids
    this.identities = options.identities
    this.endpointUrl = options.endpointUrl
    this.#state = options.state
  }

  queues({ account, region }: Pick<QueueLocation, 'account' | 'region'>): Shelf<QueueRecord> {
    return this.#state.collection<QueueRecord>('sqs.queues').in(scopeOf(account, region))
  }

  /** Name → when a queue of that name was deleted. */
  deletions({ account, region }: Pick<QueueLocation, 'account' | 'region'>): Shelf<number> {
    return this.#state.collection<number>('sqs.deletions').in(scopeOf(account, region))
  }

  find(location: QueueLocation): QueueRecord | undefined {
    return this.queues(location).get(location.name)
  }

  /** Throws QueueDoesNotExist. */
  require(location: QueueLocation): QueueRecord {
    const queue = this.find(location)
    if (!queue) throw queueDoesNotExist()
    return queue
  }

  messages(queue: QueueRecord): QueueMessages {
    let messages = this.#messages.get(queue.id)
    if (!messages) {
      const shelf = this.#state
        .collection<MessageRecord>('sqs.messages')
        .in(`${scopeOf(queue.account, queue.region)}/${queue.id}`)
      this.#messages.set(queue.id, (messages = new QueueMessages(shelf, this.clock)))
    }
    return messages
  }

  /** The queue is gone, and whoever waits for its messages finds out. */
  forget(queue: QueueRecord): void {
    const messages = this.messages(queue)
    messages.clear()
    this.#messages.delete(queue.id)
    messages.wake()
  }

  /** The state is about to be replaced, or was. */
  forgetAll(): void {
    const all = [...this.#messages.values()]
    this.#messages.clear()
    for (const messages of all) messages.wake()
  }

  /** SQS prints the action in small letters when it denies it. */
  permission(action: string, location: QueueLocation, caller: Caller, more: Partial<Permission> = {}): Permission {
    const queue = this.find(location)
    const isGrantable = location.account === caller.account || !OWNERS_ACTIONS.has(action)
    return {
      action: `sqs:${action}`,
      actionText: `sqs:${action.toLowerCase()}`,
      resource: queueArn(location),
      resourceAccount: location.account,
      resourcePolicy: isGrantable ? this.#compile(queue?.policy) : undefined,
      resourceTags: queue?.tags,
      ...more,
    }
  }

  permissionByUrl(action: string, url: string, caller: Caller, more?: Partial<Permission>): readonly Permission[] {
    return [this.permission(action, locationFromUrl(caller, url), caller, more)]
  }
}
