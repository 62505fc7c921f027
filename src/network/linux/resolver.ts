/** Amazon's resolver: one for all places, which answers each as its VPC's would. */
import type { Socket as UdpSocket } from 'node:dgram'
import type { Socket } from 'node:net'

import type { Clock } from '../../core/clock.ts'
import { encodeAnswer, encodeShortAnswer, parseQuery, type Query, RESPONSE_CODE, TYPE_A } from '../dns/message.ts'
import type { Answer } from '../plan/names.ts'
import { type Egress, resolveOutside } from './egress.ts'

export interface ResolverOptions {
  /** What a place with this address is told about a name. */
  readonly answerFor: (placeAddress: string, name: string) => Answer
  /** Where names that nobody in here has are looked up. */
  readonly egress?: Egress
  readonly clock: Clock
}

export interface ResolverServer {
  readonly onDatagram: (socket: UdpSocket, message: Buffer, from: { address: string; port: number }) => void
  readonly onConnection: (socket: Socket) => void
}

const LENGTH_BYTES = 2
/** https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
const IDLE_TIMEOUT_MS = 10_000
/** Of these names all are known here: nobody is sent to the real AWS by mistake. */
const OWN_NAMES = /(^|\.)(amazonaws\.com|isthmus\.test|internal)\.?$/i

export function createResolver({ answerFor, egress, clock }: ResolverOptions): ResolverServer {
  async function resolve(asker: string, name: string): Promise<Answer | Outside> {
    const answer = answerFor(asker, name)
    if (answer.kind !== 'no-such-name' || egress === undefined || OWN_NAMES.test(name)) return answer
    const addresses = await resolveOutside(egress, name)
    return addresses.length === 0 ? answer : { kind: 'addresses', addresses }
  }

  async function answer(message: Buffer, asker: string, encode: typeof encodeAnswer): Promise<Buffer | undefined> {
    const query = parseQuery(message)
    return query && answerTo(query, await resolve(asker, query.name), encode)
  }

  async function answerDatagram(socket: UdpSocket, message: Buffer, from: { address: string; port: number }) {
    const encoded = await answer(message, from.address, encodeShortAnswer)
    if (encoded !== undefined) socket.send(encoded, from.port, from.address)
  }

  async function answerConnection(socket: Socket): Promise<void> {
    const asker = socket.remoteAddress ?? ''
    for await (const message of messagesOf(socket, clock)) {
      const encoded = await answer(message, asker, encodeAnswer)
      if (encoded === undefined) break
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt16BE(encoded.length)
      socket.write(Buffer.concat([length, encoded]))
    }
    socket.end()
  }

  return {
    // An asker that has gone, or a socket that has been closed, needs no answer.
    onDatagram: (socket, message, from) => void answerDatagram(socket, message, from).catch(() => {}),
    onConnection: (socket) => void answerConnection(socket).catch(() => socket.destroy()),
  }
}

interface Outside {
  readonly kind: 'addresses'
  readonly addresses: readonly string[]
}

/** Each is preceded by its length. Whoever is silent for too long is cut off. */
async function* messagesOf(socket: Socket, clock: Clock): AsyncGenerator<Buffer> {
  const cutOff = () => clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())
  let idle = cutOff()
  let received = Buffer.alloc(0)
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      idle.cancel()
      idle = cutOff()
      received = Buffer.concat([received, chunk])
      while (received.length >= LENGTH_BYTES && received.length >= LENGTH_BYTES + received.readUInt16BE(0)) {
        const end = LENGTH_BYTES + received.readUInt16BE(0)
        yield received.subarray(LENGTH_BYTES, end)
        received = received.subarray(end)
      }
    }
  } finally {
    idle.cancel()
  }
}

/** Names have IPv4 addresses only: of other types there is nothing, which is another answer than that there is no such name. */
function answerTo(query: Query, answer: Answer | Outside, encode: typeof encodeAnswer): Buffer | undefined {
  switch (answer.kind) {
    case 'addresses':
      return encode(query, RESPONSE_CODE.ok, query.type === TYPE_A ? answer.addresses : [])
    case 'no-such-name':
      return encode(query, RESPONSE_CODE.noSuchName, [])
    case 'silence':
      return undefined
  }
}
