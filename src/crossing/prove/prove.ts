/** Proves a crossing: makes it happen, takes each permission away in turn, sees the call break in AWS's own words, and restores it. */

import { loadPackage } from '../../core/load-package.ts'
import { createClients, type AwsAccess, type Clients, type Signer } from '../access.ts'
import type { Crossing } from '../crossing.ts'
import { callDirectly, callThroughCode, type CallRequest, type CallResult, type MakeCall } from './call.ts'
import { roleSessionKeys } from './role-session.ts'
import { readPath } from './landscape.ts'
import { proveNetwork, type NetworkProof } from './network/prove-network.ts'
import type { ProofRow } from './proof-row.ts'
import { readCallerRole, readStatements, requireCallee, type Scene } from './scene.ts'
import { scenarios, type Change, type Scenario } from './scenarios.ts'

const { FilterLogEventsCommand, ResourceNotFoundException } = loadPackage('@aws-sdk/client-cloudwatch-logs')
const { DescribeOrganizationCommand } = loadPackage('@aws-sdk/client-organizations')

export interface CrossingProof {
  readonly from: string
  readonly to: string
  readonly type: Crossing['type']
  readonly by: Crossing['by']
  readonly callerArn: string
  readonly part: ProofPart
  readonly rows: readonly ProofRow[]
}

export type ProofPart = 'call' | 'permissions' | 'network'

export interface ProveOptions {
  readonly access: AwsAccess
  readonly crossing: Crossing
  /** Distinguishes what this run creates from everything else. */
  readonly runId: string
  /** The call as it is deployed; each permission taken away and every kind of grant; or what the network lets through. */
  readonly part: ProofPart
  /** Why the cloud carries no packets but judges calls to AWS; absent where packets are real. */
  readonly modelled?: string
  /** Read where the calls of the network's rows get, hop by hop. */
  readonly withPaths?: boolean
  readonly onRow: (row: ProofRow) => void
  readonly signal: AbortSignal
}

/** AWS takes seconds to apply a change of permissions everywhere; Isthmus applies it at once. */
const SETTLE_MS_ON_AWS = 60_000
const SETTLE_PAUSE_MS = 2_000
const ARRIVAL_MS_MAX = 15_000
const ARRIVAL_POLL_MS = 25

export async function proveCrossing(options: ProveOptions): Promise<CrossingProof> {
  const { crossing, access } = options
  const { scene, makeCall } = await setTheScene(options)
  const settleMs = access.endpoint === undefined ? SETTLE_MS_ON_AWS : 0
  const rows: ProofRow[] = []
  const add = (row: ProofRow) => {
    rows.push(row)
    options.onRow(row)
  }
  const request: CallRequest = {
    functionName: crossing.to.arn,
    api: 'Invoke',
    type: crossing.type,
    payload: crossing.payload,
  }

  if (options.part === 'call') add(await proveCall(scene, makeCall, request))
  for (const scenario of options.part === 'permissions' ? scenarios : []) {
    if (options.signal.aborted) break
    add(await proveScenario(scenario, { scene, makeCall, request, settleMs }))
  }
  if (options.part === 'network') {
    const unretried = createClients(access, signerOf(access, crossing.to.account), { maxAttempts: 1 }).ec2
    const pathOf: NetworkProof['pathOf'] = (reference, target) => readPath(access, reference, target)
    const paths = options.withPaths === true ? { pathOf } : {}
    await proveNetwork({ ...options, ...paths, scene, makeCall, request, unretried, onRow: add })
  }
  return {
    from: crossing.from.arn,
    to: crossing.to.arn,
    type: crossing.type,
    by: crossing.by,
    callerArn: scene.callerArn,
    part: options.part,
    rows,
  }
}

async function setTheScene({ access, crossing, runId }: ProveOptions): Promise<{ scene: Scene; makeCall: MakeCall }> {
  const source = clientsOf(access, crossing.from.account)
  const target = clientsOf(access, crossing.to.account)
  const [role] = await Promise.all([readCallerRole(source, crossing.from.arn), requireCallee(target, crossing.to.arn)])
  // Lambda names the session of an execution environment after the function.
  const sessionName = crossing.from.name
  const management = access.managementAccount === undefined ? undefined : clientsOf(access, access.managementAccount)
  const organization = await management?.organizations.send(new DescribeOrganizationCommand({}))
  const scene: Scene = {
    crossing,
    source,
    target,
    ...(management && { management }),
    ...(organization?.Organization?.Id !== undefined && { organizationId: organization.Organization.Id }),
    role,
    statements: await readStatements(target.lambda, crossing.to.arn),
    unqualifiedStatements: await readStatements(target.lambda, crossing.to.unqualifiedArn),
    callerArn: `arn:aws:sts::${crossing.from.account}:assumed-role/${role.name}/${sessionName}`,
    prefix: `isthmus-prove-${runId}`,
  }
  if (crossing.by === 'code') return { scene, makeCall: callThroughCode(source.lambda, crossing.from.arn) }
  const keys = await roleSessionKeys(access, { source, roleArn: role.arn, sessionName })
  const { lambda } = createClients(access, { keys })
  return { scene, makeCall: callDirectly(lambda) }
}

function clientsOf(access: AwsAccess, account: string): Clients {
  return createClients(access, signerOf(access, account))
}

function signerOf(access: AwsAccess, account: string): Signer {
  const signer = access.signers.get(account)
  if (!signer) throw new Error(`no way to sign for account ${account}`)
  return signer
}

/** The crossing as it stands: the call is answered, or its event arrives. */
async function proveCall(scene: Scene, makeCall: MakeCall, request: CallRequest): Promise<ProofRow> {
  const synchronous = request.type === 'RequestResponse'
  const title = synchronous ? 'synchronous: the callee answers' : 'asynchronous: the event arrives'
  const row = { id: synchronous ? 'call-sync' : 'call-async', title, expected: 'allowed' } as const
  const started = performance.now()
  const result = await makeCall(request)
  const facts = factsOf(result)
  if (result.outcome === 'failed') return { ...row, ...facts, outcome: outcomeOf(result), ok: false }
  if (result.functionError !== undefined) {
    return {
      ...row,
      ...facts,
      outcome: 'failed',
      ok: false,
      reason: `the callee failed: ${JSON.stringify(result.answer)}`,
    }
  }
  if (synchronous) return { ...row, ...facts, outcome: 'allowed', ok: true, answer: result.answer }
  const arrived = await waitForArrival(scene, result.requestId)
  const durationMs = performance.now() - started
  return arrived
    ? { ...row, ...facts, durationMs, outcome: 'allowed', ok: true }
    : {
        ...row,
        ...facts,
        outcome: 'failed',
        ok: false,
        reason: `the event did not arrive within ${ARRIVAL_MS_MAX / 1000} s`,
      }
}

/** An asynchronous event has arrived when the callee's log has the START line of its request. */
async function waitForArrival({ target, crossing }: Scene, requestId: string): Promise<boolean> {
  const deadline = performance.now() + ARRIVAL_MS_MAX
  while (performance.now() < deadline) {
    try {
      const { events = [] } = await target.logs.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/lambda/${crossing.to.name}`,
          filterPattern: `"START RequestId: ${requestId}"`,
        }),
      )
      if (events.length > 0) return true
    } catch (error) {
      // The log group comes with the function's first line.
      if (!(error instanceof ResourceNotFoundException)) throw error
    }
    await pause(ARRIVAL_POLL_MS)
  }
  return false
}

interface Attempt {
  readonly scene: Scene
  readonly makeCall: MakeCall
  readonly request: CallRequest
  readonly settleMs: number
}

async function proveScenario(scenario: Scenario, attempt: Attempt): Promise<ProofRow> {
  const { scene, makeCall, request, settleMs } = attempt
  const row = { id: scenario.id, title: scenario.title, expected: scenario.expected }
  const inapplicable = scenario.inapplicable(scene)
  if (inapplicable !== undefined) return { ...row, outcome: 'skipped', ok: true, reason: inapplicable }
  const change = await scenario.change(scene)
  let result: CallResult
  try {
    const perform = change.perform ?? (() => makeCall({ ...request, ...change.call }))
    result = await settle(perform, (seen) => matches(seen, scenario, change), settleMs)
  } finally {
    await change.undo()
  }
  const again = await settle(
    () => makeCall(request),
    ({ outcome }) => outcome === 'allowed',
    settleMs,
  )
  const restored = again.outcome === 'allowed'
  const ok = matches(result, scenario, change)
  return {
    ...row,
    ...factsOf(result),
    outcome: outcomeOf(result),
    ok: ok && restored,
    restored,
    ...(!ok && change.message !== undefined && { expectedMessage: change.message }),
  }
}

function matches(result: CallResult, { expected }: Scenario, { message }: Change): boolean {
  if (expected === 'allowed') return result.outcome === 'allowed'
  return result.outcome === 'failed' && result.message === message
}

/** Repeats a call until it comes out as hoped or the time is up; the last result counts. */
async function settle(
  perform: () => Promise<CallResult>,
  asHoped: (result: CallResult) => boolean,
  settleMs: number,
): Promise<CallResult> {
  const deadline = performance.now() + settleMs
  for (;;) {
    const result = await perform()
    if (asHoped(result) || performance.now() >= deadline) return result
    await pause(SETTLE_PAUSE_MS)
  }
}

function factsOf(result: CallResult): Pick<ProofRow, 'evidence' | 'requestId' | 'durationMs' | 'error' | 'message'> {
  return {
    evidence: 'executed',
    requestId: result.requestId,
    durationMs: result.durationMs,
    ...(result.outcome === 'failed' && { error: result.error, message: result.message }),
  }
}

/** A denial is AWS's word for it; anything else that fails is a failure of the proof. */
function outcomeOf(result: CallResult): 'allowed' | 'denied' | 'failed' {
  if (result.outcome === 'allowed') return 'allowed'
  return result.error.startsWith('AccessDenied') || result.message.startsWith('Could not execute the lambda function')
    ? 'denied'
    : 'failed'
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
