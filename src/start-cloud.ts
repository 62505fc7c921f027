/**
 * Starts a cloud. What this machine has to do for it (a lock, a folder, the network of VPCs) begins before the parts of the cloud are even
 * loaded: `cloud.ts` and what it constructs are most of the program.
 */
import type { Cloud, CloudOptions, Reached } from './cloud.ts'
import { systemClock } from './core/clock.ts'
import { openNetwork } from './network/open-network.ts'
import { createScratchDirectory, type Scratch } from './state/scratch.ts'
import type { Store } from './state/store.ts'

/** Throws `UserError` for what the person can mend; whatever it throws, nothing is left of the attempt. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  // The store's lock comes first: only its holder may touch the rest of the folder.
  const store = options.stateDirectory === undefined ? undefined : await openStore(options.stateDirectory)
  let scratch: Scratch | undefined
  try {
    scratch = createScratchDirectory(options.stateDirectory)
    return await withNetwork(options, store, scratch)
  } catch (error) {
    scratch?.remove()
    store?.close()
    throw error
  }
}

/** An ephemeral cloud starts without the database's library. */
async function openStore(directory: string): Promise<Store> {
  return (await import('./state/store.ts')).openStore(directory)
}

/** The network comes first, because it may not be had, and is ended with whatever fails after it. */
async function withNetwork(options: CloudOptions, store: Store | undefined, scratch: Scratch): Promise<Cloud> {
  const reached: Reached = {}
  const loading = import('./cloud.ts')
  const network = await openNetwork({
    mode: options.vpc ?? 'auto',
    clock: options.clock ?? systemClock,
    path: process.env['PATH'] ?? '',
    egress: options.egress === true,
    host: {
      onAwsConnection: (socket, origin) =>
        reached.listener ? reached.listener.adopt(socket, origin) : socket.destroy(),
      onRuntimeConnection: (socket, address) =>
        reached.compute ? reached.compute.onRuntimeConnection(socket, address) : socket.destroy(),
      onFlow: (flow) => reached.recordFlows?.([flow]),
      onPortErrors: (natGatewayId, packets) => reached.recordPortErrors?.(natGatewayId, packets),
      notice: options.notice,
    },
  })
  try {
    const { assemble } = await loading
    return await assemble(options, { store, scratch, network, reached })
  } catch (error) {
    await network.close()
    throw error
  }
}
