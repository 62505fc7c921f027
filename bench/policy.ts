/**
 * How many policy decisions a second one core makes, trace included. Budgets: a typical one across accounts 1,000,000, a large one 100,000, and
 * of ten thousand roles' policies one edit compiles one anew. Run directly: `npx tsx bench/policy.ts`.
 */
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { decide } from '../src/policy/decide.ts'
import { explainDecision } from '../src/policy/explain.ts'
import { measureEdits } from './policy-edits.ts'
import { peerDecision } from './policy-peer.ts'
import { compiled, FUNCTION, LARGE, requestOf, TYPICAL } from './policy-worlds.ts'

export interface Measurement {
  readonly name: string
  /** Of CPU time. */
  readonly perSecond: number
  readonly budget?: number
}

const RUN_MS = 700
const BATCH = 500
const PEER_RUN_MS = 2000

export async function run(): Promise<Measurement[]> {
  const request = requestOf('caller', FUNCTION)
  const typical = compiled(TYPICAL)
  const large = compiled(LARGE)
  const requests = Array.from({ length: 64 }, (_, index) =>
    requestOf(index % 2 === 0 ? 'caller' : `other${index}`, `${FUNCTION}${index}`),
  )
  const { measurements, recompiledByRoleEdit, recompiledByManagedEdit } = measureEdits()
  if (recompiledByRoleEdit !== 1 || recompiledByManagedEdit !== 1) {
    throw new Error(
      `one edit compiled ${recompiledByRoleEdit} and ${recompiledByManagedEdit} policies, expected 1 and 1`,
    )
  }
  return [
    { ...measure('typical cross-account decision', () => decide(request, typical)), budget: 1_000_000 },
    { ...measure('20 identity and 100 resource statements', () => decide(request, large)), budget: 100_000 },
    measure('64 requests in turn', (turn) => decide(requests[turn % requests.length] ?? request, typical)),
    measure('typical, explained in full', () => explainDecision(request, typical)),
    measure('typical, parsed and compiled each time', () => decide(request, compiled(TYPICAL))),
    ...measurements,
    ...(await measurePeer('iam-simulate: typical', TYPICAL)),
    ...(await measurePeer('iam-simulate: 20 and 100 statements', LARGE)),
  ]
}

function measure(name: string, once: (turn: number) => unknown): Measurement {
  for (let turn = 0; turn < BATCH; turn++) once(turn)
  const startCpu = process.cpuUsage()
  const start = performance.now()
  let turns = 0
  while (performance.now() - start < RUN_MS) for (let i = 0; i < BATCH; i++) once(turns++)
  return { name, perSecond: ratePerCpuSecond(turns, startCpu) }
}

async function measurePeer(name: string, documents: typeof TYPICAL): Promise<Measurement[]> {
  const decision = await peerDecision(documents)
  if (decision === undefined) return []
  const startCpu = process.cpuUsage()
  const start = performance.now()
  let turns = 0
  for (; performance.now() - start < PEER_RUN_MS; turns++) await decision()
  return [{ name, perSecond: ratePerCpuSecond(turns, startCpu) }]
}

function ratePerCpuSecond(turns: number, startCpu: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(startCpu)
  return Math.round(turns / ((user + system) / 1e6))
}

export function tableOf(measurements: readonly Measurement[]): string[] {
  return formatTable(
    [{ title: 'POLICY DECISIONS' }, { title: 'PER S OF CPU', align: 'right' }, { title: 'BUDGET', align: 'right' }],
    measurements.map(({ name, perSecond, budget }) => [
      name,
      perSecond.toLocaleString('en-US'),
      budget?.toLocaleString('en-US') ?? '',
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
