/** SIGKILL at any moment loses nothing that was acknowledged: objects of every service, deletions and changes too, and asynchronous events. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, CreateLogGroupCommand, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateUserCommand,
  DeleteUserCommand,
  GetRolePolicyCommand,
  IAMClient,
  paginateListUsers,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  paginateListAliases,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda'
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  OrganizationsClient,
  paginateListPolicies,
  paginateListTargetsForPolicy,
} from '@aws-sdk/client-organizations'
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually, zipOf } from '../sdk/lambda/support.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

const ROUNDS = 3
const ALLOW_TELLING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }],
}
/** From the moment when there is something of everything to lose. */
const KILL_AFTER_MS_MAX = 1_000
const WRITING_MS_MAX = 30_000
const DELIVERY_MS_MAX = 40_000

/** What the cloud has acknowledged so far, over all rounds. */
const acknowledged = {
  users: new Set<string>(),
  deletedUsers: new Set<string>(),
  rolePolicies: new Map<string, string>(),
  aliases: new Map<string, string>(),
  granted: new Set<string>(),
  policies: new Set<string>(),
  attachedPolicies: new Set<string>(),
  stacks: new Set<string>(),
  completeStacks: new Set<string>(),
  logGroups: new Set<string>(),
  events: new Set<string>(),
}
/** The kinds of which there is something to lose. */
const written = new Set<string>()
/** Events that the function has processed, as a queue was told. */
const delivered = new Set<string>()

let place: Workplace
let queue: string
let role: string

beforeAll(async () => {
  place = createWorkplace()
  const cloud = await place.up()
  role = await createRole(cloud, 'source', 'durable', { policies: { logs: ALLOW_LOGS, tell: ALLOW_TELLING } })
  await createFunction(cloud, 'source', 'report', { role, code: 'exports.handler = async ({ id }) => id' })
  const { QueueUrl = '' } = await cloud
    .client(SQSClient, 'source')
    .send(new CreateQueueCommand({ QueueName: 'report' }))
  queue = QueueUrl
  await cloud.client(LambdaClient, 'source').send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'report',
      DestinationConfig: { OnSuccess: { Destination: `arn:aws:sqs:us-east-1:${ACCOUNTS.source}:report` } },
    }),
  )
  await cloud.stop()
})

afterAll(async () => {
  await place.close()
})

type Writer = (cloud: RunningCloud, name: string) => Promise<void>

/** Each does one thing after the other, and notes it once it is acknowledged. */
const writers: Readonly<Record<string, Writer>> = {
  async user(cloud, name) {
    const iam = cloud.client(IAMClient, 'source')
    await iam.send(new CreateUserCommand({ UserName: name }))
    acknowledged.users.add(name)
    if (Math.random() < 0.3) {
      // From here on it may be gone.
      acknowledged.users.delete(name)
      await iam.send(new DeleteUserCommand({ UserName: name }))
      acknowledged.deletedUsers.add(name)
    }
  },
  async rolePolicy(cloud, name) {
    const document = JSON.stringify({ ...ALLOW_LOGS, Id: name })
    const policy = { RoleName: 'durable', PolicyName: name.slice(0, 3) }
    acknowledged.rolePolicies.delete(policy.PolicyName)
    await cloud.client(IAMClient, 'source').send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document }))
    acknowledged.rolePolicies.set(policy.PolicyName, document)
  },
  async alias(cloud, name) {
    const lambda = cloud.client(LambdaClient, 'source')
    const code = await zipOf({ 'index.js': `exports.handler = async () => '${name}'` })
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: code },
      }),
    )
    // The SDK's waiter would not notice that the cloud is gone.
    await eventually(async () => {
      const { State } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
      return State === 'Active' || undefined
    })
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: name }))
    await lambda.send(new CreateAliasCommand({ FunctionName: name, Name: 'prod', FunctionVersion: Version }))
    acknowledged.aliases.set(name, '1')
    const statement = { StatementId: 'target', Action: 'lambda:InvokeFunction', Principal: ACCOUNTS.target }
    await lambda.send(new AddPermissionCommand({ FunctionName: `${name}:prod`, ...statement }))
    acknowledged.granted.add(name)
    acknowledged.aliases.delete(name)
    await lambda.send(new UpdateAliasCommand({ FunctionName: name, Name: 'prod', FunctionVersion: '$LATEST' }))
    acknowledged.aliases.set(name, '$LATEST')
  },
  async policy(cloud, name) {
    const organizations = cloud.client(OrganizationsClient, 'management')
    const Content = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 's3:*', Resource: '*' },
    })
    const { Policy } = await organizations.send(
      new CreatePolicyCommand({ Name: name, Description: name, Type: 'SERVICE_CONTROL_POLICY', Content }),
    )
    acknowledged.policies.add(name)
    // An account takes five.
    if (acknowledged.attachedPolicies.size >= 4) return
    await organizations.send(
      new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id, TargetId: ACCOUNTS.target }),
    )
    acknowledged.attachedPolicies.add(name)
  },
  async stack(cloud, name) {
    const template = { Resources: { Group: { Type: 'AWS::Logs::LogGroup' } } }
    const cloudFormation = cloud.client(CloudFormationClient, 'source')
    await cloudFormation.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }))
    acknowledged.stacks.add(name)
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))
    if (Stacks?.[0]?.StackStatus === 'CREATE_COMPLETE') acknowledged.completeStacks.add(name)
  },
  async logGroup(cloud, name) {
    const logGroupName = `/group/${name}`
    await cloud.client(CloudWatchLogsClient, 'source').send(new CreateLogGroupCommand({ logGroupName }))
    acknowledged.logGroups.add(logGroupName)
  },
  async event(cloud, name) {
    const { StatusCode } = await cloud.client(LambdaClient, 'source').send(
      new InvokeCommand({
        FunctionName: 'report',
        InvocationType: 'Event',
        Payload: Buffer.from(`{"id":"${name}"}`),
      }),
    )
    expect(StatusCode).toBe(202)
    acknowledged.events.add(name)
  },
}

/** Writes until the cloud is gone. */
async function write(cloud: RunningCloud, kind: string, writer: Writer, round: number): Promise<void> {
  for (let count = 0; ; count++) {
    try {
      await writer(cloud, `${kind}-${round}-${count}`)
      written.add(kind)
    } catch (error) {
      if (isLostConnection(error)) return
      throw error
    }
  }
}

function isLostConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE'
}

async function gather<Page, T>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly T[] | undefined,
): Promise<T[]> {
  const found: T[] = []
  for await (const page of pages) found.push(...(items(page) ?? []))
  return found
}

/** Everything acknowledged that the cloud no longer knows, or knows otherwise. */
async function lost(cloud: RunningCloud): Promise<readonly string[]> {
  const missing = (kind: string, wanted: Iterable<string>, found: Iterable<string | undefined>) => {
    const there = new Set(found)
    return [...wanted].filter((name) => !there.has(name)).map((name) => `${kind} ${name}`)
  }
  const iam = cloud.client(IAMClient, 'source')
  const lambda = cloud.client(LambdaClient, 'source')
  const client = cloud.client(CloudFormationClient, 'source')
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  const organizations = cloud.client(OrganizationsClient, 'management')

  const users = (await gather(paginateListUsers({ client: iam }, {}), ({ Users }) => Users)).map(
    ({ UserName }) => UserName,
  )
  const resurrected = users.filter((name) => name !== undefined && acknowledged.deletedUsers.has(name))
  const rolePolicies: string[] = []
  for (const PolicyName of acknowledged.rolePolicies.keys()) {
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName: 'durable', PolicyName }))
    rolePolicies.push(decodeURIComponent(PolicyDocument))
  }
  const aliases: string[] = []
  for (const FunctionName of acknowledged.aliases.keys()) {
    const found = await gather(paginateListAliases({ client: lambda }, { FunctionName }), ({ Aliases }) => Aliases)
    aliases.push(...found.map(({ FunctionVersion }) => `${FunctionName} ${FunctionVersion}`))
  }
  const granted: string[] = []
  for (const name of acknowledged.granted) {
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: `${name}:prod` }))
    if (Policy?.includes(`arn:aws:iam::${ACCOUNTS.target}:root`)) granted.push(name)
  }
  const Filter = 'SERVICE_CONTROL_POLICY'
  const policies = await gather(paginateListPolicies({ client: organizations }, { Filter }), ({ Policies }) => Policies)
  const attached: (string | undefined)[] = []
  for (const { Id, Name } of policies) {
    if (Name === undefined || !acknowledged.attachedPolicies.has(Name)) continue
    const targets = await gather(
      paginateListTargetsForPolicy({ client: organizations }, { PolicyId: Id }),
      ({ Targets }) => Targets,
    )
    if (targets.some(({ TargetId }) => TargetId === ACCOUNTS.target)) attached.push(Name)
  }
  const stacks = await gather(paginateListStacks({ client }, {}), ({ StackSummaries }) => StackSummaries)
  const groups = await gather(paginateDescribeLogGroups({ client: logs }, {}), ({ logGroups }) => logGroups)
  return [
    ...missing('user', acknowledged.users, users),
    ...resurrected.map((name) => `the deletion of ${name}`),
    ...missing('role policy', acknowledged.rolePolicies.values(), rolePolicies),
    ...missing(
      'alias',
      [...acknowledged.aliases].map((alias) => alias.join(' ')),
      aliases,
    ),
    ...missing('permission', acknowledged.granted, granted),
    ...missing(
      'policy',
      acknowledged.policies,
      policies.map(({ Name }) => Name),
    ),
    ...missing('attachment', acknowledged.attachedPolicies, attached),
    ...missing(
      'stack',
      acknowledged.stacks,
      stacks.map(({ StackName }) => StackName),
    ),
    ...missing(
      'log group',
      acknowledged.logGroups,
      groups.map(({ logGroupName }) => logGroupName),
    ),
  ]
}

/** What the queue was not told of yet. */
async function undelivered(cloud: RunningCloud): Promise<readonly string[]> {
  const sqs = cloud.client(SQSClient, 'source')
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return [...acknowledged.events].filter((id) => !delivered.has(id))
    for (const { Body = '' } of Messages)
      delivered.add((JSON.parse(Body) as { responsePayload: string }).responsePayload)
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue, Entries }))
  }
}

/**
 * A stack whose creation the kill cut off is rolled back: it is there with its log group, or neither is. One that was seen complete stays so.
 */
async function halfMadeStacks(cloud: RunningCloud): Promise<readonly string[]> {
  const client = cloud.client(CloudFormationClient, 'source')
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  const statuses = await eventually(async () => {
    const stacks = await gather(paginateListStacks({ client }, {}), ({ StackSummaries }) => StackSummaries)
    const found = stacks.map(({ StackName = '', StackStatus = '' }) => [StackName, StackStatus] as const)
    return found.some(([, status]) => status.endsWith('_IN_PROGRESS')) ? undefined : found
  })
  const groups = await gather(paginateDescribeLogGroups({ client: logs }, {}), ({ logGroups }) => logGroups)
  const hasGroup = (name: string) => groups.some(({ logGroupName }) => logGroupName?.startsWith(`${name}-Group-`))
  return statuses
    .filter(([name, status]) => {
      const made = status === 'CREATE_COMPLETE' && hasGroup(name)
      const unmade = status === 'ROLLBACK_COMPLETE' && !hasGroup(name)
      return !made && !(unmade && !acknowledged.completeStacks.has(name))
    })
    .map((stack) => stack.join(' '))
}

it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
  'keeps everything it acknowledged before a SIGKILL (round %i)',
  async (round) => {
    const cloud = await place.up()
    const writing = Object.entries(writers).map(([kind, writer]) => write(cloud, kind, writer, round))
    const delayMs = Math.random() * KILL_AFTER_MS_MAX
    const killed = async () => {
      await expect.poll(() => written.size, { timeout: WRITING_MS_MAX }).toBe(Object.keys(writers).length)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
    // A writer that fails for another reason than the kill ends the round.
    await Promise.race([Promise.all(writing), killed()])
    await cloud.kill('SIGKILL')
    await Promise.all(writing)

    const next = await place.up()
    expect({ delayMs, lost: await lost(next) }).toEqual({ delayMs, lost: [] })
    await expect.poll(() => undelivered(next), { timeout: DELIVERY_MS_MAX }).toEqual([])
    expect(await halfMadeStacks(next)).toEqual([])
    await next.stop()
  },
)
