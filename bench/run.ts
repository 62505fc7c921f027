/** `npm run bench`: every benchmark after the other, then the budgets; writes results.json. Exits 1 when a budget is missed. */
import * as asyncDrain from './async-drain.ts'
import * as asyncInvoke from './async-invoke.ts'
import * as budgets from './budgets.ts'
import * as coldStart from './cold-start.ts'
import * as environmentMemory from './environment-memory.ts'
import * as controlPlane from './control-plane.ts'
import * as invoke from './invoke.ts'
import * as network from './network.ts'
import * as loadGenerator from './load-generator.ts'
import * as policy from './policy.ts'
import { describeMachine, type Results, writeResults } from './results.ts'
import * as simulation from './simulate.ts'
import * as startUp from './start-up.ts'
import * as vpcFunctions from './vpc-functions.ts'

interface Benchmark<Measured> {
  readonly run: () => Promise<Measured>
  readonly tableOf: (measured: Measured) => string[]
}

async function measure<Measured>({ run, tableOf }: Benchmark<Measured>): Promise<Measured> {
  const measured = await run()
  console.log(`${tableOf(measured).join('\n')}\n`)
  return measured
}

// Whatever ends us ends the servers with us: they listen for `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const machine = describeMachine()
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}\n`)
const results: Results = {
  policy: await measure(policy),
  startUp: await measure(startUp),
  coldStart: await measure(coldStart),
  environmentMemory: await measure(environmentMemory),
  invoke: await measure(invoke),
  controlPlane: await measure(controlPlane),
  asyncInvoke: await measure(asyncInvoke),
  asyncDrain: await measure(asyncDrain),
  network: await measure(network),
  vpcFunctions: await measure(vpcFunctions),
  loadGenerator: await measure(loadGenerator),
  simulation: await measure(simulation),
}
const verdicts = budgets.verdictsOn(results, machine)
console.log(budgets.tableOf(verdicts).join('\n'))
await writeResults(machine, results, verdicts)
process.exitCode = verdicts.some(({ outcome }) => outcome === 'missed') ? 1 : 0
