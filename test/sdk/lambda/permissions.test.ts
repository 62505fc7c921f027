/** AddPermission, RemovePermission, GetPolicy: documents, revisions, limits and everything refused. */
import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  GetPolicyCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  type AddPermissionCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  arnOf,
  conflict,
  createRole,
  deploy,
  failure,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  LAMBDA_TRUST,
  notFound,
  iamOf,
} from './support.ts'

const STALE = failure(
  'PreconditionFailedException',
  412,
  'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
  'User',
)

let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'fn', { Role: role })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'fn' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'fn', Name: 'live', FunctionVersion: '1' }))
})
afterAll(() => cloud.close())

const add = (more: Partial<AddPermissionCommandInput>) =>
  lambda.send(
    new AddPermissionCommand({
      FunctionName: 'fn',
      StatementId: 's1',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      ...more,
    }),
  )
const remove = (StatementId: string, more: object = {}) =>
  lambda.send(new RemovePermissionCommand({ FunctionName: 'fn', StatementId, ...more }))
const policyOf = async (FunctionName: string, Qualifier?: string) => {
  const answer = await lambda.send(
    new GetPolicyCommand({ FunctionName, ...(Qualifier !== undefined && { Qualifier }) }),
  )
  return { text: answer.Policy ?? '', revision: answer.RevisionId ?? '' }
}

test('a policy has its statements in the order they were added, and a revision for every change', async () => {
  await deploy(lambda, 'ordered', { Role: role })
  const FunctionName = 'ordered'
  const { $metadata, Statement } = await add({ FunctionName, StatementId: 'z', SourceArn: 'arn:aws:s3:::bucket' })
  expect($metadata.httpStatusCode).toBe(201)
  expect(Statement).toBe(
    `{"Sid":"z","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"${arnOf('target', 'ordered')}","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}`,
  )
  const first = await policyOf(FunctionName)
  expect(first.text).toBe(`{"Version":"2012-10-17","Id":"default","Statement":[${Statement}]}`)
  const second = await add({ FunctionName, StatementId: 'a', Principal: '111122223333', RevisionId: first.revision })
  const both = await policyOf(FunctionName)
  expect(both.text).toBe(`{"Version":"2012-10-17","Id":"default","Statement":[${Statement},${second.Statement}]}`)
  expect(both.revision).not.toBe(first.revision)

  expect(await failureOf(remove('non-existent', { FunctionName }))).toEqual(
    notFound('Statement non-existent is not found in resource policy.'),
  )
  expect((await policyOf(FunctionName)).revision).toBe(both.revision)
  expect(await failureOf(remove('z', { FunctionName, RevisionId: 'wrong' }))).toEqual(STALE)
  const { $metadata: removed } = await remove('z', { FunctionName, RevisionId: both.revision })
  expect(removed.httpStatusCode).toBe(204)
  expect((await policyOf(FunctionName)).text).toBe(
    `{"Version":"2012-10-17","Id":"default","Statement":[${second.Statement}]}`,
  )
  await remove('a', { FunctionName })
  expect(await failureOf(policyOf(FunctionName))).toEqual(notFound('The resource you requested does not exist.'))
})

test('every qualifier has a policy of its own', async () => {
  await add({ StatementId: 'unqualified' })
  await add({ StatementId: 'version', Qualifier: '1' })
  await add({ StatementId: 'alias', FunctionName: arnOf('target', 'fn', 'live') })
  const [unqualified, version, alias] = [await policyOf('fn'), await policyOf('fn', '1'), await policyOf('fn:live')]
  expect(unqualified.text).toContain(`"Resource":"${arnOf('target', 'fn')}"`)
  expect(version.text).toContain(`"Resource":"${arnOf('target', 'fn', '1')}"`)
  expect(alias.text).toContain(`"Resource":"${arnOf('target', 'fn', 'live')}"`)
  expect(new Set([unqualified.revision, version.revision, alias.revision]).size).toBe(3)
  await lambda.send(new PublishVersionCommand({ FunctionName: 'fn' }))
  expect(await policyOf('fn')).toEqual(unqualified)

  await lambda.send(new CreateAliasCommand({ FunctionName: 'fn', Name: 'passing', FunctionVersion: '1' }))
  await add({ Qualifier: 'passing' })
  await lambda.send(new DeleteAliasCommand({ FunctionName: 'fn', Name: 'passing' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'fn', Name: 'passing', FunctionVersion: '1' }))
  expect(await failureOf(policyOf('fn', 'passing'))).toEqual(notFound('The resource you requested does not exist.'))
})

test('a role that is deleted leaves its unique id in the policy, and its successor nothing', async () => {
  const iam = cloud.client(IAMClient, 'source')
  const arn = await createRole(iamOf(cloud, 'source'), 'caller', { logs: false })
  await add({ StatementId: 'role', Principal: arn })
  expect((await policyOf('fn')).text).toContain(`"Principal":{"AWS":"${arn}"}`)
  await iam.send(new DeleteRoleCommand({ RoleName: 'caller' }))
  expect((await policyOf('fn')).text).toMatch(/"Principal":\{"AWS":"AROA[A-Z2-7]{17}"\}/)
  await iam.send(new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: JSON.stringify(LAMBDA_TRUST) }))
  expect((await policyOf('fn')).text).toMatch(/"Principal":\{"AWS":"AROA[A-Z2-7]{17}"\}/)
  await add({ StatementId: 'successor', Principal: arn })
  const text = (await policyOf('fn')).text
  expect(text).toContain(`"Sid":"successor","Effect":"Allow","Principal":{"AWS":"${arn}"}`)
  expect(text).toMatch(/"Sid":"role","Effect":"Allow","Principal":\{"AWS":"AROA/)
})

describe('refused are', () => {
  test('principals that are none or do not exist', async () => {
    const bad = invalidParameter('The provided principal was invalid. Please check the principal and try again.')
    for (const Principal of [
      'invalid.nonaws.com',
      'arn:aws:iam::111122223333:role/nobody',
      'arn:aws:iam::111122223333:user/nobody',
      'arn:aws:iam::111122223333:group/admins',
      '1234',
    ]) {
      expect(await failureOf(add({ StatementId: 'bad', Principal }))).toEqual(bad)
    }
  })

  test('a statement id twice, and one that is malformed', async () => {
    await add({ StatementId: 's3' })
    expect(await failureOf(add({ StatementId: 's3' }))).toEqual(
      conflict(
        'The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement.',
      ),
    )
    expect(await failureOf(add({ StatementId: 'example.com' }))).toEqual(
      invalid(
        "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
      ),
    )
  })

  test('qualifiers that cannot have a policy or do not exist', async () => {
    expect(await failureOf(add({ Qualifier: '$LATEST' }))).toEqual(
      invalidParameter('We currently do not support adding policies for $LATEST.'),
    )
    expect(await failureOf(add({ Qualifier: '42' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'fn', '42')}`),
    )
    expect(await failureOf(add({ Qualifier: 'alias-doesnotexist' }))).toEqual(
      notFound(`Cannot find alias arn: ${arnOf('target', 'fn', 'alias-doesnotexist')}`),
    )
    expect(await failureOf(add({ Qualifier: 'valid-with-$-but-doesnotexist' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'fn', 'valid-with-$-but-doesnotexist')}`),
    )
    expect(await failureOf(add({ Qualifier: 'invalid-qualifier-with-?-char' }))).toEqual(
      invalid(
        "1 validation error detected: Value 'invalid-qualifier-with-?-char' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
      ),
    )
    expect(await failureOf(remove('x', { Qualifier: 'alias-doesnotexist' }))).toEqual(
      notFound(`Cannot find alias arn: ${arnOf('target', 'fn', 'alias-doesnotexist')}`),
    )
  })

  test('functions that do not exist, and policies that do not', async () => {
    expect(await failureOf(add({ FunctionName: 'doesnotexist' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'doesnotexist')}`),
    )
    expect(await failureOf(remove('s', { FunctionName: 'doesnotexist' }))).toEqual(
      notFound(`No policy found for: ${arnOf('target', 'doesnotexist')}`),
    )
    expect(await failureOf(policyOf('doesnotexist'))).toEqual(notFound('The resource you requested does not exist.'))
    await deploy(lambda, 'bare', { Role: role })
    expect(await failureOf(remove('s', { FunctionName: 'bare' }))).toEqual(
      notFound('No policy is associated with the given resource.'),
    )
    expect(await failureOf(policyOf('bare'))).toEqual(notFound('The resource you requested does not exist.'))
  })

  test('another revision, also when there is no policy yet', async () => {
    await add({ StatementId: 'revised' })
    expect(await failureOf(add({ StatementId: 'stale', RevisionId: 'wrong' }))).toEqual(STALE)
  })

  test('a URL’s authentication type for anything but a URL', async () => {
    expect(await failureOf(add({ StatementId: 'url', Principal: '*', FunctionUrlAuthType: 'NONE' }))).toEqual(
      invalidParameter('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action'),
    )
  })

  test('one statement more than the policy can hold', async () => {
    await deploy(lambda, 'full', { Role: role })
    const SourceArn = `arn:aws:s3:::${'b'.repeat(2000)}`
    let refused: unknown
    for (let i = 0; refused === undefined && i < 20; i++) {
      refused = await failureOf(add({ FunctionName: 'full', StatementId: `s${i}`, SourceArn })).catch(() => undefined)
    }
    const { text } = await policyOf('full')
    expect(refused).toEqual(
      failure(
        'PolicyLengthExceededException',
        400,
        expect.stringMatching(
          /^The final policy size \(2\d{4}\) is bigger than the limit \(20480\)\.$/,
        ) as unknown as string,
        'User',
      ),
    )
    expect(text.length).toBeLessThanOrEqual(20_480)
  })
})
