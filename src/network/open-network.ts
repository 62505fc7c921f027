/** Which data plane this machine lets us have: the real one, else the modelled one, which says why. */
import type { Clock } from '../core/clock.ts'
import { UserError } from '../core/user-error.ts'
import { realEgress } from './linux/egress.ts'
import { createLinuxNetwork } from './linux/linux-network.ts'
import { FabricRefusal } from './linux/refusal.ts'
import { createModelledNetwork, type ModelledNetwork } from './modelled/modelled-network.ts'
import type { Network, NetworkHost } from './network.ts'

export type VpcMode = 'auto' | 'require-real' | 'modelled'

export interface OpenNetworkOptions {
  readonly mode: VpcMode
  readonly host: NetworkHost
  readonly clock: Clock
  /** Where programs are looked for, besides the folders of the system. */
  readonly path: string
  /** Lets functions out to the real internet where their VPC does. */
  readonly egress: boolean
}

/** Throws `UserError` where `require-real` asks for what the machine refuses. */
export async function openNetwork({
  mode,
  host,
  clock,
  path,
  egress,
}: OpenNetworkOptions): Promise<Network | ModelledNetwork> {
  if (mode === 'modelled') return createModelledNetwork({ host, clock, reason: 'asked for with --vpc=modelled' })
  const real = createLinuxNetwork({ host, clock, path, ...(egress && { egress: realEgress }) })
  try {
    await real.start()
    return real
  } catch (error) {
    await real.close()
    if (!(error instanceof FabricRefusal)) throw error
    if (mode === 'require-real') {
      throw new UserError(`The real data plane is not to be had: ${error.message}`, {
        hint: error.remedy,
        exitCode: 3,
        cause: error,
      })
    }
    host.notice(`the VPC is modelled: ${error.message}. Remedy: ${error.remedy}`)
    return createModelledNetwork({ host, clock, reason: error.message })
  }
}

export function isModelled(network: Network | ModelledNetwork): network is ModelledNetwork {
  return network.dataPlane.kind === 'modelled'
}
