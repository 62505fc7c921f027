/** Reads now and then how many packets found no port in a NAT gateway, and reports what has been added. Nothing where no gateway counts. */
import type { Clock, Timer } from '../../core/clock.ts'
import { PORT_ALLOCATION_CHAIN } from '../plan/kernel/gateways.ts'
import type { CountingNatGateway } from '../plan/kernel/plan.ts'
import { TABLE } from '../plan/kernel/ruleset-changes.ts'
import type { Shell } from './fabric.ts'

export interface PortReader {
  /** Which are to be read from now on. */
  follow(natGateways: readonly CountingNatGateway[]): void
  close(): void
}

const INTERVAL_MS = 1_000
const COUNTER = / counter packets (\d+) /
const SEPARATOR = 'the next gateway'

export interface PortReaderOptions {
  readonly shell: Shell
  readonly clock: Clock
  readonly report: (natGatewayId: string, packets: number) => void
}

export function createPortReader({ shell, clock, report }: PortReaderOptions): PortReader {
  let natGateways: readonly CountingNatGateway[] = []
  let timer: Timer | undefined
  /** As last read, by gateway. */
  const known = new Map<string, number>()

  async function read(): Promise<void> {
    const asked = natGateways
    const listed = await shell.run(
      asked
        .map(
          ({ namespace }) =>
            `nsenter --net=/run/netns/${namespace} nft list chain ${TABLE} ${PORT_ALLOCATION_CHAIN}\necho '${SEPARATOR}'\n`,
        )
        .join(''),
    )
    for (const [position, listing] of listed.split(`${SEPARATOR}\n`).slice(0, asked.length).entries()) {
      const id = asked[position]?.natGatewayId
      const packets = Number(COUNTER.exec(listing)?.[1] ?? 0)
      if (id === undefined) continue
      const added = packets - (known.get(id) ?? 0)
      known.set(id, packets)
      if (added > 0) report(id, added)
    }
  }

  function schedule(): void {
    timer?.cancel()
    timer = natGateways.length === 0 ? undefined : clock.after(INTERVAL_MS, () => void tick())
  }

  async function tick(): Promise<void> {
    // A gateway may go while it is read.
    await read().catch(() => {})
    if (timer !== undefined) schedule()
  }

  return {
    follow(wanted) {
      natGateways = wanted
      if (timer === undefined || wanted.length === 0) schedule()
    },
    close() {
      timer?.cancel()
      timer = undefined
      natGateways = []
    },
  }
}
