/** A project whose every crossing fails for another cause, each of them real. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ACCOUNTS } from './isthmus.ts'

const GUARDED = '333344445555'
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}
const MAY_INVOKE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }],
}
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'

/** Name → code of a callee, and what is special about it. */
const CALLEES = {
  fine: { code: 'exports.handler = async (event) => event' },
  failing: {
    code: 'class OrderRejected extends Error { name = "OrderRejected" }\nexports.handler = async () => { throw new OrderRejected("no") }',
  },
  slow: { code: 'exports.handler = () => new Promise((done) => setTimeout(done, 60000))' },
  'slow-to-start': {
    code: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000)\nexports.handler = async () => 1',
  },
  unreachable: {
    code: 'exports.handler = () => new Promise((_, fail) => require("node:net").connect(1, "127.0.0.1").on("error", fail))',
  },
  full: { code: 'exports.handler = async () => 1', properties: { ReservedConcurrentExecutions: 0 } },
  private: { code: 'exports.handler = async () => 1', isPrivate: true },
} as const satisfies Record<string, { code: string; properties?: object; isPrivate?: boolean }>

interface FailingCrossing {
  readonly from: string
  readonly to: string
  readonly type?: 'Event'
  /** Undefined: it succeeds. */
  readonly cause?: { readonly cause: string; readonly kind: string; readonly detail?: string }
}

const role = (name: string, account: string = ACCOUNTS.source) => `arn:aws:iam::${account}:role/${name}`
const denied = (detail: string) => ({ cause: 'AccessDeniedException', kind: 'iam', detail })

export const CROSSINGS: readonly FailingCrossing[] = [
  { from: role('caller'), to: 'target:fine' },
  { from: role('caller'), to: 'target:fine', type: 'Event' },
  { from: role('caller'), to: 'target:failing', cause: { cause: 'OrderRejected', kind: 'function-error' } },
  { from: role('caller'), to: 'target:slow', cause: { cause: 'Sandbox.Timedout', kind: 'timeout', detail: 'handler' } },
  {
    from: role('caller'),
    to: 'target:slow-to-start',
    cause: { cause: 'Sandbox.Timedout', kind: 'timeout', detail: 'init' },
  },
  {
    from: role('caller'),
    to: 'target:unreachable',
    cause: { cause: 'Error', kind: 'network', detail: 'ECONNREFUSED' },
  },
  {
    from: role('caller'),
    to: 'target:full',
    cause: { cause: 'ReservedFunctionConcurrentInvocationLimitExceeded', kind: 'throttle' },
  },
  { from: role('caller'), to: 'target:private', cause: denied('no resource-based policy') },
  { from: role('nobody'), to: 'target:fine', cause: denied('no identity-based policy') },
  { from: role('bounded'), to: 'target:fine', cause: denied('no permissions boundary') },
  {
    from: role('guarded', GUARDED),
    to: 'target:fine',
    cause: denied('explicit deny in service control policy'),
  },
  {
    from: 'target',
    to: 'target:fine:gone',
    cause: { cause: 'ResourceNotFoundException', kind: 'function-state' },
  },
]

export function writeProject(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content, null, 2))
  write('isthmus.yaml', {
    accounts: { ...Object.fromEntries(Object.entries(ACCOUNTS).slice(1)), guarded: { id: GUARDED, parent: 'walled' } },
    organization: {
      organizationalUnits: { walled: {} },
      serviceControlPolicies: {
        'no-invoke': {
          targets: ['walled'],
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Deny', Action: 'lambda:InvokeFunction', Resource: '*' }],
          },
        },
      },
    },
    stacks: [
      { account: 'source', template: 'source.json' },
      { account: 'guarded', template: 'guarded.json' },
      { account: 'target', template: 'target.json' },
    ],
    crossings: CROSSINGS.map(({ from, to, type = 'RequestResponse' }) => ({ from, to, type })),
    load: { rate: 24, duration: '1s', thresholds: ['sent==24', 'cause(OrderRejected)>0', 'throttles<1'] },
  })
  const boundary = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] }
  write('source.json', {
    Resources: {
      Caller: roleResource('caller', MAY_INVOKE),
      Nobody: roleResource('nobody', undefined),
      Boundary: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: boundary } },
      Bounded: roleResource('bounded', MAY_INVOKE, { PermissionsBoundary: { Ref: 'Boundary' } }),
    },
  })
  write('guarded.json', { Resources: { Guarded: roleResource('guarded', MAY_INVOKE) } })
  write('target.json', { Resources: targetResources() })
}

function roleResource(name: string, policy: object | undefined, more: object = {}): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: TRUST,
      ...(policy && { Policies: [{ PolicyName: 'inline', PolicyDocument: policy }] }),
      ...more,
    },
  }
}

function targetResources(): object {
  const resources: Record<string, object> = { Role: roleResource('callee', undefined, { ManagedPolicyArns: [BASIC] }) }
  const callers = ['caller', 'nobody', 'bounded'].map((name) => role(name))
  for (const [name, { code, ...special }] of Object.entries(CALLEES)) {
    const id = name.replaceAll('-', '')
    resources[id] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: name,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Timeout: name.startsWith('slow') ? 1 : 30,
        Code: { ZipFile: code },
        ...('properties' in special && special.properties),
      },
    }
    if ('isPrivate' in special) continue
    for (const [index, Principal] of [...callers, role('guarded', GUARDED)].entries()) {
      resources[`${id}${index}`] = {
        Type: 'AWS::Lambda::Permission',
        Properties: { FunctionName: { Ref: id }, Action: 'lambda:InvokeFunction', Principal },
      }
    }
  }
  return resources
}
