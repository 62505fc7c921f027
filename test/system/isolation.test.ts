/** What a function of a running cloud can see of this machine and do to it: its own affairs, and nothing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { probeContainment } from '../../src/compute/executor/containment.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'
import { descendantsOf } from './process-tree.ts'

const SECRET = 'a secret of the person at the terminal'
const CODE = `
const fs = require('node:fs')
const { GetCallerIdentityCommand, STSClient } = require('@aws-sdk/client-sts')

const attempt = (action) => {
  try {
    return action() ?? 'done'
  } catch (error) {
    return error.code
  }
}
const door = async (path, body) => {
  const response = await fetch((process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_LAMBDA) + '/_isthmus/' + path, { method: 'POST', body })
  return response.status
}

const probes = {
  environment: () => process.env,
  identity: async () => (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn,
  processes: () => fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)),
  environments: () => fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => attempt(() => fs.readFileSync('/proc/' + pid + '/environ', 'utf8'))),
  parent: () => process.ppid,
  kill: ({ pids }) => Object.fromEntries(pids.map((pid) => [pid, attempt(() => process.kill(pid, 'SIGKILL'))])),
  killAll: () => attempt(() => process.kill(-1, 'SIGKILL')),
  privileges: () => Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t'))),
  door: ({ path, body }) => door(path, body),
}

exports.handler = async (event) => probes[event.probe](event)
`

let place: Workplace
let cloud: RunningCloud
let contained = false

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-probe-'))
  contained = (await probeContainment(folder)).name === 'namespaces'
  await rm(folder, { recursive: true })

  place = createWorkplace()
  mkdirSync(join(place.environment['HOME'] ?? '', '.aws'))
  writeFileSync(
    join(place.environment['HOME'] ?? '', '.aws', 'credentials'),
    '[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = the person’s\n',
  )
  cloud = await place.up([], {
    SECRET,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_PROFILE: 'production',
    NODE_OPTIONS: '--no-warnings',
  })
  for (const account of ['source', 'target'] as const) {
    const role = await createRole(cloud, account, 'probe', { policies: { logs: ALLOW_LOGS } })
    await createFunction(cloud, account, 'probe', { role, code: CODE })
  }
})

afterAll(async () => {
  await place.close()
})

async function probe<T>(name: string, more: object = {}, account: 'source' | 'target' = 'source'): Promise<T> {
  const answer = await cloud
    .client(LambdaClient, account)
    .send(new InvokeCommand({ FunctionName: 'probe', Payload: Buffer.from(JSON.stringify({ probe: name, ...more })) }))
  const text = answer.Payload?.transformToString() ?? ''
  expect({ error: answer.FunctionError, text }).toEqual({ error: undefined, text })
  return JSON.parse(text) as T
}

describe('a function', () => {
  it('sees Lambda’s environment variables, and none of the host’s', async () => {
    const environment = await probe<Record<string, string>>('environment')
    expect(environment).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'probe',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
    })
    for (const name of ['SECRET', 'AWS_PROFILE', 'NODE_OPTIONS', 'HOME']) expect(environment).not.toHaveProperty(name)
    expect(JSON.stringify(environment)).not.toContain(SECRET)
  })

  it('acts as its role, whatever credentials the host has', async () => {
    expect(await probe('identity')).toBe(`arn:aws:sts::${ACCOUNTS.source}:assumed-role/probe/probe`)
    expect(await probe('identity', {}, 'target')).toBe(`arn:aws:sts::${ACCOUNTS.target}:assumed-role/probe/probe`)
  })

  it('has no privileges', async ({ skip }) => {
    skip(process.platform !== 'linux', 'there is no /proc to look at')
    const { CapEff, CapBnd, NoNewPrivs } = await probe<Record<string, string>>('privileges')
    expect({ CapEff, NoNewPrivs }).toEqual({ CapEff: '0000000000000000', NoNewPrivs: '1' })
    expect(CapBnd).toBeDefined()
  })

  it('sees no process but its own', async ({ skip }) => {
    skip(!contained, 'this machine has no process namespaces')
    const processes = await probe<readonly string[]>('processes')
    expect(processes.length).toBeLessThanOrEqual(3)
    expect(processes).not.toContain(String(cloud.pid))
    expect(JSON.stringify(await probe('environments'))).not.toContain(SECRET)
  })

  it('cannot kill the cloud, nor a function of another account', async ({ skip }) => {
    skip(!contained, 'this machine has no process namespaces')
    await probe('identity', {}, 'target')
    const pids = [cloud.pid, process.pid, ...descendantsOf(cloud.pid).map(({ pid }) => pid)]
    const outcomes = await probe<Record<string, string>>('kill', { pids: pids.filter((pid) => pid > 10) })
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['ESRCH']))
    await cloud
      .client(LambdaClient, 'source')
      .send(new InvokeCommand({ FunctionName: 'probe', Payload: Buffer.from('{"probe":"killAll"}') }))
    const { Account } = await cloud.client(STSClient, 'target').send(new GetCallerIdentityCommand({}))
    expect(Account).toBe(ACCOUNTS.target)
    expect(await probe('identity')).toContain('assumed-role/probe')
  })

  it('is given no session of another role by the cloud’s own door', async () => {
    // Who comes through the network finds no door at all.
    const status = cloud.ready.dataPlane === 'real' ? 404 : 403
    const roleArn = `arn:aws:iam::${ACCOUNTS.source}:role/probe`
    expect(await probe('door', { path: 'credentials', body: JSON.stringify({ roleArn }) })).toBe(status)
  })
})
