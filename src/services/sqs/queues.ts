/** CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, PurgeQueue and ListDeadLetterSourceQueues. */
import { AwsError } from '../../core/aws-error.ts'
import { parseAccountId, isAccountId } from '../../core/account.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { changedAttributes, firstDifference, initialSettings } from './attribute-values.ts'
import { invalidParameterValue, notImplemented, queueDoesNotExist } from './errors.ts'
import { LIST_RESULTS_MAX, PAUSE_MS } from './limits.ts'
import { locationFromUrl, queueArn, queueUrl, type QueueLocation } from './queue-location.ts'
import type { QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'
import { requireTags } from './tags.ts'

const NAME = /^[A-Za-z0-9_-]{1,80}$/

export const queues: SqsOperations = {
  CreateQueue: {
    permissions(input, caller, sqs) {
      const location = ownQueue(caller, input.QueueName)
      const requestTags = input.tags
      return [
        sqs.permission('CreateQueue', location, caller, { requestTags }),
        ...(requestTags && Object.keys(requestTags).length > 0
          ? [sqs.permission('TagQueue', location, caller, { requestTags })]
          : []),
      ]
    },
    handle(input, caller, sqs) {
      const location = ownQueue(caller, input.QueueName)
      requireName(location.name, input.Attributes)
      requireTags(input.tags ?? {})
      const given = input.Attributes ?? {}
      const settings = changedAttributes(initialSettings(), given, location, sqs)
      const existing = sqs.find(location)
      if (existing) {
        const difference = firstDifference(existing, settings, Object.keys(given))
        if (difference === undefined) return { QueueUrl: queueUrl(sqs.endpointUrl(), location) }
        throw new AwsError(
          'QueueNameExists',
          `A queue already exists with the same name and a different value for attribute ${difference}`,
        )
      }
      requireUnused(location, sqs)
      const now = sqs.clock.now()
      sqs.queues(location).put(location.name, {
        ...location,
        id: sqs.ids.uuid(),
        ...settings,
        tags: { ...input.tags },
        createdAtMs: now,
        modifiedAtMs: now,
      })
      return { QueueUrl: queueUrl(sqs.endpointUrl(), location) }
    },
  },

  DeleteQueue: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('DeleteQueue', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      sqs.queues(location).delete(location.name)
      sqs.deletions(location).put(location.name, sqs.clock.now())
      sqs.forget(queue)
      return {}
    },
  },

  GetQueueUrl: {
    permissions: (input, caller, sqs) => [
      sqs.permission('GetQueueUrl', ownedQueue(caller, input.QueueName, input.QueueOwnerAWSAccountId), caller),
    ],
    handle(input, caller, sqs) {
      const location = ownedQueue(caller, input.QueueName, input.QueueOwnerAWSAccountId)
      sqs.require(location)
      return { QueueUrl: queueUrl(sqs.endpointUrl(), location) }
    },
  },

  ListQueues: {
    // The resource is a queue without a name.
    permissions: (_input, caller) => [
      { action: 'sqs:ListQueues', actionText: 'sqs:listqueues', resource: queueArn(ownQueue(caller, '')) },
    ],
    handle(input, caller, sqs) {
      const named = sqs
        .queues(caller)
        .values()
        .filter(({ name }) => name.startsWith(input.QueueNamePrefix ?? ''))
      const { items, nextToken } = page(named, input, (queue) => queue.name)
      if (items.length === 0) return {}
      return { QueueUrls: urlsOf(items, sqs), ...(nextToken !== undefined && { NextToken: nextToken }) }
    },
  },

  ListDeadLetterSourceQueues: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('ListDeadLetterSourceQueues', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const arn = queueArn(sqs.require(locationFromUrl(caller, input.QueueUrl)))
      const sources = sqs
        .queues(caller)
        .values()
        .filter(({ redrive }) => redrive?.deadLetterTargetArn === arn)
      const { items, nextToken } = page(sources, input, (queue) => queue.name)
      return { queueUrls: urlsOf(items, sqs), ...(nextToken !== undefined && { NextToken: nextToken }) }
    },
  },

  PurgeQueue: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('PurgeQueue', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      const now = sqs.clock.now()
      if (queue.purgedAtMs !== undefined && now - queue.purgedAtMs < PAUSE_MS) {
        throw new AwsError(
          'PurgeQueueInProgress',
          `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        )
      }
      sqs.messages(queue).clear()
      sqs.queues(location).put(location.name, { ...queue, purgedAtMs: now })
      return {}
    },
  },
}

function ownQueue({ account, region }: Caller, name: string): QueueLocation {
  return { account, region, name }
}

function ownedQueue(caller: Caller, name: string, owner: string | undefined): QueueLocation {
  if (owner === undefined) return ownQueue(caller, name)
  if (!isAccountId(owner)) throw queueDoesNotExist()
  return { ...ownQueue(caller, name), account: parseAccountId(owner) }
}

function requireName(name: string, attributes: Readonly<Record<string, string>> | undefined): void {
  if (name.endsWith('.fifo') || attributes?.['FifoQueue'] !== undefined) throw notImplemented('FIFO queues')
  if (NAME.test(name)) return
  throw invalidParameterValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length')
}

function requireUnused(location: QueueLocation, sqs: SqsService): void {
  const deletedAtMs = sqs.deletions(location).get(location.name)
  if (deletedAtMs === undefined) return
  if (sqs.clock.now() - deletedAtMs < PAUSE_MS) {
    throw new AwsError(
      'QueueDeletedRecently',
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    )
  }
  sqs.deletions(location).delete(location.name)
}

function urlsOf(found: readonly QueueRecord[], sqs: SqsService): string[] {
  return found.map((queue) => queueUrl(sqs.endpointUrl(), queue))
}

function page(
  items: readonly QueueRecord[],
  {
    NextToken: token,
    MaxResults: limit,
  }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  keyOf: (queue: QueueRecord) => string,
) {
  return paginate(sortedBy(items, keyOf), {
    keyOf,
    token,
    limit: limit ?? LIST_RESULTS_MAX,
    invalidToken: () => invalidParameterValue('Invalid or expired next token.'),
  })
}
