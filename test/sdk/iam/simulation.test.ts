/** The policy simulator: SimulateCustomPolicy, SimulatePrincipalPolicy, and the context keys that policies ask for. */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  IAMClient,
  InvalidInputException,
  NoSuchEntityException,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  type EvaluationResult,
  type SimulateCustomPolicyCommandInput,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam'
import {
  AttachPolicyCommand,
  CreatePolicyCommand as CreateOrganizationPolicyCommand,
  DetachPolicyCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, denying, policy, trusting } from './documents.ts'

const USER = 'arn:aws:iam::111122223333:user/alice'
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:f'
const FUNCTION_TEMPLATE = 'arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}'
const FOREIGN_FUNCTION = 'arn:aws:lambda:us-east-1:444455556666:function:f'
const INVOKE = 'lambda:InvokeFunction'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'alice' }))
  await iam.send(new CreateGroupCommand({ GroupName: 'callers' }))
  await iam.send(new AddUserToGroupCommand({ UserName: 'alice', GroupName: 'callers' }))
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'callers', PolicyName: 'invoke', PolicyDocument: allowing(INVOKE) }),
  )
  await iam.send(
    new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }) }),
  )
  await iam.send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: allowing('s3:*') }))
})
afterAll(() => cloud.close())

async function custom(input: Partial<SimulateCustomPolicyCommandInput>): Promise<readonly EvaluationResult[]> {
  const { EvaluationResults = [] } = await iam.send(
    new SimulateCustomPolicyCommand({ PolicyInputList: [], ActionNames: [INVOKE], ...input }),
  )
  return EvaluationResults
}

async function principal(input: Partial<SimulatePrincipalPolicyCommandInput>): Promise<readonly EvaluationResult[]> {
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: USER, ActionNames: [INVOKE], ...input }),
  )
  return EvaluationResults
}

describe('custom policies', () => {
  test('are simulated as in AWS’s own example', async () => {
    const text =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    const simulate = async (time: string) =>
      custom({
        PolicyInputList: [text],
        ActionNames: ['dynamodb:ListTables'],
        ContextEntries: [{ ContextKeyName: 'aws:CurrentTime', ContextKeyValues: [time], ContextKeyType: 'date' }],
      })
    expect(await simulate('2019-04-25T11:00:00Z')).toEqual([
      {
        EvalActionName: 'dynamodb:ListTables',
        EvalResourceName: '*',
        EvalDecision: 'allowed',
        MatchedStatements: [
          {
            SourcePolicyId: 'PolicyInputList.1',
            SourcePolicyType: 'IAM Policy',
            StartPosition: { Line: 1, Column: 38 },
            EndPosition: { Line: 1, Column: 167 },
          },
        ],
        MissingContextValues: [],
      },
    ])
    expect(await simulate('2014-04-25T11:00:00Z')).toMatchObject([
      { EvalDecision: 'implicitDeny', MatchedStatements: [], MissingContextValues: [] },
    ])
  })

  test('are told by the statements that deny, and by those only', async () => {
    const results = await custom({
      PolicyInputList: [allowing('lambda:*'), denying('lambda:Invoke*')],
      ActionNames: [INVOKE, 'lambda:GetFunction', 's3:GetObject'],
    })
    expect(
      results.map(({ EvalDecision, MatchedStatements = [] }) => [
        EvalDecision,
        ...MatchedStatements.map((s) => s.SourcePolicyId),
      ]),
    ).toEqual([['explicitDeny', 'PolicyInputList.2'], ['allowed', 'PolicyInputList.1'], ['implicitDeny']])
  })

  test('say what context they would have needed, of every statement', async () => {
    const text = policy(
      { Effect: 'Allow', Action: INVOKE, Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/${aws:username}' },
    )
    expect(await custom({ PolicyInputList: [text] })).toMatchObject([
      { EvalDecision: 'implicitDeny', MissingContextValues: ['aws:SecureTransport', 'aws:username'] },
    ])
    const ContextEntries = [
      { ContextKeyName: 'AWS:secureTransport', ContextKeyValues: ['true'], ContextKeyType: 'boolean' as const },
    ]
    expect(await custom({ PolicyInputList: [text], ContextEntries })).toMatchObject([
      { EvalDecision: 'allowed', MissingContextValues: ['aws:username'] },
    ])
  })

  test('take several values of a key of a list type', async () => {
    const text = policy({
      Effect: 'Allow',
      Action: 'lambda:TagResource',
      Resource: '*',
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
    })
    const simulate = (...ContextKeyValues: string[]) =>
      custom({
        PolicyInputList: [text],
        ActionNames: ['lambda:TagResource'],
        ContextEntries: [{ ContextKeyName: 'aws:TagKeys', ContextKeyValues, ContextKeyType: 'stringList' }],
      })
    expect(await simulate('a', 'b')).toMatchObject([{ EvalDecision: 'allowed' }])
    expect(await simulate('a', 'c')).toMatchObject([{ EvalDecision: 'implicitDeny' }])
  })

  test('are simulated for each resource, the strictest decision first of all', async () => {
    const other = `${FUNCTION}2`
    const [result] = await custom({ PolicyInputList: [allowing(INVOKE, FUNCTION)], ResourceArns: [FUNCTION, other] })
    expect(result).toMatchObject({
      EvalResourceName: FUNCTION_TEMPLATE,
      EvalDecision: 'implicitDeny',
      ResourceSpecificResults: [
        {
          EvalResourceName: FUNCTION,
          EvalResourceDecision: 'allowed',
          MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
        },
        { EvalResourceName: other, EvalResourceDecision: 'implicitDeny', MatchedStatements: [] },
      ],
    })
  })

  test('are held within a permissions boundary and the levels of an organization', async () => {
    const PolicyInputList = [allowing('*')]
    expect(await custom({ PolicyInputList, PermissionsBoundaryPolicyInputList: [allowing('s3:*')] })).toMatchObject([
      { EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
    ])
    const level = (...texts: string[]) => ({ ServiceControlPolicyInputList: texts })
    const simulate = (...OrderedOrganizationPolicyInputList: ReturnType<typeof level>[]) =>
      custom({ PolicyInputList, OrderedOrganizationPolicyInputList })
    expect(await simulate(level(allowing('*')), level(allowing('lambda:*')))).toMatchObject([
      { EvalDecision: 'allowed', OrganizationsDecisionDetail: { AllowedByOrganizations: true } },
    ])
    expect(await simulate(level(allowing('*')), level(allowing('s3:*')))).toMatchObject([
      { EvalDecision: 'implicitDeny', OrganizationsDecisionDetail: { AllowedByOrganizations: false } },
    ])
  })

  test('need both halves across accounts, which are told apart', async () => {
    const grant = (who: string) =>
      policy({ Effect: 'Allow', Principal: { AWS: who }, Action: INVOKE, Resource: FOREIGN_FUNCTION })
    const simulate = (identity: string, resource: string) =>
      custom({
        PolicyInputList: [identity],
        ResourcePolicy: resource,
        ResourceArns: [FOREIGN_FUNCTION],
        CallerArn: USER,
      })
    const [allowed] = await simulate(allowing(INVOKE), grant(USER))
    expect(allowed).toMatchObject({
      EvalDecision: 'allowed',
      EvalDecisionDetails: { 'IAM Policy': 'allowed', 'Resource Policy': 'allowed' },
    })
    expect(
      allowed?.MatchedStatements?.map(({ SourcePolicyId, SourcePolicyType }) => [SourcePolicyId, SourcePolicyType]),
    ).toEqual([
      ['ResourcePolicy', 'Resource Policy'],
      ['PolicyInputList.1', 'IAM Policy'],
    ])
    expect(await simulate(allowing('s3:*'), grant(USER))).toMatchObject([
      {
        EvalDecision: 'implicitDeny',
        EvalDecisionDetails: { 'IAM Policy': 'implicitDeny', 'Resource Policy': 'allowed' },
      },
    ])
    expect(await simulate(allowing(INVOKE), grant('arn:aws:iam::111122223333:user/bob'))).toMatchObject([
      {
        EvalDecision: 'implicitDeny',
        EvalDecisionDetails: { 'IAM Policy': 'allowed', 'Resource Policy': 'implicitDeny' },
      },
    ])
  })

  test('know the owner of a resource whose ARN does not say', async () => {
    const bucket = 'arn:aws:s3:::uploads/x'
    const ResourcePolicy = policy({
      Effect: 'Allow',
      Principal: { AWS: USER },
      Action: 's3:GetObject',
      Resource: bucket,
    })
    const simulate = (ResourceOwner?: string) =>
      custom({
        PolicyInputList: [allowing('sqs:*')],
        ActionNames: ['s3:GetObject'],
        ResourceArns: [bucket],
        ResourcePolicy,
        CallerArn: USER,
        ...(ResourceOwner !== undefined && { ResourceOwner }),
      })
    expect(await simulate()).toMatchObject([
      {
        EvalDecision: 'allowed',
        EvalResourceName: 'arn:${Partition}:s3:::${BucketName}/${ObjectName}',
        EvalDecisionDetails: {},
      },
    ])
    expect(await simulate('arn:aws:iam::444455556666:root')).toMatchObject([{ EvalDecision: 'implicitDeny' }])
    await expect(simulate('444455556666')).rejects.toThrow("'444455556666' is not a valid as a Resource Owner.")
  })

  test('come in pages, in the order of the actions', async () => {
    const ActionNames = ['s3:ListAllMyBuckets', INVOKE, 'sqs:SendMessage']
    const first = await iam.send(
      new SimulateCustomPolicyCommand({ PolicyInputList: [allowing('*')], ActionNames, MaxItems: 2 }),
    )
    expect(first.IsTruncated).toBe(true)
    const second = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [allowing('*')],
        ActionNames,
        MaxItems: 2,
        Marker: first.Marker,
      }),
    )
    expect(second.IsTruncated).toBe(false)
    const results = [...(first.EvaluationResults ?? []), ...(second.EvaluationResults ?? [])]
    expect(results.map(({ EvalActionName }) => EvalActionName)).toEqual(ActionNames)
  })

  test.each<[string, Partial<SimulateCustomPolicyCommandInput>]>([
    ['Invalid policy PolicyInputList.1: Syntax errors in policy.', { PolicyInputList: ['{}'] }],
    ['Invalid Action Name: s3:*', { ActionNames: ['s3:*'] }],
    ['Invalid resource ARN: bucket', { ResourceArns: ['bucket'] }],
    ['Only one permissions boundary', { PermissionsBoundaryPolicyInputList: [allowing('*'), allowing('*')] }],
    [
      'Invalid caller - Caller must be an IAM user in this context.',
      {
        ResourcePolicy: policy({ Effect: 'Allow', Principal: '*', Action: INVOKE, Resource: FUNCTION }),
        CallerArn: 'arn:aws:iam::111122223333:role/r',
      },
    ],
    [
      'Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/r/s does not',
      { CallerArn: 'arn:aws:sts::111122223333:assumed-role/r/s' },
    ],
    [
      "'many' is not of type numeric",
      { ContextEntries: [{ ContextKeyName: 's3:max-keys', ContextKeyValues: ['many'], ContextKeyType: 'numeric' }] },
    ],
    [
      '2 values of type string, expected one',
      { ContextEntries: [{ ContextKeyName: 'aws:userid', ContextKeyValues: ['a', 'b'], ContextKeyType: 'string' }] },
    ],
  ])('are refused: %s', async (message, input) => {
    const error: unknown = await custom(input).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidInputException)
    expect(String(error)).toContain(message)
  })

  test('do not take an EC2 scenario, which is said by name', async () => {
    await expect(custom({ ResourceHandlingOption: 'EC2-VPC-EBS' })).rejects.toThrow('ResourceHandlingOption')
  })
})

describe('a principal’s policies', () => {
  test('are its own, its groups’ and those passed along, each by its name', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'managed', PolicyDocument: allowing(INVOKE) }),
    )
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: Policy?.Arn }))
    await iam.send(
      new AttachGroupPolicyCommand({ GroupName: 'callers', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    )
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'own', PolicyDocument: allowing('lambda:*') }),
    )
    const ids = async (input: Partial<SimulatePrincipalPolicyCommandInput> = {}) => {
      const [result] = await principal({ PolicyInputList: [allowing('*')], ...input })
      return result?.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId)
    }
    expect(await ids()).toEqual([
      'user_alice_own',
      'managed',
      'group_callers_invoke',
      'AdministratorAccess',
      'PolicyInputList.1',
    ])
    expect(await ids({ PolicySourceArn: 'arn:aws:iam::111122223333:group/callers' })).toEqual([
      'group_callers_invoke',
      'AdministratorAccess',
      'PolicyInputList.1',
    ])
    expect(
      await ids({
        PolicyExclusionList: [
          { PolicyType: 'aws-managed' },
          { PolicyArn: 'arn:aws:iam::111122223333:policy/man*' },
          { InlinePolicyIdentifier: { PolicyName: 'invoke', AttachmentType: 'group', AttachmentName: 'callers' } },
        ],
      }),
    ).toEqual(['user_alice_own', 'PolicyInputList.1'])
  })

  test('are held within its boundary, unless another one is tried', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'boundary', PolicyDocument: allowing('s3:*') }),
    )
    await iam.send(new CreateUserCommand({ UserName: 'bound' }))
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bound', PermissionsBoundary: Policy?.Arn }))
    const source = { PolicySourceArn: 'arn:aws:iam::111122223333:user/bound', PolicyInputList: [allowing('*')] }
    expect(await principal(source)).toMatchObject([
      { EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
    ])
    const wider = { PermissionsBoundaryPolicyInputList: [allowing('lambda:*')] }
    expect(await principal({ ...source, ...wider })).toMatchObject([{ EvalDecision: 'allowed' }])
    const without = { PolicyExclusionList: [{ PolicyType: 'permission-boundary' as const }] }
    const [result] = await principal({ ...source, ...without })
    expect(result?.EvalDecision).toBe('allowed')
    expect(result?.PermissionsBoundaryDecisionDetail).toBeUndefined()
  })

  test('are overruled by the organization', async () => {
    expect(await principal({})).toMatchObject([
      { EvalDecision: 'allowed', OrganizationsDecisionDetail: { AllowedByOrganizations: true } },
    ])
    const organizations = cloud.client(OrganizationsClient, 'management')
    const { Policy } = await organizations.send(
      new CreateOrganizationPolicyCommand({
        Name: 'no-lambda',
        Description: '',
        Type: 'SERVICE_CONTROL_POLICY',
        Content: denying('lambda:*'),
      }),
    )
    const attachment = { PolicyId: Policy?.PolicySummary?.Id, TargetId: '111122223333' }
    await organizations.send(new AttachPolicyCommand(attachment))
    const [denied] = await principal({})
    expect(denied).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [],
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    })
    expect(await principal({ PolicyExclusionList: [{ PolicyType: 'scp' }] })).toMatchObject([
      { EvalDecision: 'allowed' },
    ])
    await organizations.send(new DetachPolicyCommand(attachment))
  })

  test('agree with what really happens', async () => {
    const source = 'arn:aws:iam::111122223333:role/r'
    const actions = ['s3:GetObject', INVOKE]
    const results = await principal({ PolicySourceArn: source, ActionNames: actions })
    expect(results.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny'])
  })

  test.each([
    ['arn:aws:iam::111122223333:role/nobody', NoSuchEntityException, 'The role with name nobody cannot be found.'],
    [
      'arn:aws:sts::111122223333:assumed-role/r/s',
      InvalidInputException,
      'Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/r/s does not clearly define entity type and name.',
    ],
    [
      'arn:aws:iam::444455556666:role/r',
      InvalidInputException,
      "Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in account 444455556666",
    ],
  ])('are not had of %s', async (PolicySourceArn, type, message) => {
    const error: unknown = await principal({ PolicySourceArn }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toBe(message)
  })

  test('are simulated only for who may ask', async () => {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bound' }))
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
    const bound = cloud.client(IAMClient, { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey })
    await expect(
      bound.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: USER, ActionNames: [INVOKE] })),
    ).rejects.toThrow(
      'User: arn:aws:iam::111122223333:user/bound is not authorized to perform: iam:SimulatePrincipalPolicy on resource: user alice because no identity-based policy allows the iam:SimulatePrincipalPolicy action',
    )
  })
})

describe('the context keys of policies', () => {
  test('are listed once, of policies passed along and of a principal’s', async () => {
    const text = policy({
      Effect: 'Allow',
      Action: 'dynamodb:*',
      Resource: 'arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}',
      Condition: { DateGreaterThan: { 'aws:CurrentTime': '2015-08-16T12:00:00Z' } },
    })
    expect(await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [text, text] }))).toMatchObject({
      ContextKeyNames: ['aws:username', 'aws:CurrentTime'],
    })
    await iam.send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'keys', PolicyDocument: text }))
    expect(
      await iam.send(
        new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: 'arn:aws:iam::111122223333:role/r' }),
      ),
    ).toMatchObject({ ContextKeyNames: ['aws:username', 'aws:CurrentTime'] })
    await expect(iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: ['nonsense'] }))).rejects.toThrow(
      InvalidInputException,
    )
  })
})
