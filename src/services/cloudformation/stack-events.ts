/** What has happened to a stack, newest first. */
import { paginate, sortedBy } from '../pagination.ts'
import type { EventRecord } from './records.ts'
import { invalidNextToken, stackPermission, stackToChange, type CloudFormationOperations } from './service.ts'
import { validationError } from './template/validation-error.ts'

const PAGE_LENGTH = 100

/** The last millisecond a date can have: subtracting from it turns the order round. */
const NEWEST_MS = 8.64e15

export const stackEvents: CloudFormationOperations = {
  DescribeStackEvents: {
    permissions: (input, caller, cf) => [stackPermission('DescribeStackEvents', input.StackName, caller, cf)],
    handle(input, caller, cf) {
      if (input.StackName === undefined) throw validationError('StackName is a required parameter.')
      const stack = stackToChange(input.StackName, caller, cf)
      // INVARIANT: no two events of a stack have the same time.
      const keyOf = ({ timeMs }: EventRecord) => String(NEWEST_MS - timeMs).padStart(16, '0')
      const page = paginate(sortedBy(cf.store.events(stack), keyOf), {
        keyOf,
        token: input.NextToken,
        limit: PAGE_LENGTH,
        invalidToken: invalidNextToken,
      })
      return {
        StackEvents: page.items.map((event) => ({
          StackId: stack.id,
          StackName: stack.name,
          EventId: event.eventId,
          LogicalResourceId: event.logicalId,
          PhysicalResourceId: event.physicalId,
          ResourceType: event.type,
          Timestamp: new Date(event.timeMs),
          // A stack's own events carry the stack's status, which the model types as a resource's.
          ResourceStatus: event.status as 'CREATE_COMPLETE',
          ResourceStatusReason: event.reason,
          ResourceProperties: event.properties,
          ClientRequestToken: event.clientRequestToken,
        })),
        NextToken: page.nextToken,
      }
    },
  },
}
