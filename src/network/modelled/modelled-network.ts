/**
 * The data plane where the machine refuses namespaces: functions are in the machine's own network, and the evaluator decides about their calls
 * to AWS, which all come here first. Nothing else they send is isolated.
 *
 * FIDELITY: a function finds AWS at `AWS_ENDPOINT_URL` on loopback. A call that its VPC does not let through connects and is never answered,
 * where on AWS it does not connect; a connection is judged by its first request, and only when it is made. How many connections go through a
 * NAT gateway is not counted.
 */
import net, { type AddressInfo, type Server, type Socket } from 'node:net'

import type { Clock } from '../../core/clock.ts'
import type { Attachment, ConnectionOrigin, Network, NetworkHost } from '../network.ts'
import { judgeCall, type CallVerdict } from '../plan/call.ts'
import type { FlowSource } from '../plan/flow.ts'
import { EMPTY_MODEL, type NetworkModel } from '../plan/model.ts'
import type { Verdict } from '../plan/verdict.ts'
import { calledHost } from './called-host.ts'
import { peekHead } from './connection-head.ts'

export interface ModelledNetwork extends Network {
  /** Where the functions of an attachment find AWS. Throws for one that no applied model has. */
  awsEndpointUrl(attachment: Attachment): string
  /** What would become of a call: `judge(attachment, 'lambda.us-east-1.amazonaws.com', 443)`. */
  judge(attachment: Attachment, host: string, port: number): CallVerdict
}

export interface ModelledNetworkOptions {
  readonly host: Pick<NetworkHost, 'onAwsConnection'>
  readonly clock: Clock
  /** What the machine lacks, in one sentence. */
  readonly reason: string
}

const LOOPBACK = '127.0.0.1'
const HTTPS_PORT = 443
/** Calls that are never answered and have not been given up yet; beyond it, the oldest is cut off. */
const UNANSWERED_MAX = 1000
const LAMBDA_SERVICE: Attachment = { kind: 'lambda-service' }

/** Resolves when functions outside any VPC have their way to AWS. */
export async function createModelledNetwork({ host, clock, reason }: ModelledNetworkOptions): Promise<ModelledNetwork> {
  let model: NetworkModel | undefined
  let applying: Promise<void> = Promise.resolve()
  const doors = new Map<string, Server>()
  const sockets = new Set<Socket>()
  const unanswered = new Set<Socket>()

  const judge = (attachment: Attachment, name: string, port: number): CallVerdict =>
    judgeCall(model ?? EMPTY_MODEL, { from: sourceOf(attachment), host: name, port })

  async function receive(attachment: Attachment, socket: Socket): Promise<void> {
    socket.setNoDelay(true)
    // A client that goes away tells nothing that anybody here could mend.
    socket.on('error', () => socket.destroy())
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      unanswered.delete(socket)
    })
    const head = await peekHead(socket, clock)
    if (head === undefined) return
    const { answer, verdict } = judge(attachment, calledHost(head), HTTPS_PORT)
    const origin = verdict === undefined ? undefined : originOf(verdict)
    if (origin !== undefined) return host.onAwsConnection(socket, origin)
    const isKnownAtOnce = answer?.kind === 'no-such-name' || verdict?.outcome === 'refused'
    if (isKnownAtOnce) socket.resetAndDestroy()
    else leaveUnanswered(socket)
  }

  function leaveUnanswered(socket: Socket): void {
    unanswered.add(socket)
    const [oldest] = unanswered
    if (unanswered.size > UNANSWERED_MAX) oldest?.destroy()
    // What is sent is read and dropped: an end that nobody reads would never be seen.
    socket.on('end', () => socket.destroy())
    socket.resume()
  }

  async function openDoor(attachment: Attachment): Promise<void> {
    // Who has said all may still hear an answer.
    const server = net.createServer({ allowHalfOpen: true }, (socket) => void receive(attachment, socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, LOOPBACK, resolve)
    })
    server.unref()
    doors.set(keyOf(attachment), server)
  }

  /** A door for every interface of functions, none for those that are gone. */
  async function follow(wanted: NetworkModel): Promise<void> {
    model = wanted
    const attachments = [LAMBDA_SERVICE, ...lambdaAttachments(wanted)]
    const keys = new Set(attachments.map(keyOf))
    for (const [key, door] of doors) {
      if (keys.has(key)) continue
      doors.delete(key)
      door.close()
    }
    for (const attachment of attachments) {
      if (!doors.has(keyOf(attachment))) await openDoor(attachment)
    }
  }

  await openDoor(LAMBDA_SERVICE)
  return {
    dataPlane: { kind: 'modelled', reason },
    judge,
    apply(wanted) {
      applying = applying.catch(() => {}).then(() => follow(wanted))
      return applying
    },
    awsEndpointUrl(attachment) {
      const address = doors.get(keyOf(attachment))?.address()
      if (!isAddressInfo(address)) throw new Error(`there is no Lambda interface ${keyOf(attachment)}`)
      return `http://${LOOPBACK}:${address.port}`
    },
    async createPlace() {
      throw new Error(`the modelled data plane has no namespaces: ${reason}`)
    },
    async close() {
      await applying.catch(() => {})
      for (const door of doors.values()) door.close()
      doors.clear()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** What the service knows of the caller; undefined where the connection does not arrive at one of AWS's. */
function originOf(verdict: Verdict): ConnectionOrigin | undefined {
  if (verdict.outcome !== 'reached') return undefined
  const { destination, sourceAddress } = verdict
  switch (destination.kind) {
    case 'aws-service':
      return { sourceIp: sourceAddress }
    case 'vpc-endpoint':
      return { endpoint: { vpcEndpointId: destination.id, vpcId: destination.vpcId, sourceIp: sourceAddress } }
    case 'network-interface':
    case 'internet':
    case 'resolver':
    case 'runtime-api':
      return undefined
  }
}

function lambdaAttachments({ networkInterfaces }: NetworkModel): readonly Attachment[] {
  return networkInterfaces
    .filter(({ kind }) => kind.kind === 'lambda')
    .map(({ id }) => ({ kind: 'vpc', networkInterfaceId: id }))
}

function sourceOf(attachment: Attachment): FlowSource {
  return attachment.kind === 'vpc'
    ? { kind: 'network-interface', id: attachment.networkInterfaceId }
    : { kind: 'lambda-service' }
}

function keyOf(attachment: Attachment): string {
  return attachment.kind === 'vpc' ? attachment.networkInterfaceId : attachment.kind
}

function isAddressInfo(address: AddressInfo | string | null | undefined): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
