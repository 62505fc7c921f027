/** How many policy decisions a second one core makes, trace included. Run directly: `npx tsx bench/policy.ts`. */
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { compilePolicy, type CompiledPolicy } from '../src/policy/compile.ts'
import { decide } from '../src/policy/decide.ts'
import type { PolicyKind } from '../src/policy/document.ts'
import { explainDecision } from '../src/policy/explain.ts'
import type { ApplicablePolicies, AuthorizationRequest, ContextValue } from '../src/policy/model.ts'
import { parsePolicy } from '../src/policy/parse.ts'

export interface Measurement {
  readonly name: string
  readonly perSecond: number
}

const RUN_MS = 700
const BATCH = 500
const CALLER = '111122223333'
const OWNER = '444455556666'
const FUNCTION = `arn:aws:lambda:us-east-1:${OWNER}:function:orders`

const FULL_ACCESS = compile('scp', { Effect: 'Allow', Action: '*', Resource: '*' })

/** Role → function of another account, under two levels of SCPs, each side with the statements such policies have. */
function typical(): ApplicablePolicies {
  return {
    identity: [
      compile(
        'identity',
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: '*',
        },
        { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `arn:aws:lambda:*:${OWNER}:function:orders*` },
        { Effect: 'Deny', Action: 'lambda:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ),
    ],
    scps: [
      [FULL_ACCESS],
      [
        FULL_ACCESS,
        compile('scp', {
          Effect: 'Deny',
          NotAction: ['iam:*', 'sts:*'],
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
        }),
      ],
    ],
    resource: compile('resource', {
      Sid: 'caller',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${CALLER}:role/service/caller` },
      Action: 'lambda:InvokeFunction',
      Resource: FUNCTION,
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } },
    }),
  }
}

/** 20 identity statements against a resource policy of 100, of which the last one grants. */
function large(): ApplicablePolicies {
  const identity = Array.from({ length: 20 }, (_, index) => ({
    Effect: 'Allow',
    Action: index === 19 ? 'lambda:Invoke*' : `service${index}:*`,
    Resource: `arn:aws:lambda:*:${OWNER}:function:*`,
  }))
  const resource = Array.from({ length: 100 }, (_, index) => ({
    Sid: `grant${index}`,
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${CALLER}:role/service/${index === 99 ? 'caller' : `other${index}`}` },
    Action: 'lambda:InvokeFunction',
    Resource: FUNCTION,
    Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } },
  }))
  return { identity: [compile('identity', ...identity)], resource: compile('resource', ...resource) }
}

export function run(): Promise<Measurement[]> {
  const request = requestOf('caller', FUNCTION)
  const typicalPolicies = typical()
  const largePolicies = large()
  const requests = Array.from({ length: 64 }, (_, index) =>
    requestOf(index % 2 === 0 ? 'caller' : `other${index}`, `${FUNCTION}${index}`),
  )
  return Promise.resolve([
    measure('typical cross-account decision', () => decide(request, typicalPolicies)),
    measure('20 identity and 100 resource statements', () => decide(request, largePolicies)),
    measure('64 requests in turn', (turn) => decide(requests[turn % requests.length] ?? request, typicalPolicies)),
    measure('typical, explained in full', () => explainDecision(request, typicalPolicies)),
    measure('typical, parsed and compiled each time', () => decide(request, typical())),
  ])
}

function measure(name: string, once: (turn: number) => unknown): Measurement {
  for (let turn = 0; turn < BATCH; turn++) once(turn)
  const startCpu = process.cpuUsage()
  const start = performance.now()
  let turns = 0
  while (performance.now() - start < RUN_MS) for (let i = 0; i < BATCH; i++) once(turns++)
  const { user, system } = process.cpuUsage(startCpu)
  return { name, perSecond: Math.round(turns / ((user + system) / 1e6)) }
}

function requestOf(role: string, resource: string): AuthorizationRequest {
  const context = new Map<string, ContextValue>([
    ['aws:principalorgid', 'o-example'],
    ['aws:requestedregion', 'us-east-1'],
    ['aws:securetransport', 'true'],
  ])
  return {
    principal: {
      kind: 'role-session',
      account: CALLER,
      arn: `arn:aws:sts::${CALLER}:assumed-role/${role}/caller-function`,
      roleArn: `arn:aws:iam::${CALLER}:role/service/${role}`,
      roleId: 'AROAEXAMPLEEXAMPLE000',
      roleName: role,
      sessionName: 'caller-function',
      serviceLinked: false,
    },
    action: 'lambda:InvokeFunction',
    resource,
    resourceAccount: OWNER,
    context,
  }
}

function compile(kind: PolicyKind, ...statements: readonly object[]): CompiledPolicy {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return compilePolicy(parsePolicy(text, kind), { name: kind })
}

export function tableOf(measurements: readonly Measurement[]): string[] {
  return formatTable(
    [{ title: 'POLICY DECISIONS' }, { title: 'PER S OF CPU', align: 'right' }],
    measurements.map(({ name, perSecond }) => [name, perSecond.toLocaleString('en-US')]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
