/**
 * What the network lets through of a crossing: that the callee is called although nothing leads into its VPC, what its own calls need to get
 * out, what the caller needs once it is in a private subnet itself, and what the limits of a VPC do. Everything is made for the purpose and
 * removed again.
 */
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { VpcConfigResponse } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../../core/load-package.ts'
import type { AwsAccess } from '../../access.ts'
import type { FunctionReference } from '../../crossing.ts'
import type { NetworkPath, NetworkTarget } from '../../explain/network-path.ts'
import type { CallRequest, CallResult, MakeCall } from '../call.ts'
import { putIdentityPolicy, reversibly, type Undo } from '../changes.ts'
import { deniedSentence, noPolicyAllows } from '../expected-words.ts'
import { anyPage, serviceTargets } from '../landscape.ts'
import type { ProofRow } from '../proof-row.ts'
import type { Scene } from '../scene.ts'
import { ask, createFunction, createVpcRole, moveFunction, VPC_PERMISSIONS, type Placement } from './functions.ts'
import {
  limitInterfaces,
  OUT_OF_ADDRESSES,
  OUT_OF_INTERFACES,
  takeAddresses,
  THROTTLED,
  whileThrottled,
} from './limits.ts'
import {
  createLambdaEndpoint,
  createNarrowSubnet,
  createPrivateNetwork,
  createSecurityGroup,
  createWayOut,
  isPrivate,
  restrictEndpoint,
  shutEndpoint,
} from './networks.ts'

const { GetFunctionConfigurationCommand } = loadPackage('@aws-sdk/client-lambda')

export interface NetworkProof {
  readonly access: AwsAccess
  readonly scene: Scene
  readonly makeCall: MakeCall
  readonly request: CallRequest
  /** Of the callee's account; asks once. */
  readonly unretried: EC2Client
  readonly modelled?: string
  /** Absent where nobody asks for paths. */
  readonly pathOf?: (reference: FunctionReference, target: NetworkTarget) => Promise<NetworkPath | undefined>
  readonly onRow: (row: ProofRow) => void
  readonly signal: AbortSignal
}

interface Row {
  readonly id: string
  readonly title: string
  readonly expected: ProofRow['expected']
}

const ROWS = {
  calleePrivate: row('callee-in-private-subnet', 'the callee in a private subnet, called all the same', 'allowed'),
  calleeOut: row('callee-to-internet', "the callee's own call to the internet", 'timed out'),
  calleeNat: row('callee-to-internet-nat', "  through a NAT gateway: from the gateway's address", 'allowed'),
  callerPrivate: row('caller-in-private-subnet', 'the caller in a private subnet calls Lambda', 'timed out'),
  endpointShut: row(
    'endpoint-security-group',
    '  an interface endpoint whose security group keeps it out',
    'timed out',
  ),
  endpoint: row('caller-endpoint', '  through the interface endpoint', 'allowed'),
  endpointPolicy: row('endpoint-policy', "  the endpoint's policy does not allow the call", 'denied'),
  callerNat: row('caller-nat', '  through a NAT gateway instead', 'allowed'),
  addresses: row('subnet-out-of-addresses', 'a function in a subnet without a free address', 'refused'),
  interfaces: row('interface-quota', '  in a VPC without a free network interface', 'refused'),
  throttled: row('ec2-throttled', '  while EC2 throttles the account', 'refused'),
  restored: row('network-restored', 'everything removed: the call as it was', 'allowed'),
} as const

function row(id: string, title: string, expected: Row['expected']): Row {
  return { id, title, expected }
}

export async function proveNetwork(proof: NetworkProof): Promise<void> {
  const stages = [proveCallee, proveCaller, proveLimits]
  for (const stage of stages) if (!proof.signal.aborted) await stage(proof)
  proof.onRow(judged(ROWS.restored, await proof.makeCall(proof.request)))
}

/** A page that tells who asks. */
const PAGES = { isthmus: 'http://internet.isthmus.test/', aws: 'http://checkip.amazonaws.com/' } as const
const HTTP_PORT = 80
/** Long enough for a page, and for nothing that is dropped on the way. */
const PAGE_MS_MAX = 1_500

async function proveCallee(proof: NetworkProof): Promise<void> {
  const { scene, onRow } = proof
  const { target, crossing, prefix } = scene
  const found = await target.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: crossing.to.arn }))
  const vpc = found.VpcConfig
  const open = await whyOpen(target.ec2, vpc)
  if (!vpc || open !== undefined) {
    for (const each of [ROWS.calleePrivate, ROWS.calleeOut, ROWS.calleeNat]) onRow(skipped(each, open ?? ''))
    return
  }
  onRow(judged(ROWS.calleePrivate, await proof.makeCall(proof.request)))
  if (proof.modelled !== undefined) {
    for (const each of [ROWS.calleeOut, ROWS.calleeNat]) onRow(skipped(each, needsPackets(proof.modelled)))
    return
  }
  const name = `${prefix}-beside`
  const url = PAGES[proof.access.endpoint === undefined ? 'aws' : 'isthmus']
  await temporarily(async (undos) => {
    const roleArn = await createVpcRole(target, name, undos)
    await createFunction(target, { name, roleArn, vpc: placementOf(vpc) }, undos)
    // It is where the callee is, and its calls go the same way.
    const path = () => pathOf(proof, crossing.to, anyPage(HTTP_PORT))
    onRow({ ...asked(ROWS.calleeOut, await ask(target, name, url, PAGE_MS_MAX)), ...(await path()) })
    const address = await createWayOut(target.ec2, { vpcId: vpc.VpcId ?? '', subnetIds: vpc.SubnetIds ?? [] }, undos)
    const answer = asked(ROWS.calleeNat, await ask(target, name, url, PAGE_MS_MAX))
    const seen = addressIn(answer.answer)
    const isGateway = seen === address
    onRow({
      ...answer,
      ...(await path()),
      ok: answer.ok && isGateway,
      ...(answer.ok && !isGateway && { reason: `seen from ${seen}, expected the NAT gateway's ${address}` }),
    })
  })
}

async function pathOf(
  proof: NetworkProof,
  reference: FunctionReference,
  target: NetworkTarget | undefined,
): Promise<Pick<ProofRow, 'path'>> {
  const path = target && (await proof.pathOf?.(reference, target))
  return path === undefined ? {} : { path }
}

/** Undefined when the callee is in private subnets only. */
async function whyOpen(ec2: EC2Client, vpc: VpcConfigResponse | undefined): Promise<string | undefined> {
  const { VpcId = '', SubnetIds = [] } = vpc ?? {}
  if (VpcId === '') return 'the callee is not in a VPC'
  for (const subnetId of SubnetIds) {
    if (!(await isPrivate(ec2, VpcId, subnetId))) return `the callee's subnet ${subnetId} has a way out`
  }
  return undefined
}

async function proveCaller(proof: NetworkProof): Promise<void> {
  const { scene, onRow, makeCall, request } = proof
  const { source, crossing, prefix } = scene
  const rows = [ROWS.callerPrivate, ROWS.endpointShut, ROWS.endpoint, ROWS.endpointPolicy, ROWS.callerNat]
  if (crossing.by !== 'code') {
    for (const each of rows) onRow(skipped(each, "the call is signed here, not made by the caller's own code"))
    return
  }
  const [lambda] = serviceTargets(['lambda'], crossing.to.region)
  const evidence = proof.modelled === undefined ? 'executed' : 'evaluated'
  const call = async (each: Row, message?: string) => {
    const made = judged(each, await makeCall(request), message)
    onRow({ ...made, evidence, ...(await pathOf(proof, crossing.from, lambda)) })
  }
  await temporarily(async (undos) => {
    undos.push(await putIdentityPolicy(scene, VPC_PERMISSIONS))
    const network = await createPrivateNetwork(source.ec2, prefix, undos)
    const vpc = { SubnetIds: [network.subnetId], SecurityGroupIds: [network.securityGroupId] }
    undos.push(await moveFunction(source.lambda, crossing.from.arn, vpc))
    await call(ROWS.callerPrivate)
    await temporarily(async (inner) => {
      const endpoint = await createLambdaEndpoint(source.ec2, network, crossing.from.region, prefix, inner)
      // Shut before it is used: a connection that stands outlives the rule that let it in.
      const open = await shutEndpoint(source.ec2, endpoint, network)
      try {
        await call(ROWS.endpointShut)
      } finally {
        await open()
      }
      await call(ROWS.endpoint)
      const forgive = await restrictEndpoint(source.ec2, endpoint, {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'lambda:ListFunctions', Resource: '*' }],
      })
      try {
        await call(ROWS.endpointPolicy, wordsOfEndpointPolicy(scene))
      } finally {
        await forgive()
      }
    })
    await temporarily(async (inner) => {
      await createWayOut(source.ec2, { vpcId: network.vpcId, subnetIds: [network.subnetId] }, inner)
      // In environments of its own: those there are hold connections to an endpoint that is gone.
      await moveFunction(source.lambda, crossing.from.arn, vpc)
      await call(ROWS.callerNat)
    })
  })
}

function wordsOfEndpointPolicy({ callerArn, crossing }: Scene): string {
  const action = 'lambda:InvokeFunction'
  return deniedSentence({
    callerArn,
    action,
    resource: crossing.to.arn,
    why: noPolicyAllows('VPC endpoint policy', action),
  })
}

async function proveLimits(proof: NetworkProof): Promise<void> {
  const { scene, onRow, unretried } = proof
  const { target, prefix } = scene
  const name = `${prefix}-limits`
  await temporarily(async (undos) => {
    const roleArn = await createVpcRole(target, name, undos)
    const network = await createPrivateNetwork(target.ec2, name, undos)
    const inSubnet = (subnetId: string, groupId = network.securityGroupId): Placement => ({
      SubnetIds: [subnetId],
      SecurityGroupIds: [groupId],
    })
    const attempt = async (each: Row, vpc: Placement, words: string) => {
      onRow(await refusedCreation(each, words, (inner) => createFunction(target, { name, roleArn, vpc }, inner)))
    }
    await temporarily(async (inner) => {
      const subnetId = await createNarrowSubnet(target.ec2, network, inner)
      await takeAddresses(target.ec2, subnetId, network.securityGroupId, inner)
      await attempt(ROWS.addresses, inSubnet(subnetId), OUT_OF_ADDRESSES)
    })
    if (proof.access.endpoint === undefined) {
      onRow(skipped(ROWS.interfaces, 'AWS grants no quota below the default'))
    } else {
      await temporarily(async (inner) => {
        const first = { name: `${name}-first`, roleArn, vpc: inSubnet(network.subnetId) }
        await createFunction(target, first, inner)
        await limitInterfaces(target, 1, inner)
        const group = await createSecurityGroup(target.ec2, network.vpcId, `${name}-second`, inner)
        await attempt(ROWS.interfaces, inSubnet(network.subnetId, group), OUT_OF_INTERFACES)
      })
    }
    await whileThrottled(unretried, network.subnetId, () =>
      attempt(ROWS.throttled, inSubnet(network.subnetId), THROTTLED),
    )
  })
}

async function refusedCreation(
  each: Row,
  words: string,
  create: (undos: Undo[]) => ReturnType<typeof createFunction>,
): Promise<ProofRow> {
  const started = performance.now()
  let error = ''
  let message = ''
  try {
    await temporarily(async (undos) => {
      const { State, StateReason = '', StateReasonCode = '' } = await create(undos)
      if (State === 'Failed') [error, message] = [StateReasonCode, StateReason]
    })
  } catch (thrown) {
    if (!(thrown instanceof Error) || thrown.name !== 'InvalidParameterValueException') throw thrown
    ;[error, message] = [thrown.name, thrown.message]
  }
  const durationMs = performance.now() - started
  if (error === '') return { ...each, outcome: 'allowed', ok: false, reason: 'the function was made', durationMs }
  const ok = message === words
  const expectedMessage = ok ? {} : { expectedMessage: words }
  return { ...each, evidence: 'executed', outcome: 'refused', ok, error, message, durationMs, ...expectedMessage }
}

/** What `change` made is undone when it is through, and when it fails. */
async function temporarily(change: (undos: Undo[]) => Promise<void>): Promise<void> {
  const undo = await reversibly(change)
  await undo()
}

function placementOf({ SubnetIds = [], SecurityGroupIds = [] }: VpcConfigResponse): Placement {
  return { SubnetIds, SecurityGroupIds }
}

function needsPackets(why: string): string {
  return `only real packets show this, and the data plane is modelled: ${why}`
}

function skipped(each: Row, reason: string): ProofRow {
  return { ...each, outcome: 'skipped', ok: true, reason }
}

/** A call of the crossing. */
function judged(each: Row, result: CallResult, words?: string): ProofRow {
  const facts = { evidence: 'executed', requestId: result.requestId, durationMs: result.durationMs } as const
  if (result.outcome === 'allowed') return { ...each, ...facts, outcome: 'allowed', ok: each.expected === 'allowed' }
  const { error, message } = result
  const outcome = TIMED_OUT.test(`${error}: ${message}`) ? 'timed out' : 'denied'
  const ok = outcome === each.expected && (words === undefined || message === words)
  const expectedMessage = !ok && words !== undefined ? { expectedMessage: words } : {}
  return { ...each, ...facts, outcome, ok, error, message, ...expectedMessage }
}

/** In the words of the SDK, of Node.js and of Lambda. */
const TIMED_OUT = /time[d ]*out|timeout|ETIMEDOUT/i

function asked(each: Row, { text, error, requestId, durationMs }: Awaited<ReturnType<typeof ask>>): ProofRow {
  const facts = { evidence: 'executed', requestId, durationMs } as const
  if (text !== undefined) {
    return { ...each, ...facts, outcome: 'allowed', ok: each.expected === 'allowed', answer: readAnswer(text) }
  }
  const outcome = TIMED_OUT.test(error ?? '') ? 'timed out' : 'failed'
  return { ...each, ...facts, outcome, ok: outcome === each.expected, error: 'Error', message: error ?? '' }
}

/** `{"clientAddress":"…"}`, or nothing but the address. */
function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text.trim()
  }
}

function addressIn(answer: unknown): string | undefined {
  return /\d+(\.\d+){3}/.exec(JSON.stringify(answer) ?? '')?.[0]
}
