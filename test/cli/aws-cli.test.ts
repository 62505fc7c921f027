/** The real AWS CLI: the commands of a cross-account call as AWS's own guides give them, and every protocol's errors in its words. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { zipOf } from '../sdk/lambda/support.ts'
import { ACCOUNTS } from '../system/isthmus.ts'
import { expectRefusal, majorVersion, RAW_PAYLOAD, readsEndpointOfProfile, startAwsCli, type AwsCli } from './aws.ts'

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}
const MAY_LOG = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] }
const CALLEE = `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:my-function:prod`
const CODE = `exports.handler = async (event) => {
  console.log('greeted', event.name)
  if (event.fail) throw new TypeError('as asked')
  return { hello: event.name }
}`

/** `reason` is shown beside the skipped tests. */
const reason = majorVersion === undefined ? ' (skipped: there is no `aws` on the PATH)' : ''

describe.skipIf(majorVersion === undefined)(`the AWS CLI${reason}`, () => {
  let cli: AwsCli

  beforeAll(async () => {
    cli = await startAwsCli()
    const { folder } = cli.place
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(TRUST))
    writeFileSync(join(folder, 'may-log.json'), JSON.stringify(MAY_LOG))
    writeFileSync(join(folder, 'function.zip'), await zipOf({ 'index.js': CODE }))
    const role = await cli.text(
      'target',
      `iam create-role --role-name my-role --assume-role-policy-document file://trust.json --query Role.Arn`,
    )
    expect(role).toBe(`arn:aws:iam::${ACCOUNTS.target}:role/my-role`)
    await cli.text(
      'target',
      `iam put-role-policy --role-name my-role --policy-name may-log --policy-document file://may-log.json`,
    )
    await cli.json(
      'target',
      `lambda create-function --function-name my-function --runtime nodejs22.x --role ${role} --handler index.handler --zip-file fileb://function.zip`,
    )
    await cli.text('target', 'lambda wait function-active-v2 --function-name my-function')
    const version = await cli.json('target', 'lambda publish-version --function-name my-function')
    expect(version['Version']).toBe('1')
    const alias = await cli.json(
      'target',
      'lambda create-alias --function-name my-function --name prod --function-version 1',
    )
    expect(alias['AliasArn']).toBe(CALLEE)
  })

  afterAll(async () => {
    await cli.close()
  })

  const invoke = (...more: readonly string[]) =>
    cli.aws('source', `lambda invoke --function-name ${CALLEE} out.json`, ...more)
  const output = () => readFileSync(join(cli.place.folder, 'out.json'), 'utf8')

  describe('calling across accounts', () => {
    it('is refused before the permission is added', async () => {
      expectRefusal(
        await invoke(),
        'AccessDeniedException',
        'Invoke',
        `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: lambda:InvokeFunction on resource: ${CALLEE} because no resource-based policy allows the lambda:InvokeFunction action`,
      )
    })

    it('works once it is, with the very commands of the guides', async () => {
      const statement = await cli.aws(
        'target',
        'lambda add-permission --function-name my-function:prod --statement-id xaccount --action lambda:InvokeFunction --principal 111122223333 --output text',
      )
      expect(statement).toEqual({
        exitCode: 0,
        stdout: `{"Sid":"xaccount","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:InvokeFunction","Resource":"${CALLEE}"}\n`,
        stderr: '',
      })
      const { exitCode, stdout } = await invoke()
      expect(exitCode).toBe(0)
      expect(JSON.parse(stdout)).toEqual({ StatusCode: 200, ExecutedVersion: '1' })
      expect(JSON.parse(output())).toEqual({})
    })

    it('carries a payload and a failure', async () => {
      const greeted = await invoke(...RAW_PAYLOAD, '--payload', '{"name":"Ada"}')
      expect([greeted.exitCode, output()]).toEqual([0, '{"hello":"Ada"}'])
      const failed = await invoke(...RAW_PAYLOAD, '--payload', '{"fail":true}')
      expect(JSON.parse(failed.stdout)).toEqual({ StatusCode: 200, ExecutedVersion: '1', FunctionError: 'Unhandled' })
      expect(JSON.parse(output())).toMatchObject({ errorType: 'TypeError', errorMessage: 'as asked' })
    })

    it('shows the tail of the log within the account only', async () => {
      expectRefusal(
        await invoke('--log-type', 'Tail'),
        'AccessDeniedException',
        'Invoke',
        'Cross-account log access is not allowed',
      )
      const tail = await cli.text(
        'target',
        'lambda invoke --function-name my-function --log-type Tail --query LogResult tail.json',
      )
      expect(Buffer.from(tail, 'base64').toString()).toMatch(
        /^START RequestId: [^\n]+ Version: \$LATEST\n[^\n]+greeted undefined\nEND RequestId: [^\n]+\nREPORT RequestId: /,
      )
    })

    it('can be asynchronous, and can be tried without running anything', async () => {
      const [event, trial] = await Promise.all([
        invoke('--invocation-type', 'Event'),
        cli.aws('source', `lambda invoke --function-name ${CALLEE} --invocation-type DryRun dry.json`),
      ])
      expect(JSON.parse(event.stdout)).toEqual({ StatusCode: 202 })
      expect(JSON.parse(trial.stdout)).toEqual({ StatusCode: 204 })
    })

    it('is told by get-policy', async () => {
      const { Policy } = await cli.json<{ Policy: string }>(
        'target',
        'lambda get-policy --function-name my-function --qualifier prod',
      )
      expect((JSON.parse(Policy) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid)).toEqual([
        'xaccount',
      ])
    })
  })

  describe.concurrent('sts', () => {
    it('tells who calls', async () => {
      const [json, text] = await Promise.all([
        cli.json('source', 'sts get-caller-identity'),
        cli.text('target', 'sts get-caller-identity --query [Account,Arn]'),
      ])
      expect(json).toEqual({
        UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
        Account: ACCOUNTS.source,
        Arn: `arn:aws:iam::${ACCOUNTS.source}:user/administrator`,
      })
      expect(text).toBe(`${ACCOUNTS.target}\tarn:aws:iam::${ACCOUNTS.target}:user/administrator`)
    })

    const unread = readsEndpointOfProfile ? '' : ' (skipped: this version reads no endpoint from a profile)'
    it.runIf(readsEndpointOfProfile)(`needs no --endpoint-url beside the profile${unread}`, async () => {
      const { exitCode, stdout } = await cli.awsByProfile('target', 'sts get-caller-identity --query Account')
      expect([exitCode, stdout]).toEqual([0, `"${ACCOUNTS.target}"\n`])
    })

    it('says why a role cannot be assumed', async () => {
      const role = `arn:aws:iam::${ACCOUNTS.target}:role/my-role`
      expectRefusal(
        await cli.aws('source', `sts assume-role --role-arn ${role} --role-session-name me`),
        'AccessDenied',
        'AssumeRole',
        `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${role}`,
      )
    })
  })

  describe.concurrent('iam', () => {
    it('answers documents decoded, and lists page by page', async () => {
      const { Role } = await cli.json<{ Role: { AssumeRolePolicyDocument: object } }>(
        'target',
        'iam get-role --role-name my-role',
      )
      expect(Role.AssumeRolePolicyDocument).toEqual(TRUST)
      await Promise.all(['a', 'b', 'c'].map((name) => cli.json('source', `iam create-user --user-name ${name}`)))
      const [all, paged] = await Promise.all([
        cli.text('source', 'iam list-users --query Users[].UserName'),
        cli.text('source', 'iam list-users --query Users[].UserName --page-size 1'),
      ])
      const words = (text: string) => text.split(/\s+/)
      expect(words(all)).toEqual(['a', 'administrator', 'b', 'c'])
      expect(words(paged)).toEqual(words(all))
    })

    it('says what is not there', async () => {
      expectRefusal(
        await cli.aws('source', 'iam get-role --role-name nobody'),
        'NoSuchEntity',
        'GetRole',
        'The role with name nobody cannot be found.',
      )
    })
  })

  describe.concurrent('organizations', () => {
    it('describes the organization to its members, and denies a call by a policy of it', async () => {
      const { Organization } = await cli.json<{ Organization: { MasterAccountId: string } }>(
        'source',
        'organizations describe-organization',
      )
      expect(Organization.MasterAccountId).toBe(ACCOUNTS.management)
      writeFileSync(
        join(cli.place.folder, 'scp.json'),
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Deny', Action: 'iam:CreateGroup', Resource: '*' }],
        }),
      )
      const policy = await cli.json<{ Policy: { PolicySummary: { Id: string; Arn: string } } }>(
        'management',
        `organizations create-policy --name no-groups --description none --type SERVICE_CONTROL_POLICY --content file://scp.json`,
      )
      const { Id, Arn } = policy.Policy.PolicySummary
      await cli.text('management', `organizations attach-policy --policy-id ${Id} --target-id ${ACCOUNTS.source}`)
      expectRefusal(
        await cli.aws('source', 'iam create-group --group-name g'),
        'AccessDenied',
        'CreateGroup',
        `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: iam:CreateGroup on resource: arn:aws:iam::${ACCOUNTS.source}:group/g with an explicit deny in a service control policy: ${Arn}`,
      )
    })

    it('tells a member that it is not its to ask', async () => {
      const answer = await cli.aws('source', 'organizations list-accounts')
      expectRefusal(
        answer,
        'AccessDeniedException',
        'ListAccounts',
        "You don't have permissions to access this resource.",
      )
    })
  })

  describe.concurrent('logs', () => {
    const group = '/aws/lambda/my-function'

    it('are what the function wrote', async () => {
      const { events } = await cli.json<{ events: { message: string }[] }>(
        'target',
        `logs filter-log-events --log-group-name ${group} --filter-pattern`,
        'greeted Ada',
      )
      expect(events.map(({ message }) => message)).toEqual([expect.stringContaining('greeted Ada')])
    })

    const tooOld = majorVersion === 2 ? '' : ' (skipped: version 1 has no `logs tail`)'
    it.runIf(majorVersion === 2)(`can be followed with tail${tooOld}`, async () => {
      const tail = await cli.text('target', `logs tail ${group} --since 1h --format short`)
      expect(tail).toContain('greeted Ada')
    })

    it('say when there is no such group', async () => {
      const answer = await cli.aws('target', 'logs describe-log-streams --log-group-name /nowhere')
      expectRefusal(
        answer,
        'ResourceNotFoundException',
        'DescribeLogStreams',
        'The specified log group does not exist.',
      )
    })
  })

  describe.concurrent('cloudwatch', () => {
    const hourMs = 3_600_000
    const range = () => {
      const [start, end] = [-1, 1].map((hours) => new Date(Date.now() + hours * hourMs).toISOString())
      return `--start-time ${start} --end-time ${end}`
    }

    it('tells how often a function was invoked and how often it failed', async () => {
      const ofAlias = [
        { Name: 'FunctionName', Value: 'my-function' },
        { Name: 'Resource', Value: 'my-function:prod' },
      ]
      const query = (Id: string, MetricName: string) => ({
        Id,
        MetricStat: {
          Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: ofAlias },
          Period: 7200,
          Stat: 'Sum',
        },
      })
      const queries = [
        query('invocations', 'Invocations'),
        query('errors', 'Errors'),
        { Id: 'ok', Expression: 'invocations - errors' },
      ]
      const { MetricDataResults } = await cli.json<{ MetricDataResults: { Id: string; Values: number[] }[] }>(
        'target',
        `cloudwatch get-metric-data ${range()} --metric-data-queries`,
        JSON.stringify(queries),
      )
      const values = Object.fromEntries(MetricDataResults.map(({ Id, Values }) => [Id, Values]))
      // One for each that the tests before made; the asynchronous one may still be on its way.
      expect(values['errors']).toEqual([1])
      expect(values['invocations']?.[0]).toBeGreaterThanOrEqual(3)
      expect(values['ok']).toEqual([(values['invocations']?.[0] ?? 0) - 1])
    })

    it('takes metrics, and refuses those of AWS', async () => {
      await cli.text('source', 'cloudwatch put-metric-data --namespace Mine --metric-name sales --value 5 --unit Count')
      const sum = await cli.text(
        'source',
        `cloudwatch get-metric-statistics --namespace Mine --metric-name sales --period 7200 --statistics Sum ${range()} --query Datapoints[].[Sum,Unit]`,
      )
      // JSON has one kind of number, the query protocol's clients see a double.
      expect(sum).toMatch(/^5(\.0)?\tCount$/)
      expectRefusal(
        await cli.aws('source', 'cloudwatch put-metric-data --namespace AWS/Mine --metric-name sales --value 5'),
        'InvalidParameterValue',
        'PutMetricData',
        'The value AWS/ for parameter Namespace is invalid.',
      )
    })
  })

  it('cloudtrail tells who allowed the call', async () => {
    const { Events } = await cli.json<{ Events: { Username: string; CloudTrailEvent: string }[] }>(
      'target',
      'cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AddPermission20150331v2',
    )
    expect(Events.map(({ Username }) => Username)).toEqual(['administrator'])
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '')).toMatchObject({
      requestParameters: { functionName: 'my-function:prod', statementId: 'xaccount', principal: ACCOUNTS.source },
      recipientAccountId: ACCOUNTS.target,
    })
  })

  describe.concurrent('cloudformation', () => {
    it('deploys a template, says when nothing changes, and tells the outputs', async () => {
      writeFileSync(
        join(cli.place.folder, 'template.yaml'),
        [
          'Parameters: { Name: { Type: String } }',
          'Resources: { Group: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Ref Name } } }',
          'Outputs: { Arn: { Value: !GetAtt Group.Arn } }',
        ].join('\n'),
      )
      const deploy = () =>
        cli.aws(
          'target',
          'cloudformation deploy --stack-name groups --template-file template.yaml --parameter-overrides Name=/deployed/group',
        )
      const first = await deploy()
      expect(first.stdout).toContain('Successfully created/updated stack - groups')
      expect(first.exitCode).toBe(0)
      const [outputs, second] = await Promise.all([
        cli.text(
          'target',
          'cloudformation describe-stacks --stack-name groups --query Stacks[0].[StackStatus,Outputs[0].OutputValue]',
        ),
        deploy(),
      ])
      expect(outputs).toBe(`CREATE_COMPLETE\tarn:aws:logs:us-east-1:${ACCOUNTS.target}:log-group:/deployed/group:*`)
      expect(`${second.stdout}${second.stderr}`).toContain('No changes to deploy. Stack groups is up to date')
    })

    it('says what does not exist', async () => {
      expectRefusal(
        await cli.aws('target', 'cloudformation describe-stacks --stack-name nothing'),
        'ValidationError',
        'DescribeStacks',
        'Stack with id nothing does not exist',
      )
    })
  })

  describe.concurrent('errors', () => {
    it('are told of a function that does not exist, in the form of every output', async () => {
      const get = (...more: readonly string[]) =>
        cli.aws('target', 'lambda get-function --function-name nothing', ...more)
      for (const answer of await Promise.all([get(), get('--output', 'text'), get('--output', 'table')])) {
        expectRefusal(
          answer,
          'ResourceNotFoundException',
          'GetFunction',
          `Function not found: arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:nothing`,
        )
      }
    })

    it('are told of keys that nobody has', async () => {
      const stranger = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI' }
      const [query, rest] = await Promise.all([
        cli.awsAs(stranger, 'sts get-caller-identity'),
        cli.awsAs(stranger, 'lambda list-functions'),
      ])
      const message = 'The security token included in the request is invalid.'
      expectRefusal(query, 'InvalidClientTokenId', 'GetCallerIdentity', message)
      expectRefusal(rest, 'UnrecognizedClientException', 'ListFunctions', message)
    })
  })
})
