/** The real AWS CLI with layers and function URLs, by the commands of AWS's guides, and curl with the URL it is told. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { zipOf } from '../sdk/lambda/support.ts'
import { ACCOUNTS } from '../system/isthmus.ts'
import { expectRefusal, majorVersion, startAwsCli, type AwsCli } from './aws.ts'

const LAYER = `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:layer:tools:1`
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}
const CODE = `exports.handler = async ({ rawPath }) => ({ statusCode: 201, body: require('tools').greet(rawPath) })`

const reason = majorVersion === undefined ? ' (skipped: there is no `aws` on the PATH)' : ''

describe.skipIf(majorVersion === undefined)(`the AWS CLI${reason}`, () => {
  let cli: AwsCli
  let role: string

  beforeAll(async () => {
    cli = await startAwsCli()
    const { folder } = cli.place
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(TRUST))
    const module = 'exports.greet = (name) => `hello ${name}`'
    writeFileSync(join(folder, 'layer.zip'), await zipOf({ 'nodejs/node_modules/tools/index.js': module }))
    writeFileSync(join(folder, 'function.zip'), await zipOf({ 'index.js': CODE }))
    role = await cli.text(
      'source',
      'iam create-role --role-name url-role --assume-role-policy-document file://trust.json --query Role.Arn',
    )
  })
  afterAll(() => cli.close())

  const create = () =>
    cli.aws(
      'source',
      `lambda create-function --function-name greeter --runtime nodejs22.x --role ${role} --handler index.handler --zip-file fileb://function.zip --layers ${LAYER}`,
    )

  it('publishes a layer, shares it, and gives it to a function of another account', async () => {
    const published = await cli.json(
      'target',
      'lambda publish-layer-version --layer-name tools --zip-file fileb://layer.zip --compatible-runtimes nodejs22.x --license-info MIT',
    )
    expect(published).toMatchObject({ LayerVersionArn: LAYER, Version: 1, CompatibleRuntimes: ['nodejs22.x'] })
    expectRefusal(
      await create(),
      'AccessDeniedException',
      'CreateFunction',
      `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: lambda:GetLayerVersion on resource: ${LAYER} because no resource-based policy allows the lambda:GetLayerVersion action`,
    )
    await cli.json(
      'target',
      `lambda add-layer-version-permission --layer-name tools --version-number 1 --statement-id partners --action lambda:GetLayerVersion --principal ${ACCOUNTS.source}`,
    )
    expect((await create()).exitCode).toBe(0)
    await cli.text('source', 'lambda wait function-active-v2 --function-name greeter')
    const read = await cli.json('source', `lambda get-layer-version-by-arn --arn ${LAYER}`)
    expect(read['LicenseInfo']).toBe('MIT')
    const names = await cli.text('target', 'lambda list-layers --query Layers[].LayerName')
    expect(names).toBe('tools')
  })

  it('makes a URL that curl reaches once everyone may', async () => {
    const url = await cli.text(
      'source',
      'lambda create-function-url-config --function-name greeter --auth-type NONE --query FunctionUrl',
    )
    const curl = async () =>
      (await promisify(execFile)('curl', ['-s', '-o', '-', '-w', ' %{http_code}', `${url}world`])).stdout
    expect(await curl()).toMatch(/^\{"Message":"Forbidden\. .*\} 403$/)
    await cli.json(
      'source',
      'lambda add-permission --function-name greeter --statement-id url --action lambda:InvokeFunctionUrl --principal * --function-url-auth-type NONE',
    )
    const { exitCode } = await cli.aws(
      'source',
      'lambda add-permission --function-name greeter --statement-id function --action lambda:InvokeFunction --principal * --invoked-via-function-url',
    )
    // Versions of the CLI before October 2025 do not know the option: what it grants is then granted for every way.
    if (exitCode !== 0) {
      await cli.json(
        'source',
        'lambda add-permission --function-name greeter --statement-id function --action lambda:InvokeFunction --principal *',
      )
    }
    expect(await curl()).toBe('hello /world 201')
    await cli.aws('source', 'lambda delete-function-url-config --function-name greeter')
    expect(await curl()).toBe('{"Message":null} 403')
  })
})
