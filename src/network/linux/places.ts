/**
 * The namespaces of execution environments. Made and removed in batches, for a batch costs little more than one; attached by a single
 * element of the hub's map of marks.
 */
import { NEXT_HOP, PLACES_MAX, placeAddress } from '../plan/kernel/layout.ts'
import { ATTACHED } from '../plan/kernel/hub.ts'
import { TABLE } from '../plan/kernel/ruleset-changes.ts'
import type { Fabric, Shell } from './fabric.ts'
import type { Resident } from './resident.ts'

export interface Places {
  create(): Promise<LinkedPlace>
}

export interface LinkedPlace {
  readonly address: string
  readonly prefix: readonly string[]
  /** From now on its packets bear the mark; undefined: they lead nowhere. */
  mark(mark: number | undefined): Promise<void>
  remove(): Promise<void>
}

/** So many that the work is shared, so few that the first does not wait long for the last. */
const BATCH_MAX = 25

interface Errand {
  readonly kind: 'create' | 'remove'
  readonly slot: Slot
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Slot {
  readonly name: string
  readonly address: string
}

/** `nft` takes single commands in the hub, `shell` scripts. */
export function createPlaces(fabric: Pick<Fabric, 'prefix'>, shell: Shell, nft: Resident): Places {
  const freeAddresses: string[] = []
  let lastNumber = 0
  const errands: Errand[] = []
  let working = false

  const runErrand = (kind: Errand['kind'], slot: Slot) =>
    new Promise<void>((resolve, reject) => {
      errands.push({ kind, slot, resolve, reject })
      if (!working) void work()
    })

  async function work(): Promise<void> {
    working = true
    // One turn of the event loop later all that was asked for at once is here.
    await new Promise((resolve) => setImmediate(resolve))
    while (errands.length > 0) {
      const batch = errands.splice(0, BATCH_MAX)
      const slots = (kind: Errand['kind']) => batch.filter((errand) => errand.kind === kind).map(({ slot }) => slot)
      try {
        await shell.run(removal(slots('remove')) + creation(slots('create')))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // As far as it came: a removal is complete either way.
        await shell.run(removal(batch.map(({ slot }) => slot))).catch(() => {})
        for (const { kind, resolve, reject } of batch) {
          if (kind === 'create') reject(error)
          else resolve()
        }
      }
    }
    working = false
  }

  /** INVARIANT: names are never used twice, for the link of a removed namespace goes when its last process has gone. */
  function takeSlot(): Slot {
    const number = ++lastNumber
    const address = number <= PLACES_MAX ? placeAddress(number) : freeAddresses.shift()
    if (address === undefined)
      throw new Error(`there are ${PLACES_MAX} execution environments, the most that have addresses`)
    return { name: String(number), address }
  }

  async function tellNft(command: string): Promise<void> {
    const answer = await nft.ask(command)
    if (answer !== '') throw new Error(`nft refused a change: ${answer.trim()}`)
  }

  return {
    async create() {
      const slot = takeSlot()
      const { name, address } = slot
      try {
        await runErrand('create', slot)
      } catch (error) {
        freeAddresses.push(address)
        throw error
      }
      const element = `"x${name}" . ${address}`
      let marked: number | undefined
      let removed: Promise<void> | undefined
      const mark = async (wanted: number | undefined): Promise<void> => {
        if (wanted === marked) return
        const commands = [
          ...(marked === undefined ? [] : [`delete element ${TABLE} ${ATTACHED} { ${element} }`]),
          ...(wanted === undefined ? [] : [`add element ${TABLE} ${ATTACHED} { ${element} : ${wanted} }`]),
        ]
        marked = wanted
        await tellNft(commands.join('; '))
      }
      return {
        address,
        prefix: fabric.prefix(`p${name}`),
        mark: (wanted) =>
          removed === undefined ? mark(wanted) : Promise.reject(new Error('the place has been removed')),
        remove: () =>
          (removed ??= mark(undefined)
            .then(() => runErrand('remove', slot))
            .then(() => void freeAddresses.push(address))),
      }
    },
  }
}

/** The links go with the namespaces. What is not there is removed. */
function removal(slots: readonly Slot[]): string {
  if (slots.length === 0) return ''
  return `ip -force -batch - 2>/dev/null <<'X' || true
${slots.map(({ name }) => `netns del p${name}`).join('\n')}
X
`
}

function creation(slots: readonly Slot[]): string {
  if (slots.length === 0) return ''
  const outside = slots.map(
    ({ name, address }) => `netns add p${name}
link add name x${name} type veth peer name eth0 netns p${name}
link set x${name} addrgenmode none
link set x${name} up
route replace ${address}/32 dev x${name}
`,
  )
  const inside = slots.map(
    ({ name, address }) => `ip -n p${name} -batch - <<'X'
link set lo up
addr add ${address}/32 dev eth0
link set eth0 addrgenmode none
link set eth0 up
route add default via ${NEXT_HOP.hub} dev eth0 onlink
X
`,
  )
  return `ip -batch - <<'X'\n${outside.join('')}X\n${inside.join('')}`
}
