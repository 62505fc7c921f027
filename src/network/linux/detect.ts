/** Whether this machine lets us have the real data plane: by building the empty one, which needs everything that a full one does. */
import { changesBetween } from '../plan/kernel/changes.ts'
import { planKernel } from '../plan/kernel/plan.ts'
import { EMPTY_STATE } from '../plan/kernel/state.ts'
import { type Fabric, startFabric } from './fabric.ts'
import { FabricRefusal, refusalOf } from './refusal.ts'
import { findTools } from './tools.ts'

/** Undefined: it does. `path`: where programs are looked for, besides the folders of the system. Leaves nothing behind. */
export async function detect(path: string): Promise<FabricRefusal | undefined> {
  try {
    const fabric = await startEmptyFabric(path)
    await fabric.close()
    return undefined
  } catch (error) {
    if (error instanceof FabricRefusal) return error
    throw error
  }
}

/** The fabric with its hub and the internet. Rejects with `FabricRefusal`. */
export async function startEmptyFabric(path: string): Promise<Fabric> {
  if (process.platform !== 'linux') {
    throw new FabricRefusal('not-linux', `${process.platform} has no network namespaces`)
  }
  const fabric = await startFabric(findTools(path))
  const shell = fabric.startShell()
  try {
    await shell.run(changesBetween(EMPTY_STATE, planKernel().state))
    return fabric
  } catch (error) {
    await fabric.close()
    throw refusalOf((error as Error).message, error)
  } finally {
    shell.close()
  }
}
