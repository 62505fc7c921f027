/** AddPermission and RemovePermission: one statement of a queue's policy. */
import { isAccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { attachedPolicyFrom, statementsOf, withStatements, type PolicyStatementObject } from '../attached-policy.ts'
import { invalidAttributeValue, invalidParameterValue, invalidValue } from './errors.ts'
import { PERMISSION_ACTIONS_MAX } from './limits.ts'
import { locationFromUrl, queueArn, type QueueLocation } from './queue-location.ts'
import type { QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'

const LABEL = /^[A-Za-z0-9_-]{1,80}$/
/** What may be granted to another account by a permission. */
const GRANTABLE_ACTIONS = new Set([
  '*',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
])

export const permissions: SqsOperations = {
  AddPermission: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('AddPermission', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      requireLabel(input.Label)
      const arn = queueArn(location)
      const statement: PolicyStatementObject = {
        Sid: input.Label,
        Effect: 'Allow',
        Principal: { AWS: single(input.AWSAccountIds.map(accountPrincipal)) },
        Action: single(actionsFrom(input.Actions)),
        Resource: arn,
      }
      const current = queue.policy ? statementsOf(queue.policy) : []
      if (current.some(({ Sid }) => Sid === input.Label)) {
        throw invalidValue(input.Label, 'Label', 'Already exists.')
      }
      const empty = { text: JSON.stringify({ Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy` }), bindings: {} }
      const policy = withStatements(queue.policy ?? empty, [...current, statement], sqs.identities)
      if (!policy || !attachedPolicyFrom(policy.text, sqs.identities)) throw invalidAttributeValue('Policy')
      put(location, { ...queue, policy }, sqs)
      return {}
    },
  },

  RemovePermission: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('RemovePermission', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const { policy: current, ...queue } = sqs.require(location)
      requireLabel(input.Label)
      const statements = current ? statementsOf(current) : []
      const kept = statements.filter(({ Sid }) => Sid !== input.Label)
      if (!current || kept.length === statements.length) {
        throw invalidValue(input.Label, 'Label', "can't find label on existing policy.")
      }
      const policy = withStatements(current, kept, sqs.identities)
      put(location, policy ? { ...queue, policy } : queue, sqs)
      return {}
    },
  },
}

function put(location: QueueLocation, queue: QueueRecord, sqs: SqsService): void {
  sqs.queues(location).put(location.name, { ...queue, modifiedAtMs: sqs.clock.now() })
}

function requireLabel(label: string): void {
  if (LABEL.test(label)) return
  throw invalidParameterValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length')
}

function accountPrincipal(account: string): string {
  if (!isAccountId(account)) {
    throw invalidValue(`[${account}]`, 'PrincipalId', 'Unable to verify.')
  }
  return `arn:aws:iam::${account}:root`
}

function actionsFrom(names: readonly string[]): readonly string[] {
  if (names.length > PERMISSION_ACTIONS_MAX) {
    throw new AwsError('OverLimit', `${names.length} Actions were found, maximum allowed is ${PERMISSION_ACTIONS_MAX}.`)
  }
  for (const name of names) {
    if (!GRANTABLE_ACTIONS.has(name)) {
      throw invalidValue(
        `SQS:${name}`,
        'ActionName',
        'Please refer to the appropriate WSDL for a list of valid actions. ',
      )
    }
  }
  return names.map((name) => `SQS:${name}`)
}

function single(values: readonly string[]): string | readonly string[] {
  const [only] = values
  return values.length === 1 && only !== undefined ? only : values
}
