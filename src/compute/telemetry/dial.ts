/**
 * Reaches a port of an environment's own loopback, where an extension listens.
 *
 * FIDELITY: where environments have no networks of their own, they share the ports of the machine.
 */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { Place } from '../compute.ts'

export type Dial = (port: number) => Duplex

const LOOPBACK = '127.0.0.1'

/** Ends when either side does: its input ends with us. */
const COURIER = `
const socket = require('node:net').connect(+process.argv[1], '${LOOPBACK}')
socket.on('error', () => process.exit(1)).on('close', () => process.exit(0))
process.stdin.on('end', () => process.exit(0)).pipe(socket)
socket.pipe(process.stdout)
`

export function createDial(place: Place | undefined): Dial {
  return (port) => (place === undefined ? connect(port, LOOPBACK) : dialIn(place, port))
}

/** A process in the place's network carries the bytes; nothing but the place's own processes could be connected to it. */
function dialIn(place: Place, port: number): Duplex {
  const [command, ...rest] = place.prefix
  const program = [process.execPath, '-e', COURIER, String(port)] as const
  const [first, ...args] = command === undefined ? program : ([command, ...rest, ...program] as const)
  const courier = spawn(first, args, { env: {}, stdio: ['pipe', 'pipe', 'ignore'] })
  const duplex = Duplex.from({ readable: courier.stdout, writable: courier.stdin })
  // Who sends learns it from what is not taken.
  duplex.on('error', () => {})
  courier.stdin.on('error', () => {})
  courier.on('error', (error) => duplex.destroy(error))
  courier.once('exit', (code) => {
    if (code !== 0) duplex.destroy(new Error(`nothing listens on port ${port} of the environment`))
  })
  duplex.once('close', () => courier.kill('SIGKILL'))
  return duplex
}
