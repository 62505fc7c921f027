/** Resource control policies: felt by everyone who asks for an account's roles, by services too, and by nobody who asks for its functions. */
import { DeleteRoleCommand, IAMClient, CreateRoleCommand } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DescribeOrganizationCommand,
  DetachPolicyCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { policy, trusting } from '../iam/documents.ts'
import { create, createRole, deploy, failureOf, invalidParameter } from '../lambda/support.ts'

const OWN = ACCOUNTS.target
const RoleArn = `arn:aws:iam::${OWN}:role/guarded`

let cloud: TestCloud
let organizations: OrganizationsClient
let lambda: LambdaClient
let executionRole: string
let organization: string
let policies = 0

beforeAll(async () => {
  cloud = await startCloud()
  organizations = cloud.client(OrganizationsClient, 'management')
  organization = (await organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id ?? ''
  const iam = cloud.client(IAMClient, 'target')
  lambda = cloud.client(LambdaClient, 'target')
  executionRole = await createRole(iam, 'execution')
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'guarded',
      AssumeRolePolicyDocument: trusting({ AWS: [OWN, ACCOUNTS.source] }),
    }),
  )
  await deploy(lambda, 'fn', { Role: executionRole })
})
afterAll(() => cloud.close())

/** Runs `body` while an RCP with this denial hangs on the target account. */
async function whileDenied(Condition: object, body: () => Promise<void>): Promise<void> {
  const { Policy } = await organizations.send(
    new CreatePolicyCommand({
      Name: `rcp-${++policies}`,
      Description: '',
      Type: 'RESOURCE_CONTROL_POLICY',
      Content: policy({ Effect: 'Deny', Principal: '*', Action: 'sts:*', Resource: '*', Condition }),
    }),
  )
  const attached = { PolicyId: Policy?.PolicySummary?.Id ?? '', TargetId: OWN }
  await organizations.send(new AttachPolicyCommand(attached))
  try {
    await body()
  } finally {
    await organizations.send(new DetachPolicyCommand(attached))
  }
}

const assume = (account: 'source' | 'target') =>
  cloud.client(STSClient, account).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'one' }))

const make = (name: string) => create(lambda, name, { Role: executionRole })
const notAssumable = invalidParameter('The role defined for the function cannot be assumed by Lambda.')

test('a denial stops every account, its own and another, and functions stay as open as they were', async () => {
  expect((await assume('source')).AssumedRoleUser?.Arn).toMatch(/guarded\/one$/)
  await whileDenied({}, async () => {
    for (const account of ['source', 'target'] as const) {
      expect(await failureOf(assume(account))).toMatchObject({
        name: 'AccessDenied',
        message: `User: arn:aws:iam::${ACCOUNTS[account]}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      })
    }
    const { StatusCode } = await lambda.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' }))
    expect(StatusCode).toBe(204)
  })
  await assume('source')
})

test('a denial of other organizations lets one’s own in', async () => {
  const others = (id: string) => ({
    StringNotEqualsIfExists: { 'aws:PrincipalOrgID': id },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  })
  await whileDenied(others(organization), async () => {
    await assume('source')
  })
  await whileDenied(others('o-another000'), async () => {
    expect((await failureOf(assume('source'))).name).toBe('AccessDenied')
    await make('spared')
  })
})

test('a denial stops Lambda from assuming an execution role, unless it spares services that act for one’s own', async () => {
  // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html
  await whileDenied({}, async () => {
    expect(await failureOf(make('stopped'))).toEqual(notAssumable)
  })
  const confusedDeputy = (id: string) => ({
    StringNotEqualsIfExists: { 'aws:SourceOrgID': id },
    Null: { 'aws:SourceAccount': 'false' },
    Bool: { 'aws:PrincipalIsAWSService': 'true' },
  })
  await whileDenied(confusedDeputy(organization), async () => {
    expect((await make('made')).FunctionName).toBe('made')
  })
  await whileDenied(confusedDeputy('o-another000'), async () => {
    expect(await failureOf(make('foreign'))).toEqual(notAssumable)
  })
})

test('a trust policy may ask for which function of which organization Lambda acts', async () => {
  const iam = cloud.client(IAMClient, 'target')
  const RoleName = 'particular'
  const trust = (Condition: object) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole', Condition },
    ],
  })
  const outcomeOf = async (Condition: object) => {
    const Role = await createRole(iam, RoleName, { trust: trust(Condition), logs: false })
    const failed = await create(lambda, `of-${++policies}`, { Role }).then(
      () => false,
      () => true,
    )
    await iam.send(new DeleteRoleCommand({ RoleName }))
    return failed ? 'refused' : 'taken'
  }
  const functions = (account: string) => `arn:aws:lambda:us-east-1:${account}:function:of-*`
  expect(await outcomeOf({ ArnLike: { 'aws:SourceArn': functions(OWN) } })).toBe('taken')
  expect(await outcomeOf({ ArnLike: { 'aws:SourceArn': functions(ACCOUNTS.source) } })).toBe('refused')
  expect(await outcomeOf({ StringEquals: { 'aws:SourceOrgID': organization } })).toBe('taken')
  expect(await outcomeOf({ StringEquals: { 'aws:SourceOrgID': 'o-another000' } })).toBe('refused')
})
