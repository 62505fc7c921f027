/** Functions after the state was replaced under them: `/_isthmus/restore` and `/_isthmus/reset`. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { createRole, deploy, iamOf, lambdaOf, payloadOf } from './support.ts'

/** Who it is to AWS, and how often its environment has been asked. */
const CODE = `
const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts')
let count = 0
exports.handler = async () => ({ arn: (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn, count: ++count })
`
let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  await deploy(lambda, 'asker', { Role: await createRole(iamOf(cloud, 'target'), 'asker'), code: CODE, Timeout: 20 })
})
afterAll(() => cloud.close())

const invoke = async () => payloadOf(await lambda.send(new InvokeCommand({ FunctionName: 'asker' })))

test('a function that is restored starts anew, with credentials that are good', async () => {
  const snapshot = await (await fetch(`${cloud.endpoint}/_isthmus/snapshot`)).text()
  const first = { arn: expect.stringContaining(':assumed-role/asker/asker') as string, count: 1 }
  expect(await invoke()).toEqual(first)
  expect(await invoke()).toEqual({ ...first, count: 2 })
  const restored = await fetch(`${cloud.endpoint}/_isthmus/restore`, { method: 'POST', body: snapshot })
  expect(restored.status).toBe(200)
  expect(await invoke()).toEqual(first)
})
