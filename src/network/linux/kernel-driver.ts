/** Makes the kernel follow the model: one change at a time, and of several that wait only the last. */
import type { NetworkModel } from '../plan/model.ts'
import { changesBetween } from '../plan/kernel/changes.ts'
import { createNumbers, forgetAllBut } from '../plan/kernel/numbers.ts'
import { type KernelPlan, planKernel } from '../plan/kernel/plan.ts'
import { EMPTY_STATE, type KernelState } from '../plan/kernel/state.ts'
import type { Shell } from './fabric.ts'
import type { FlowReader } from './flow-reader.ts'
import type { PortReader } from './port-reader.ts'
import type { Sockets } from './sockets.ts'

export interface KernelDriver {
  /** Resolves when the kernel follows this model or a later one. */
  apply(model: NetworkModel): Promise<void>
  /** What an attachment to a Lambda interface is to the hub; undefined for one that is not there once all changes are made. */
  markOf(networkInterfaceId: string): Promise<number | undefined>
}

export interface KernelDriverOptions {
  readonly shell: Shell
  readonly sockets: Sockets
  readonly flows: FlowReader
  readonly ports: PortReader
  /** As in the plan. */
  readonly isOpen: boolean
}

export function createKernelDriver({ shell, sockets, flows, ports, isOpen }: KernelDriverOptions): KernelDriver {
  const numbers = createNumbers()
  let state: KernelState = EMPTY_STATE
  let marks: KernelPlan['marks'] = new Map()
  let wanted: NetworkModel | undefined
  let turn: Promise<void> = Promise.resolve()

  /** `undo`: back to where the script began; as far as that had not gone, it finds nothing to do. */
  async function run(script: string, undo: string): Promise<void> {
    try {
      await shell.run(script)
    } catch (error) {
      await shell.run(`set +e\n${undo.replaceAll('ip -batch', 'ip -force -batch')}true\n`).catch(() => {})
      throw error
    }
  }

  async function follow(): Promise<void> {
    // A later call has been served by an earlier turn.
    if (wanted === undefined) return
    const model = wanted
    wanted = undefined
    const plan = planKernel(model, { numbers, isOpen })
    const script = changesBetween(state, plan.state)
    sockets.closeExcept(plan.sockets)
    if (script !== '') {
      // A lost count is better than a lost change.
      await flows.read().catch(() => {})
      await run(script, changesBetween(plan.state, state))
    }
    flows.follow(model, plan.routers)
    ports.follow(plan.natGateways)
    state = plan.state
    marks = plan.marks
    await sockets.follow(plan.sockets)
    forgetAllBut(numbers, model)
  }

  return {
    apply(model) {
      wanted = model
      const done = turn.then(follow)
      turn = done.catch(() => {})
      return done
    },
    async markOf(networkInterfaceId) {
      await turn
      return marks.get(networkInterfaceId)
    },
  }
}
