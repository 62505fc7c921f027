/** Which environment variables win, and which settings need a process of their own. */
import { describe, expect, it } from 'vitest'

import type { FunctionImage } from '../compute.ts'
import { functionVariables, needsFreshProcess } from './variables.ts'

const IMAGE: FunctionImage = {
  key: 'k',
  account: '111122223333',
  region: 'eu-west-1',
  functionName: 'f',
  version: '3',
  runtime: 'nodejs22.x',
  handler: 'index.handler',
  codeDirectory: '/code',
  layerDirectories: [],
  network: { kind: 'lambda-service' },
  memoryMb: 256,
  timeoutMs: 3000,
  ephemeralStorageMb: 512,
  environment: {},
  roleArn: 'arn:aws:iam::111122223333:role/r',
  logGroup: '/aws/lambda/f',
  logFormat: 'Text',
  initializationType: 'on-demand',
}

function variablesOf(changes: Partial<FunctionImage>): Record<string, string> {
  return functionVariables({
    image: { ...IMAGE, ...changes },
    credentials: { accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T', expiration: new Date(0) },
    logStream: 'stream',
    runtimeApi: '127.0.0.1:1',
    endpoints: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    paths: { task: '/var/task', layers: '/opt', temporary: undefined },
  })
}

describe('the environment variables of a function', () => {
  it('let the function set what AWS lets it set', () => {
    const environment = { PATH: '/mine', TZ: 'UTC', NODE_PATH: '/opt', AWS_ENDPOINT_URL: 'http://elsewhere' }
    expect(variablesOf({ environment })).toMatchObject(environment)
  })

  it('keep the reserved ones', () => {
    const environment = { AWS_REGION: 'mars', AWS_ACCESS_KEY_ID: 'mine', _HANDLER: 'other', LAMBDA_TASK_ROOT: '/' }
    expect(variablesOf({ environment })).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'A',
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: '/var/task',
    })
  })

  it('are fewer for a custom runtime', () => {
    const node = Object.keys(variablesOf({}))
    const provided = Object.keys(variablesOf({ runtime: 'provided.al2023' }))
    expect(node.filter((name) => !provided.includes(name)).toSorted()).toEqual([
      'AWS_EXECUTION_ENV',
      'NODE_PATH',
      'PWD',
      'SHLVL',
    ])
  })

  it('that are read when a process starts need a process of their own', () => {
    for (const name of ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'LD_PRELOAD', 'AWS_LAMBDA_EXEC_WRAPPER']) {
      expect(needsFreshProcess({ [name]: 'x' })).toBe(true)
    }
    expect(needsFreshProcess({ TZ: 'UTC', NODE_PATH: '/opt', TABLE: 't' })).toBe(false)
  })
})
