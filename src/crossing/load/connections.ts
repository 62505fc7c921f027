/**
 * Kept-alive connections to one host over which HTTP/1.1 requests are exchanged, one at a time on each. A client of its own because the
 * generator's work for a request must be small beside Lambda's: node:http takes three times as long for it.
 */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

import { CLIENT_TIMEOUT } from './cause.ts'
import { AnswerReader, type HttpAnswer } from './http-answer.ts'

export interface Host {
  readonly hostname: string
  readonly port: number
  readonly secure: boolean
}

/** The answer, or the system's code for what became of the connection. */
export type Exchanged = { readonly answer: HttpAnswer } | { readonly failure: string }

export interface Connections {
  /** `request` is the whole request; `deadlineMs` is on the clock of `sweep`. Calls back exactly once. */
  exchange(request: Buffer, deadlineMs: number, done: (exchanged: Exchanged) => void): void
  /** Gives up exchanges whose deadline has passed. */
  sweep(nowMs: number): void
  /** Connections that are open or being opened. */
  readonly open: number
  close(): void
}

/** Servers close idle connections after a minute or so; one that was idle for less is not about to be. */
const IDLE_MS_MAX = 20_000

interface Connection {
  readonly socket: Socket
  readonly reader: AnswerReader
  deadlineMs: number
  idleSinceMs: number
  /** Undefined while idle. */
  done: ((exchanged: Exchanged) => void) | undefined
}

export function createConnections(host: Host): Connections {
  /** The one used last is taken first, so that those there are too many of grow old. */
  const idle: Connection[] = []
  const all = new Set<Connection>()
  /** Of the last TLS connection: the next one resumes it. */
  let session: Buffer | undefined
  let nowMs = 0

  const finish = (connection: Connection, exchanged: Exchanged): void => {
    const { done } = connection
    connection.done = undefined
    done?.(exchanged)
  }

  const drop = (connection: Connection, failure: string): void => {
    if (!all.delete(connection)) return
    const position = idle.indexOf(connection)
    if (position >= 0) idle.splice(position, 1)
    connection.socket.destroy()
    finish(connection, { failure })
  }

  const receive = (connection: Connection, chunk: Buffer): void => {
    let answer: HttpAnswer | undefined
    try {
      answer = connection.reader.push(chunk)
    } catch {
      return drop(connection, 'EPROTO')
    }
    if (!answer) return
    if (answer.keepsAlive) {
      connection.idleSinceMs = nowMs
      idle.push(connection)
    } else {
      all.delete(connection)
      connection.socket.destroy()
    }
    finish(connection, { answer })
  }

  const open = (): Connection => {
    const address = { host: host.hostname, port: host.port }
    const socket = host.secure
      ? connectSecurely({ ...address, servername: host.hostname, ...(session && { session }) })
      : connectPlain(address)
    socket.setNoDelay(true)
    const connection: Connection = {
      socket,
      reader: new AnswerReader(),
      deadlineMs: 0,
      idleSinceMs: 0,
      done: undefined,
    }
    socket.on('data', (chunk: Buffer) => receive(connection, chunk))
    socket.on('session', (fresh: Buffer) => {
      session = fresh
    })
    socket.on('error', (error: NodeJS.ErrnoException) => drop(connection, error.code ?? error.name))
    socket.on('close', () => drop(connection, 'ECONNRESET'))
    all.add(connection)
    return connection
  }

  return {
    exchange(request, deadlineMs, done) {
      const connection = idle.pop() ?? open()
      connection.done = done
      connection.deadlineMs = deadlineMs
      connection.socket.write(request)
    },
    sweep(now) {
      nowMs = now
      for (const connection of all) {
        if (connection.done === undefined) {
          if (now - connection.idleSinceMs > IDLE_MS_MAX) drop(connection, 'idle')
        } else if (now > connection.deadlineMs) {
          drop(connection, connection.socket.connecting ? 'ETIMEDOUT' : CLIENT_TIMEOUT)
        }
      }
    },
    get open() {
      return all.size
    },
    close() {
      for (const connection of all) drop(connection, 'ECANCELED')
    },
  }
}
