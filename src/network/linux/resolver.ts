/** Amazon's resolver: one for all places, which answers each as its VPC's would. */
import type { Socket as UdpSocket } from 'node:dgram'
import type { Socket } from 'node:net'

import type { Clock } from '../../core/clock.ts'
import { encodeAnswer, encodeShortAnswer, parseQuery, type Query, RESPONSE_CODE, TYPE_A } from '../dns/message.ts'
import type { Answer } from '../plan/names.ts'

/** What a place with this address is told about a name. */
export type AnswerFor = (placeAddress: string, name: string) => Answer

export interface ResolverServer {
  readonly onDatagram: (socket: UdpSocket, message: Buffer, from: { address: string; port: number }) => void
  readonly onConnection: (socket: Socket) => void
}

const LENGTH_BYTES = 2
/** https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
const IDLE_TIMEOUT_MS = 10_000

export function createResolver(answerFor: AnswerFor, clock: Clock): ResolverServer {
  const encoded = (message: Buffer, asker: string, encode: typeof encodeAnswer): Buffer | undefined => {
    const query = parseQuery(message)
    return query && answerTo(query, answerFor(asker, query.name), encode)
  }

  return {
    onDatagram(socket, message, from) {
      const answer = encoded(message, from.address, encodeShortAnswer)
      if (answer !== undefined) socket.send(answer, from.port, from.address)
    },
    onConnection(socket) {
      const asker = socket.remoteAddress ?? ''
      let received = Buffer.alloc(0)
      socket.on('error', () => socket.destroy())
      let idle = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())
      socket.on('close', () => idle.cancel())
      socket.on('data', (chunk: Buffer) => {
        idle.cancel()
        idle = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())
        received = Buffer.concat([received, chunk])
        while (received.length >= LENGTH_BYTES && received.length >= LENGTH_BYTES + received.readUInt16BE(0)) {
          const end = LENGTH_BYTES + received.readUInt16BE(0)
          const answer = encoded(received.subarray(LENGTH_BYTES, end), asker, encodeAnswer)
          received = received.subarray(end)
          if (answer === undefined) return void socket.destroy()
          const length = Buffer.alloc(LENGTH_BYTES)
          length.writeUInt16BE(answer.length)
          socket.write(Buffer.concat([length, answer]))
        }
      })
    },
  }
}

/** Names have IPv4 addresses only: of other types there is nothing, which is another answer than that there is no such name. */
function answerTo(query: Query, answer: Answer, encode: typeof encodeAnswer): Buffer | undefined {
  switch (answer.kind) {
    case 'addresses':
      return encode(query, RESPONSE_CODE.ok, query.type === TYPE_A ? answer.addresses : [])
    case 'no-such-name':
      return encode(query, RESPONSE_CODE.noSuchName, [])
    case 'silence':
      return undefined
  }
}
