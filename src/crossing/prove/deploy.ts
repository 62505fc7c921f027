/** Deploys a project's stacks through CloudFormation, one after the other, as each account's administrator. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'

import { loadPackage } from '../../core/load-package.ts'
import { UserError } from '../../core/user-error.ts'

const {
  CloudFormationServiceException,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} = loadPackage('@aws-sdk/client-cloudformation')

export interface StackToDeploy {
  readonly name: string
  readonly account: string
  readonly templateBody: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface DeployedStack {
  readonly name: string
  readonly account: string
  readonly action: 'created' | 'updated' | 'unchanged'
  readonly outputs: Readonly<Record<string, string>>
  readonly durationMs: number
}

const STACK_SECONDS_MAX = 900
/** The SDK's waiters pause at least a second; a local stack is done sooner. */
const POLL_SECONDS = 1
const CAPABILITIES = ['CAPABILITY_NAMED_IAM'] as const

/** Throws `UserError` with the stack's own reasons when it fails. */
export async function deployStack(client: CloudFormationClient, stack: StackToDeploy): Promise<DeployedStack> {
  const started = performance.now()
  const request = {
    StackName: stack.name,
    TemplateBody: stack.templateBody,
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Capabilities: [...CAPABILITIES],
  }
  const action = await createOrUpdate(client, request)
  if (action !== 'unchanged') await waitFor(client, stack.name, action)
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack.name }))
  const outputs = Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  )
  return { name: stack.name, account: stack.account, action, outputs, durationMs: performance.now() - started }
}

async function createOrUpdate(
  client: CloudFormationClient,
  request: ConstructorParameters<typeof CreateStackCommand>[0],
): Promise<DeployedStack['action']> {
  try {
    await client.send(new CreateStackCommand(request))
    return 'created'
  } catch (error) {
    if (!(error instanceof CloudFormationServiceException) || error.name !== 'AlreadyExistsException') throw error
  }
  try {
    await client.send(new UpdateStackCommand(request))
    return 'updated'
  } catch (error) {
    // CloudFormation has no code of its own for this; the sentence is the documented way to tell.
    const nothingToDo =
      error instanceof CloudFormationServiceException && error.message === 'No updates are to be performed.'
    if (nothingToDo) return 'unchanged'
    throw error
  }
}

async function waitFor(client: CloudFormationClient, name: string, action: 'created' | 'updated'): Promise<void> {
  await settleQuickly(client, name)
  const wait = action === 'created' ? waitUntilStackCreateComplete : waitUntilStackUpdateComplete
  const waiter = { client, maxWaitTime: STACK_SECONDS_MAX, minDelay: POLL_SECONDS, maxDelay: POLL_SECONDS }
  try {
    await wait(waiter, { StackName: name })
  } catch (error) {
    throw new UserError(`The stack \`${name}\` could not be deployed: ${await failureReasons(client, name)}`, {
      hint: 'The template and its parameters are named in isthmus.yaml',
      exitCode: 1,
      cause: error,
    })
  }
}

const QUICK_POLLS = 40
const QUICK_POLL_MS = 50

/** A local stack is done within moments; this spares the waiter's whole-second pauses. */
async function settleQuickly(client: CloudFormationClient, name: string): Promise<void> {
  for (let poll = 0; poll < QUICK_POLLS; poll++) {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    if (Stacks[0]?.StackStatus?.endsWith('_IN_PROGRESS') !== true) return
    await new Promise((resolve) => setTimeout(resolve, QUICK_POLL_MS))
  }
}

async function failureReasons(client: CloudFormationClient, name: string): Promise<string> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }))
  const reasons = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED') === true)
    .reverse()
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`)
  return reasons.length > 0 ? reasons.join('; ') : 'it was rolled back without a reason'
}
