/** What the tests of stacks share: waiting for one to settle, and what it told on the way. */
import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type CloudFormationClient,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation'

const LOOKS_MAX = 20

/** The stack once it is no longer in progress. */
export async function settledStack(client: CloudFormationClient, nameOrId: string): Promise<Stack> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: nameOrId }))
    if (stack && (!stack.StackStatus?.endsWith('_IN_PROGRESS') || stack.StackStatus === 'REVIEW_IN_PROGRESS'))
      return stack
  }
  throw new Error(`stack ${nameOrId} does not settle`)
}

/** Oldest first. */
export async function eventsOf(client: CloudFormationClient, nameOrId: string): Promise<StackEvent[]> {
  const { StackEvents: events = [] } = await client.send(new DescribeStackEventsCommand({ StackName: nameOrId }))
  return events.reverse()
}

/** The reason of the newest event of a resource with a status. */
export async function reasonOf(client: CloudFormationClient, nameOrId: string, logicalId: string, status: string) {
  const events = await eventsOf(client, nameOrId)
  return events.findLast((event) => event.LogicalResourceId === logicalId && event.ResourceStatus === status)
    ?.ResourceStatusReason
}
