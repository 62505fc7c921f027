/** Whether this machine lets us have the real data plane: by building the empty one, which needs everything that a full one does. */
import { changesBetween } from '../plan/kernel/changes.ts'
import { createNumbers } from '../plan/kernel/numbers.ts'
import { planKernel } from '../plan/kernel/plan.ts'
import { EMPTY_STATE } from '../plan/kernel/state.ts'
import { EMPTY_MODEL } from '../plan/model.ts'
import { startFabric } from './fabric.ts'
import { FabricRefusal, refusalOf } from './refusal.ts'

/** Undefined: it does. `path`: where programs are looked for, besides the folders of the system. Leaves nothing behind. */
export async function detect(path: string): Promise<FabricRefusal | undefined> {
  try {
    const fabric = await startFabric(path)
    try {
      const { state } = planKernel(EMPTY_MODEL, { numbers: createNumbers(), isOpen: false })
      await fabric.shell.run(changesBetween(EMPTY_STATE, state))
      return undefined
    } finally {
      await fabric.close()
    }
  } catch (error) {
    return error instanceof FabricRefusal ? error : refusalOf((error as Error).message, error)
  }
}
