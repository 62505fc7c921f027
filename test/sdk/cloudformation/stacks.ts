/** What the tests of stacks share: deploying a template, waiting for a stack to settle, and what it told on the way. */
import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  type CloudFormationClient,
  type CreateStackCommandInput,
  type Stack,
  type StackEvent,
  type UpdateStackCommandInput,
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

type More<Input> = Partial<Omit<Input, 'StackName' | 'TemplateBody'>>

/** Creates a stack from a template object, with every capability, and waits for it. */
export async function created(
  client: CloudFormationClient,
  name: string,
  template: object,
  more: More<CreateStackCommandInput> = {},
): Promise<Stack> {
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ...more,
    }),
  )
  return settledStack(client, name)
}

export async function updated(
  client: CloudFormationClient,
  name: string,
  template: object,
  more: More<UpdateStackCommandInput> = {},
): Promise<Stack> {
  await client.send(
    new UpdateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ...more,
    }),
  )
  return settledStack(client, name)
}

/** Oldest first. */
export async function eventsOf(client: CloudFormationClient, nameOrId: string): Promise<StackEvent[]> {
  const events: StackEvent[] = []
  let NextToken: string | undefined
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: nameOrId, NextToken }))
    events.push(...(page.StackEvents ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return events.reverse()
}

/** `Role CREATE_COMPLETE`, oldest first; reasons in parentheses where there are some. */
export async function story(client: CloudFormationClient, nameOrId: string): Promise<string[]> {
  return (await eventsOf(client, nameOrId)).map((event) => {
    const reason = event.ResourceStatusReason === undefined ? '' : ` (${event.ResourceStatusReason})`
    return `${event.LogicalResourceId} ${event.ResourceStatus}${reason}`
  })
}

/** The reason of the newest event of a resource with a status. */
export async function reasonOf(
  client: CloudFormationClient,
  nameOrId: string,
  logicalId: string,
  status: string,
): Promise<string | undefined> {
  return (await eventsOf(client, nameOrId)).findLast(
    (event) => event.LogicalResourceId === logicalId && event.ResourceStatus === status,
  )?.ResourceStatusReason
}

export const logGroup = (properties: object = {}, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: properties,
  ...more,
})

export const resources = (of: Record<string, object>, more: object = {}) => ({ Resources: of, ...more })
