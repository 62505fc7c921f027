/** Every resource type: made, changed in place, and gone. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  GetGroupCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRoleTagsCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import {
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetPolicyCommand as GetFunctionPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, reasonOf, settledStack, story, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient
let iam: IAMClient
let lambda: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
  iam = cloud.client(IAMClient, 'source')
  lambda = cloud.client(LambdaClient, 'source')
})

afterAll(async () => {
  await cloud?.close()
})

const TAGS = { Tags: [{ Key: 'stack', Value: 'yes' }] }

const assumedBy = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
})

const allowing = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
})

const resource = (type: string, properties: object = {}, more: object = {}) => ({
  Type: type,
  Properties: properties,
  ...more,
})

const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

async function removed(name: string, id: string | undefined): Promise<void> {
  await cfn.send(new DeleteStackCommand({ StackName: name }))
  expect((await settledStack(cfn, id ?? '')).StackStatus).toBe('DELETE_COMPLETE')
}

const outputs = (stack: {
  Outputs?: { OutputKey?: string | undefined; OutputValue?: string | undefined }[] | undefined
}) => Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))

test('AWS::IAM::Role', async () => {
  const Outputs = {
    Ref: { Value: { Ref: 'R' } },
    Arn: { Value: { 'Fn::GetAtt': ['R', 'Arn'] } },
    Id: { Value: { 'Fn::GetAtt': ['R', 'RoleId'] } },
  }
  const stack = await created(
    cfn,
    'role',
    {
      Resources: {
        R: resource('AWS::IAM::Role', {
          AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com'),
          Description: 'first',
          ManagedPolicyArns: [BASIC],
          MaxSessionDuration: 7200,
          PermissionsBoundary: READ_ONLY,
          Policies: [
            { PolicyName: 'kept', PolicyDocument: allowing('s3:Get*') },
            { PolicyName: 'dropped', PolicyDocument: allowing('s3:*') },
          ],
          Tags: [{ Key: 'own', Value: '1' }],
        }),
      },
      Outputs,
    },
    TAGS,
  )
  const { Ref: RoleName = '', Arn, Id } = outputs(stack)
  expect(RoleName).toMatch(/^role-R-[A-Z0-9]{12}$/)
  expect(Id).toMatch(/^AROA/)
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName }))
  expect(role).toMatchObject({
    Arn,
    RoleId: Id,
    Description: 'first',
    MaxSessionDuration: 7200,
    PermissionsBoundary: { PermissionsBoundaryArn: READ_ONLY },
  })
  const tagsOf = async () =>
    Object.fromEntries(
      (await iam.send(new ListRoleTagsCommand({ RoleName }))).Tags?.map(({ Key, Value }) => [Key, Value]) ?? [],
    )
  expect(await tagsOf()).toEqual({ own: '1', stack: 'yes' })

  const after = await updated(cfn, 'role', {
    Resources: {
      R: resource('AWS::IAM::Role', {
        AssumeRolePolicyDocument: assumedBy('ec2.amazonaws.com'),
        ManagedPolicyArns: [READ_ONLY],
        Policies: [{ PolicyName: 'kept', PolicyDocument: allowing('s3:List*') }],
        Tags: [{ Key: 'own', Value: '2' }],
      }),
    },
    Outputs,
  })
  expect(outputs(after)).toEqual(outputs(stack))
  const { Role: changed } = await iam.send(new GetRoleCommand({ RoleName }))
  expect(changed).toMatchObject({ MaxSessionDuration: 3600 })
  expect(changed?.PermissionsBoundary).toBeUndefined()
  expect(decodeURIComponent(changed?.AssumeRolePolicyDocument ?? '')).toContain('ec2.amazonaws.com')
  expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toMatchObject([
    { PolicyArn: READ_ONLY },
  ])
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['kept'])
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'kept' }))
  expect(decodeURIComponent(inline.PolicyDocument ?? '')).toContain('s3:List*')
  expect(await tagsOf()).toEqual({ own: '2', stack: 'yes' })
  await removed('role', stack.StackId)
  await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({ name: 'NoSuchEntityException' })
})

test('AWS::IAM::User, Group, Policy and ManagedPolicy', async () => {
  const template = ({
    inGroup,
    action,
    path,
    name,
  }: {
    inGroup: boolean
    action: string
    path: string
    name: string
  }) => ({
    Resources: {
      Group: resource('AWS::IAM::Group', {
        GroupName: 'engineers',
        Path: path,
        ManagedPolicyArns: [inGroup ? BASIC : READ_ONLY],
      }),
      User: resource(
        'AWS::IAM::User',
        {
          UserName: 'ada',
          Path: path,
          Groups: inGroup ? [{ Ref: 'Group' }] : [],
          Policies: [{ PolicyName: 'own', PolicyDocument: allowing(action) }],
          ...(inGroup && { PermissionsBoundary: READ_ONLY }),
          Tags: [{ Key: 'k', Value: action }],
        },
        { DependsOn: 'Group' },
      ),
      Policy: resource('AWS::IAM::Policy', {
        PolicyName: name,
        PolicyDocument: allowing(action),
        Groups: [{ Ref: 'Group' }],
        ...(inGroup && { Users: [{ Ref: 'User' }] }),
      }),
      Managed: resource('AWS::IAM::ManagedPolicy', {
        ManagedPolicyName: 'managed',
        PolicyDocument: allowing(action),
        ...(inGroup ? { Users: [{ Ref: 'User' }] } : { Groups: [{ Ref: 'Group' }] }),
      }),
    },
    Outputs: {
      User: { Value: { 'Fn::GetAtt': ['User', 'Arn'] } },
      Group: { Value: { 'Fn::GetAtt': ['Group', 'Arn'] } },
      Managed: { Value: { Ref: 'Managed' } },
      Policy: { Value: { Ref: 'Policy' } },
    },
  })
  const first = template({ inGroup: true, action: 's3:GetObject', path: '/', name: 'first' })
  const stack = await created(cfn, 'identities', first)
  const { Managed: PolicyArn, Policy: policyId } = outputs(stack)
  expect(outputs(stack)).toMatchObject({
    User: 'arn:aws:iam::111122223333:user/ada',
    Managed: 'arn:aws:iam::111122223333:policy/managed',
  })
  expect(policyId).toMatch(/^ident-Poli-[A-Z0-9]{12}$/)
  const UserName = 'ada'
  const GroupName = 'engineers'
  expect((await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups).toHaveLength(1)
  expect((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual(['first', 'own'])
  expect((await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies).toMatchObject([
    { PolicyArn },
  ])

  const second = template({ inGroup: false, action: 's3:PutObject', path: '/moved/', name: 'second' })
  const after = await updated(cfn, 'identities', second)
  expect(after.StackStatus).toBe('UPDATE_COMPLETE')
  expect(outputs(after)).toMatchObject({
    User: 'arn:aws:iam::111122223333:user/moved/ada',
    Group: 'arn:aws:iam::111122223333:group/moved/engineers',
    Policy: policyId,
  })
  const { User: user } = await iam.send(new GetUserCommand({ UserName }))
  expect(user).toMatchObject({ Path: '/moved/', Tags: [{ Key: 'k', Value: 's3:PutObject' }] })
  expect(user?.PermissionsBoundary).toBeUndefined()
  expect((await iam.send(new GetGroupCommand({ GroupName }))).Users).toEqual([])
  expect((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual(['own'])
  expect((await iam.send(new ListGroupPoliciesCommand({ GroupName }))).PolicyNames).toEqual(['second'])
  expect((await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies).toEqual([])
  const attached = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }))
  expect(new Set(attached.AttachedPolicies?.map((policy) => policy.PolicyArn))).toEqual(new Set([PolicyArn, READ_ONLY]))
  const { Policy: managed } = await iam.send(new GetPolicyCommand({ PolicyArn }))
  expect(managed?.DefaultVersionId).toBe('v2')

  // More updates than IAM keeps versions.
  for (const action of ['s3:A', 's3:B', 's3:C', 's3:D', 's3:E']) {
    const next = await updated(cfn, 'identities', template({ inGroup: false, action, path: '/moved/', name: 'second' }))
    expect(next.StackStatus).toBe('UPDATE_COMPLETE')
  }
  const { Versions: versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
  expect(versions).toHaveLength(5)
  const current = versions.find(({ IsDefaultVersion }) => IsDefaultVersion)
  const { PolicyVersion: version } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: current?.VersionId }),
  )
  expect(decodeURIComponent(version?.Document ?? '')).toContain('s3:E')
  await removed('identities', stack.StackId)
  await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'NoSuchEntityException' })
  await expect(iam.send(new GetUserCommand({ UserName }))).rejects.toMatchObject({ name: 'NoSuchEntityException' })
})

test('AWS::IAM::Policy for nobody fails', async () => {
  await created(cfn, 'nobody', {
    Resources: { P: resource('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: allowing('s3:*') }) },
  })
  expect(await reasonOf(cfn, 'nobody', 'P', 'CREATE_FAILED')).toContain(
    'At least one of [Groups,Roles,Users] must be non-empty.',
  )
})

test('AWS::Lambda::Function, Version, Alias and Permission', async () => {
  const template = ({
    text,
    version,
    more = {},
    alias = {},
  }: {
    text: string
    version: string
    more?: object
    alias?: object
  }) => ({
    Resources: {
      Role: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') }),
      F: resource('AWS::Lambda::Function', {
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: `exports.handler = async () => '${text} ' + process.env.WHO` },
        Environment: { Variables: { WHO: 'world', NUMBER: 1 } },
        ...more,
      }),
      [version]: resource('AWS::Lambda::Version', { FunctionName: { Ref: 'F' }, Description: text }),
      Alias: resource('AWS::Lambda::Alias', {
        Name: 'live',
        FunctionName: { Ref: 'F' },
        FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
        ...alias,
      }),
      Permission: resource('AWS::Lambda::Permission', {
        FunctionName: { Ref: 'Alias' },
        Action: 'lambda:InvokeFunction',
        Principal: '444455556666',
        PrincipalOrgID: { Ref: 'AWS::NoValue' },
      }),
    },
    Outputs: {
      Name: { Value: { Ref: 'F' } },
      Arn: { Value: { 'Fn::GetAtt': ['F', 'Arn'] } },
      Version: { Value: { Ref: version } },
      Alias: { Value: { Ref: 'Alias' } },
      Sid: { Value: { Ref: 'Permission' } },
    },
  })
  const first = template({
    text: 'hello',
    version: 'V1',
    more: {
      Description: 'd',
      MemorySize: '256',
      Timeout: 7,
      ReservedConcurrentExecutions: 5,
      Tags: [{ Key: 'a', Value: 'b' }],
    },
    alias: { Description: 'live' },
  })
  const stack = await created(cfn, 'fn', first, TAGS)
  expect(stack.StackStatus).toBe('CREATE_COMPLETE')
  const { Name: FunctionName = '', Arn = '', Version, Alias = '', Sid } = outputs(stack)
  expect(FunctionName).toMatch(/^fn-F-[A-Z0-9]{12}$/)
  expect([Version, Alias]).toEqual([`${Arn}:1`, `${Arn}:live`])
  const invoke = async () =>
    Buffer.from((await lambda.send(new InvokeCommand({ FunctionName: Alias }))).Payload ?? []).toString()
  expect(await invoke()).toBe('"hello world"')
  const before = await lambda.send(new GetFunctionCommand({ FunctionName }))
  expect(before.Configuration).toMatchObject({
    MemorySize: 256,
    Timeout: 7,
    Description: 'd',
    Environment: { Variables: { WHO: 'world', NUMBER: '1' } },
  })
  expect(before.Tags).toEqual({ a: 'b', stack: 'yes' })
  const policy = await lambda.send(new GetFunctionPolicyCommand({ FunctionName, Qualifier: 'live' }))
  expect(JSON.parse(policy.Policy ?? '')).toMatchObject({ Statement: [{ Sid, Resource: Alias }] })

  const second = template({
    text: 'bye',
    version: 'V2',
    more: { Environment: { Variables: { WHO: 'moon' } }, Tags: [{ Key: 'c', Value: 'd' }] },
  })
  expect((await updated(cfn, 'fn', second)).StackStatus).toBe('UPDATE_COMPLETE')
  expect(await invoke()).toBe('"bye moon"')
  const after = await lambda.send(new GetFunctionCommand({ FunctionName }))
  expect(after.Configuration).toMatchObject({ MemorySize: 128, Timeout: 3, Description: '' })
  expect(after.Tags).toEqual({ c: 'd', stack: 'yes' })
  const concurrency = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))
  expect(concurrency.ReservedConcurrentExecutions).toBeUndefined()
  const { Versions: versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }))
  expect(versions.map((one) => one.Version)).toEqual(['$LATEST', '2'])
  expect(await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({
    Description: '',
    FunctionVersion: '2',
  })

  // A version of what has not changed is the stack's own version again: AWS refuses to have it twice.
  const third = await updated(cfn, 'fn', {
    ...second,
    Resources: { ...second.Resources, V3: resource('AWS::Lambda::Version', { FunctionName: { Ref: 'F' } }) },
  })
  expect(third.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await reasonOf(cfn, 'fn', 'V3', 'CREATE_FAILED')).toContain(
    'A version for this Lambda function exists ( 2 ). Modify the function to create a new version.',
  )
  expect(await invoke()).toBe('"bye moon"')
  await removed('fn', stack.StackId)
  await expect(lambda.send(new GetFunctionCommand({ FunctionName }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('an alias shares calls between versions', async () => {
  const fn = (text: string) => ({
    Role: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') }),
    F: resource('AWS::Lambda::Function', {
      FunctionName: 'shared',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: `exports.handler = async () => '${text}'` },
    }),
    V1: resource('AWS::Lambda::Version', { FunctionName: { Ref: 'F' } }),
  })
  const alias = (version: string, routing: object = {}) =>
    resource('AWS::Lambda::Alias', {
      Name: 'live',
      FunctionName: { Ref: 'F' },
      FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
      ...routing,
    })
  const V2 = resource('AWS::Lambda::Version', { FunctionName: { Ref: 'F' } })
  const weights = {
    RoutingConfig: {
      AdditionalVersionWeights: [{ FunctionVersion: { 'Fn::GetAtt': ['V2', 'Version'] }, FunctionWeight: '0.25' }],
    },
  }
  await created(cfn, 'shared', { Resources: { ...fn('1'), Alias: alias('V1') } })
  await updated(cfn, 'shared', { Resources: { ...fn('2'), V2, Alias: alias('V1', weights) } })
  const live = () => lambda.send(new GetAliasCommand({ FunctionName: 'shared', Name: 'live' }))
  expect(await live()).toMatchObject({ FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } } })
  await updated(cfn, 'shared', { Resources: { ...fn('2'), V2, Alias: alias('V2') } })
  expect((await live()).RoutingConfig).toBeUndefined()
})

test('renaming a function replaces everything that belongs to it, old ones last', async () => {
  const template = (name: string) => ({
    Resources: {
      Role: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') }),
      F: resource('AWS::Lambda::Function', {
        FunctionName: name,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: 'exports.handler = async () => 1' },
      }),
      V: resource('AWS::Lambda::Version', { FunctionName: { Ref: 'F' } }),
      A: resource('AWS::Lambda::Alias', {
        Name: 'live',
        FunctionName: { Ref: 'F' },
        FunctionVersion: { 'Fn::GetAtt': ['V', 'Version'] },
      }),
      P: resource('AWS::Lambda::Permission', {
        FunctionName: { Ref: 'A' },
        Action: 'lambda:InvokeFunction',
        Principal: '444455556666',
      }),
    },
    Outputs: { Alias: { Value: { Ref: 'A' } } },
  })
  await created(cfn, 'renamed', template('before'))
  const stack = await updated(cfn, 'renamed', template('after'))
  expect(stack.StackStatus).toBe('UPDATE_COMPLETE')
  expect(outputs(stack)['Alias']).toBe('arn:aws:lambda:us-east-1:111122223333:function:after:live')
  const told = await story(cfn, 'renamed')
  const deletions = told.filter((line) => line.endsWith('DELETE_COMPLETE'))
  expect(deletions).toEqual(['P DELETE_COMPLETE', 'A DELETE_COMPLETE', 'V DELETE_COMPLETE', 'F DELETE_COMPLETE'])
  expect(told.some((line) => line.includes('DELETE_FAILED'))).toBe(false)
  await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'before' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('what Lambda refuses, its resource refuses', async () => {
  const fn = (properties: object) => ({
    Resources: {
      Role: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') }),
      F: resource('AWS::Lambda::Function', {
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Handler: 'index.handler',
        Runtime: 'nodejs22.x',
        Code: { ZipFile: '1' },
        ...properties,
      }),
    },
  })
  const reasons = async (name: string, properties: object) => {
    expect((await created(cfn, name, fn(properties))).StackStatus).toBe('ROLLBACK_COMPLETE')
    return reasonOf(cfn, name, 'F', 'CREATE_FAILED')
  }
  expect(await reasons('f-java', { Runtime: 'java21' })).toContain(
    'ZipFile can only be used when Runtime is set to either of nodejs or python.',
  )
  expect(await reasons('f-recursive', { RecursiveLoop: 'Allow' })).toContain(
    '[#/RecursiveLoop: this property is not supported by Isthmus]',
  )
  expect(await reasons('f-layers', { Layers: ['arn:aws:lambda:us-east-1:111122223333:layer:l:1'] })).toMatch(
    'Layer version arn:aws:lambda:us-east-1:111122223333:layer:l:1 does not exist.',
  )
  expect(await reasons('f-required', { Code: { Ref: 'AWS::NoValue' } })).toContain('#: required key [Code] not found')
})

test('AWS::Logs::LogGroup', async () => {
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  const group = (properties: object) => ({
    Resources: { G: resource('AWS::Logs::LogGroup', { LogGroupName: '/a/group', ...properties }) },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['G', 'Arn'] } } },
  })
  const stack = await created(cfn, 'logs', group({ RetentionInDays: 14, LogGroupClass: 'STANDARD' }))
  const described = async () =>
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/a/group' }))).logGroups?.[0]
  expect(outputs(stack)['Arn']).toBe('arn:aws:logs:us-east-1:111122223333:log-group:/a/group:*')
  expect(await described()).toMatchObject({ arn: outputs(stack)['Arn'], retentionInDays: 14 })
  await updated(cfn, 'logs', group({ LogGroupClass: 'STANDARD' }))
  expect((await described())?.retentionInDays).toBeUndefined()
  await removed('logs', stack.StackId)
  expect(await described()).toBeUndefined()
})
