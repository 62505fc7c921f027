/** Reads the routers' counters for flow logs now and then, and reports what has been added. */
import type { Clock, Timer } from '../../core/clock.ts'
import { type FlowCounter, type FlowRecord, flowRecords, parseCounters } from '../plan/flow-record.ts'
import type { MeteredRouter } from '../plan/kernel/plan.ts'
import { TABLE } from '../plan/kernel/ruleset-changes.ts'
import type { NetworkModel } from '../plan/model.ts'
import type { Shell } from './fabric.ts'

export interface FlowReader {
  /** What is to be read from now on; what was counted before is read once more. */
  follow(model: NetworkModel, routers: readonly MeteredRouter[]): void
  /** Before counters go, or time does. INVARIANT: the routers are still there. */
  read(): Promise<void>
  close(): void
}

/** FIDELITY: AWS collects flow records for one minute or ten; here for seconds, for somebody waits to see them. */
const INTERVAL_MS = 5_000
const SEPARATOR = 'the next set'

export interface FlowReaderOptions {
  readonly shell: Shell
  readonly clock: Clock
  readonly report: (record: FlowRecord) => void
}

export function createFlowReader({ shell, clock, report }: FlowReaderOptions): FlowReader {
  let model: NetworkModel | undefined
  let routers: readonly MeteredRouter[] = []
  let timer: Timer | undefined
  let startMs = clock.now()
  /** As last read, by router, set and flow. */
  let known = new Map<string, FlowCounter>()

  async function read(): Promise<void> {
    const meters = routers.flatMap(({ namespace, meters }) => meters.map((meter) => ({ namespace, meter })))
    if (meters.length === 0 || model === undefined) return
    const listed = await shell.run(
      meters
        .map(
          ({ namespace, meter }) =>
            `nsenter --net=/run/netns/${namespace} nft -nn list set ${TABLE} ${meter.set}\necho '${SEPARATOR}'\n`,
        )
        .join(''),
    )
    const window = { startMs, endMs: clock.now() }
    startMs = window.endMs
    const before = known
    known = new Map()
    for (const [position, listing] of listed.split(`${SEPARATOR}\n`).slice(0, meters.length).entries()) {
      const { namespace, meter } = meters[position] ?? {}
      if (namespace === undefined || meter === undefined) continue
      const added = parseCounters(listing).flatMap((counter) => {
        const name = `${namespace} ${meter.set} ${counter.key}`
        known.set(name, counter)
        return difference(before.get(name), counter)
      })
      for (const record of flowRecords(model, meter, added, window)) report(record)
    }
  }

  function schedule(): void {
    timer?.cancel()
    timer = routers.length === 0 ? undefined : clock.after(INTERVAL_MS, () => void tick())
  }

  async function tick(): Promise<void> {
    // A router that has just gone has been read before it went.
    await read().catch(() => {})
    if (timer !== undefined) schedule()
  }

  return {
    read,
    follow(wantedModel, wantedRouters) {
      const metered = wantedRouters.filter(({ meters }) => meters.length > 0)
      if (routers.length === 0) startMs = clock.now()
      model = wantedModel
      routers = metered
      schedule()
    },
    close() {
      timer?.cancel()
      timer = undefined
      routers = []
    },
  }
}

/** A flow that was forgotten and came again counts from nothing. */
function difference(before: FlowCounter | undefined, now: FlowCounter): readonly FlowCounter[] {
  if (before === undefined || before.packets > now.packets) return [now]
  const packets = now.packets - before.packets
  return packets === 0 ? [] : [{ key: now.key, packets, bytes: now.bytes - before.bytes }]
}
