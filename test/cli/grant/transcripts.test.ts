/** What `isthmus grant` prints, verbatim but for the time it took: every scope, every format, services, checks and mistakes. */
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CALLEE_ARN, CALLER_ROLE_ARN, deployCrossing } from '../../system/deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from '../../system/isthmus.ts'

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})
afterAll(async () => {
  await place.close()
})

async function expectTranscript(name: string, ...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await place.run(['grant', ...args])
  const shown = args.map((arg) => (/[ *$]/.test(arg) ? `'${arg}'` : arg)).join(' ')
  const text = `$ isthmus grant ${shown}\n${withoutTimes(stdout)}${stderr}exit code ${exitCode}\n`
  await expect(text).toMatchFileSnapshot(`./${name}.txt`)
}

function withoutTimes(text: string): string {
  return text.replaceAll(/ +\d+(?:\.\d+)? ms$/gm, '   N ms').replaceAll(/ in \d+\.\d s:/g, ' in N s:')
}

const BETWEEN_ARNS = ['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN]
const UNQUALIFIED = CALLEE_ARN.replace(/:prod$/, '')

describe('between two ARNs', () => {
  it.each([
    ['role', ...BETWEEN_ARNS],
    ['account-async', ...BETWEEN_ARNS, '--scope', 'account', '--type', 'async'],
    ['organization', ...BETWEEN_ARNS, '--scope', 'org', '--org-id', 'o-abcdefghij'],
    ['unqualified', '--from', CALLER_ROLE_ARN, '--to', UNQUALIFIED],
    ['same-account', '--from', `arn:aws:iam::${ACCOUNTS.target}:role/neighbour`, '--to', CALLEE_ARN],
    ['cloudformation', ...BETWEEN_ARNS, '--format', 'cloudformation'],
    ['terraform', ...BETWEEN_ARNS, '--format', 'terraform'],
    ['cdk', ...BETWEEN_ARNS, '--format', 'cdk'],
  ])('%s', async (name, ...args) => {
    await expectTranscript(name, ...args)
  })
})

describe('to a service', () => {
  it.each([
    ['bucket', 's3.amazonaws.com', 'arn:aws:s3:::uploads', '--source-account', ACCOUNTS.target],
    ['log-group', 'logs.amazonaws.com', `arn:aws:logs:us-east-1:${ACCOUNTS.target}:log-group:/app:*`],
    ['rules', 'events.amazonaws.com', `arn:aws:events:us-east-1:${ACCOUNTS.target}:rule/nightly-*`],
  ])('%s', async (name, service, arn, ...more) => {
    await expectTranscript(name, '--service', service, '--source-arn', arn, ...more, '--to', CALLEE_ARN)
  })
})

describe('between functions of a running cloud', () => {
  const BETWEEN_FUNCTIONS = ['--from', 'source:caller', '--to', 'target:callee:prod']

  let cloud: RunningCloud

  beforeAll(async () => {
    cloud = await place.up()
    await deployCrossing(cloud, { grant: false })
    await cloud
      .client(IAMClient, 'source')
      .send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'may-call' }))
  })

  it('checked before anything is granted', async () => {
    await expectTranscript('check-missing', ...BETWEEN_FUNCTIONS, '--check')
  })

  it('session, applied', async () => {
    await expectTranscript('session-applied', ...BETWEEN_FUNCTIONS, '--scope', 'session', '--apply')
  })

  it('checked when more is granted', async () => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'lambda:Invoke*', Resource: `${UNQUALIFIED}*` }],
    })
    await cloud
      .client(IAMClient, 'source')
      .send(new PutRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'by-hand', PolicyDocument }))
    const statement = { FunctionName: CALLEE_ARN, Action: 'lambda:InvokeFunction' }
    const lambda = cloud.client(LambdaClient, 'target')
    await lambda.send(new AddPermissionCommand({ ...statement, StatementId: 'account', Principal: ACCOUNTS.source }))
    await lambda.send(new AddPermissionCommand({ ...statement, StatementId: 'bucket', Principal: 's3.amazonaws.com' }))
    await expectTranscript('check-wider', ...BETWEEN_FUNCTIONS, '--check')
  })

  it('a function that is not there', async () => {
    await expectTranscript('no-caller', '--from', 'source:nobody', '--to', 'target:callee:prod')
  })
})

describe('mistakes', () => {
  it.each([
    ['nobody', '--to', CALLEE_ARN],
    ['no-session-name', ...BETWEEN_ARNS, '--scope', 'session'],
    ['no-source', '--service', 's3.amazonaws.com', '--to', CALLEE_ARN],
    ['apply-terraform', ...BETWEEN_ARNS, '--apply', '--format', 'terraform'],
  ])('%s', async (name, ...args) => {
    await expectTranscript(name, ...args)
  })
})
