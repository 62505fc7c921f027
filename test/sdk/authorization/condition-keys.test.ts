/**
 * The condition keys that requests carry, against AWS's Service Authorization Reference: none that AWS does not list for the action, and of
 * those it lists all but the ones that docs/condition-keys.md names.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as events from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as organizations from '@aws-sdk/client-organizations'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import * as sts from '@aws-sdk/client-sts'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCompute } from '../../../src/compute/compute.ts'
import { parseAccountId } from '../../../src/core/account.ts'
import { AwsError } from '../../../src/core/aws-error.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { randomIds } from '../../../src/core/ids.ts'
import { parseRegion } from '../../../src/core/region.ts'
import { serviceAuthorizations } from '../../../src/policy/data/iam-data.ts'
import type { ServiceAuthorization } from '../../../src/policy/service-authorization.ts'
import type { Caller } from '../../../src/services/caller.ts'
import type { CallOperation, CloudService } from '../../../src/services/cloud-service.ts'
import { createCloudFormation } from '../../../src/services/cloudformation/index.ts'
import type { QuotaDirectory } from '../../../src/services/directories.ts'
import { createCloudWatch } from '../../../src/services/cloudwatch/index.ts'
import { createEc2 } from '../../../src/services/ec2/index.ts'
import { createEvents } from '../../../src/services/events/index.ts'
import { createIam } from '../../../src/services/iam/index.ts'
import { createLambda, type Lambda } from '../../../src/services/lambda/index.ts'
import { createLogs } from '../../../src/services/logs/index.ts'
import type { Permission } from '../../../src/services/operation.ts'
import { createOrganizations } from '../../../src/services/organizations/index.ts'
import { createSns } from '../../../src/services/sns/index.ts'
import { createSqs } from '../../../src/services/sqs/index.ts'
import { createSts } from '../../../src/services/sts/index.ts'
import { createBlobs } from '../../../src/state/blobs.ts'
import { createScratchDirectory } from '../../../src/state/scratch.ts'
import { createState } from '../../../src/state/state.ts'
import { createServiceModel } from '../../../src/wire/service-model.ts'
import { valueOf } from '../shape-arbitrary.ts'

const ACCOUNT = '111122223333'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/p`
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:t`
const SEED = 20_261_123
/** Per operation: all members, then some of them. */
const SAMPLES = 12
const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'condition-keys.md')

const scratch = createScratchDirectory(undefined)
const foundations = { state: createState(), clock: systemClock, ids: randomIds }
const call: CallOperation = () => Promise.reject(new Error('permissions alone call nobody'))
const identity = createIam(foundations)
const sessions = createSts({ ...foundations, identities: identity.directory })
const organization = createOrganizations({ ...foundations, onAccountCreated: () => undefined })
const quotas: QuotaDirectory = { valueOf: ({ defaultValue }) => defaultValue }
const networks = createEc2({ ...foundations, quotas })
const functions: Lambda = createLambda({
  ...foundations,
  identities: identity.directory,
  organizations: organization.directory,
  sessions: sessions.sessions,
  quotas,
  ec2: networks.network,
  networkSettled: () => Promise.resolve(),
  call,
  allows: () => true,
  allowsAction: () => true,
  metrics: createCloudWatch({ ...foundations, notice: () => undefined }).metrics,
  blobs: createBlobs(scratch.subdirectory('code')),
  workDirectory: scratch.subdirectory('functions'),
  codeLocation: () => '',
  functionUrl: () => Promise.resolve(''),
  createCompute: (host) => createCompute({ ...foundations, host, workDirectory: scratch.subdirectory('environments') }),
  endpointUrl: () => '',
  runtimeExecutable: () => undefined,
  aheadMs: () => 0,
  notice: () => undefined,
})
const services: readonly { readonly service: CloudService; readonly sdk: Readonly<Record<string, unknown>> }[] = [
  { service: functions.service, sdk: lambda },
  { service: identity.service, sdk: iam },
  { service: sessions.service, sdk: sts },
  { service: organization.service, sdk: organizations },
  { service: createLogs({ ...foundations, call, notice: () => undefined }).service, sdk: logs },
  { service: createCloudFormation({ ...foundations, call }).service, sdk: cloudformation },
  {
    service: createEvents({
      ...foundations,
      identities: identity.directory,
      organizations: organization.directory,
      sessions: sessions.sessions,
      call,
      endpointUrl: () => '',
      notice: () => undefined,
    }).service,
    sdk: events,
  },
  {
    service: createSns({
      ...foundations,
      identities: identity.directory,
      call,
      endpointUrl: () => '',
      notice: () => undefined,
    }).service,
    sdk: sns,
  },
  { service: createSqs({ ...foundations, identities: identity.directory, endpointUrl: () => '' }).service, sdk: sqs },
]

/** What members mean that random text cannot be. */
const KNOWN: Readonly<Record<string, unknown>> = {
  RoleName: 'r',
  UserName: 'u',
  GroupName: 'g',
  PolicyName: 'p',
  PolicyArn: POLICY,
  PermissionsBoundary: POLICY,
  FunctionName: 'f',
  Qualifier: 'prod',
  Name: 'prod',
  Role: ROLE,
  RoleArn: ROLE,
  Resource: FUNCTION,
  ResourceArn: FUNCTION,
  Arn: FUNCTION,
  AWSServiceName: 'lambda.amazonaws.com',
  Policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'lambda:*', Resource: FUNCTION }],
  }),
  Principal: ACCOUNT,
  SourceIdentity: 'alice',
  StackName: 's',
  ChangeSetName: 'c',
  PolicySourceArn: ROLE,
  QueueUrl: `http://127.0.0.1/${ACCOUNT}/q`,
  QueueName: 'q',
  EventBusName: 'bus',
  ResourceARN: `arn:aws:events:us-east-1:${ACCOUNT}:rule/r`,
  TopicArn: TOPIC,
  TargetArn: TOPIC,
  SubscriptionArn: `${TOPIC}:1`,
  QueueOwnerAWSAccountId: ACCOUNT,
}

/** Carried only where a policy or a function URL is in place that has something to say of them. */
const OF_WHAT_IS_IN_PLACE = new Set([
  'lambda:GetFunctionUrlConfig lambda:functionurlauthtype',
  'lambda:DeleteFunctionUrlConfig lambda:functionurlauthtype',
  'lambda:RemovePermission lambda:functionurlauthtype',
  'lambda:DeleteResourcePolicy lambda:principal',
])

/** Action → the keys of every permission that was asked of it, lower case. */
const seen = new Map<string, Set<string>>()

/** `action key` → whether the values seen of a service's own key were lists. */
const lists = new Map<string, boolean>()

function keysOf({ context = {}, requestTags, ...permission }: Permission): readonly string[] {
  return [
    ...Object.keys(context),
    ...(requestTags ? ['aws:requesttag/', 'aws:tagkeys'] : []),
    ...('resourceTags' in permission ? ['aws:resourcetag/'] : []),
  ].map(withoutTagKey)
}

/** `aws:ResourceTag/${TagKey}` and `iam:resourcetag/team` are keys of one kind. */
function withoutTagKey(key: string): string {
  return key.toLowerCase().replace(/\/.*$/, '/')
}

beforeAll(async () => {
  identity.createAdministrator(parseAccountId(ACCOUNT), 'u')
  const administrator = identity.administrator(parseAccountId(ACCOUNT), 'u')
  if (!administrator) throw new Error('there is no administrator')
  const caller: Caller = {
    principal: administrator.principal,
    account: parseAccountId(ACCOUNT),
    region: parseRegion('us-east-1'),
    requestId: '',
  }
  const Tags = [{ Key: 'team', Value: 'a' }]
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }],
  }
  const make = (operation: string, input: object) => identity.service.operations[operation]?.handle(input, caller)
  await make('CreatePolicy', { PolicyName: 'p', PolicyDocument: JSON.stringify(document), Tags })
  await make('CreateRole', {
    RoleName: 'r',
    AssumeRolePolicyDocument: JSON.stringify(trust),
    PermissionsBoundary: POLICY,
    Tags,
  })
  await make('TagUser', { UserName: 'u', Tags })
  await make('PutUserPermissionsBoundary', { UserName: 'u', PermissionsBoundary: POLICY })
  const makeNetwork = async (operation: string, input: object) =>
    networks.service.operations[operation]?.handle(input, caller)
  const { Vpc } = (await makeNetwork('CreateVpc', { CidrBlock: '10.0.0.0/16' })) as { Vpc: { VpcId: string } }
  const { Subnet } = (await makeNetwork('CreateSubnet', { VpcId: Vpc.VpcId, CidrBlock: '10.0.1.0/24' })) as {
    Subnet: { SubnetId: string }
  }
  const known: typeof KNOWN = { ...KNOWN, VpcConfig: { SubnetIds: [Subnet.SubnetId], SecurityGroupIds: ['sg-1'] } }

  for (const { service, sdk } of services) {
    const model = createServiceModel(service.description, sdk)
    for (const [name, operation] of Object.entries(service.operations)) {
      const shape = model.operation(name)?.input
      if (!shape) throw new Error(`the SDK has no operation ${name}`)
      const inputs = (['all', 'some'] as const).flatMap((members) =>
        fc.sample(valueOf(shape, { members }), { seed: SEED, numRuns: SAMPLES }),
      )
      for (const input of inputs) {
        const members = Object.keys(input).filter((member) => Object.hasOwn(known, member))
        const sensible = {
          ...input,
          ...Object.fromEntries(members.map((member) => [member, known[member]])),
        }
        for (const permission of permissionsOf(operation, sensible, caller)) {
          const keys = seen.get(permission.action) ?? new Set()
          seen.set(permission.action, keys)
          for (const key of keysOf(permission)) keys.add(key)
          for (const [key, value] of Object.entries(permission.context ?? {})) {
            lists.set(`${permission.action} ${withoutTagKey(key)}`, Array.isArray(value))
          }
        }
      }
    }
  }
})

afterAll(async () => {
  await functions.close()
  scratch.remove()
})

function permissionsOf(
  operation: CloudService['operations'][string],
  input: object,
  caller: Caller,
): readonly Permission[] {
  try {
    return operation.permissions(input, caller)
  } catch (error) {
    // Some random input is refused before anything is checked.
    if (error instanceof AwsError) return []
    throw error
  }
}

function authorizationOf(action: string): { readonly service: ServiceAuthorization; readonly name: string } {
  const [prefix = '', name = ''] = action.split(':')
  const service = serviceAuthorizations[prefix]
  if (!service) throw new Error(`no table of ${prefix}`)
  return { service, name }
}

/** Of the action and of the resources it is on. */
function listedKeys(action: string): ReadonlySet<string> | undefined {
  const { service, name } = authorizationOf(action)
  const found = service.actions[name]
  if (!found) return undefined
  const ofResources = (found.on ?? []).flatMap((type) => service.resources[type]?.keys ?? [])
  return new Set([...(found.keys ?? []), ...ofResources].map(withoutTagKey))
}

interface Exception {
  readonly action: string
  readonly key: string
}

/** The rows of the page's tables under a heading. */
function exceptions(heading: string): readonly Exception[] {
  const section =
    readFileSync(PAGE, 'utf8')
      .split(/^## /m)
      .find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\|/gm)].map(([, key = '', action = '']) => ({
    key: withoutTagKey(key),
    action,
  }))
}

function isExcepted(list: readonly Exception[], { action, key }: Exception): boolean {
  return list.some(
    (exception) =>
      exception.key === key && (exception.action === action || exception.action === `${action.split(':')[0]}:*`),
  )
}

describe('every action', () => {
  test('that is asked for is one that AWS lists', () => {
    expect(seen.size).toBeGreaterThan(150)
    const unknown = [...seen.keys()].filter((action) => listedKeys(action) === undefined)
    expect(
      unknown.filter((action) => !isExcepted(exceptions('More than AWS lists'), { action, key: 'action' })),
    ).toEqual([])
  })

  test('carries no key that AWS does not list for it', () => {
    const more = exceptions('More than AWS lists')
    const surplus = [...seen].flatMap(([action, keys]) => {
      const listed = listedKeys(action)
      return [...keys]
        .filter((key) => listed && !listed.has(key) && !isExcepted(more, { action, key }))
        .map((key) => `${action} ${key}`)
    })
    expect(surplus).toEqual([])
  })

  test('of Lambda, IAM and STS carries every key that AWS lists for it, but for those the page names', () => {
    const less = exceptions('Less than AWS lists')
    const absent = [...seen]
      .filter(([action]) => /^(?:lambda|iam|sts):/.test(action))
      .flatMap(([action, keys]) =>
        [...(listedKeys(action) ?? [])]
          .filter((key) => !keys.has(key) && !isExcepted(less, { action, key }))
          .map((key) => `${action} ${key}`),
      )
      .filter((text) => !OF_WHAT_IS_IN_PLACE.has(text))
    expect(absent).toEqual([])
  })
})

describe('every key', () => {
  test('has a list of values exactly where AWS says so', () => {
    const wrong = [...lists].filter(([text, isList]) => {
      const [action = '', key = ''] = text.split(' ')
      // A whole policy has several, of which AWS does not say more than the type of one: see resource-policies.ts.
      if (key === 'lambda:principal') return false
      const { keys } = authorizationOf(action).service
      const type = Object.entries(keys).find(([name]) => withoutTagKey(name) === key)?.[1]
      return type !== undefined && type.startsWith('ArrayOf') !== isList
    })
    expect(lists.size).toBeGreaterThan(30)
    expect(wrong.map(([text]) => text)).toEqual([])
  })
})

describe('the page of exceptions', () => {
  test('names none that is none', () => {
    const isReal = (list: 'More than AWS lists' | 'Less than AWS lists') => (exception: Exception) =>
      [...seen].some(([action, keys]) => {
        if (!isExcepted([exception], { action, key: exception.key })) return false
        const listed = listedKeys(action)
        if (exception.key === 'action') return listed === undefined
        return list === 'More than AWS lists'
          ? keys.has(exception.key) && listed?.has(exception.key) === false
          : !keys.has(exception.key) && listed?.has(exception.key) === true
      })
    for (const list of ['More than AWS lists', 'Less than AWS lists'] as const) {
      expect(exceptions(list).filter((exception) => !isReal(list)(exception))).toEqual([])
    }
  })
})
