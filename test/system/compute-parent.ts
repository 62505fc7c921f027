/** A program to be killed: it leaves two functions running, one busy, one with a detached child, and pre-booted runtimes besides. */
import { createHarness } from './compute-harness.ts'

const [, , grandchild] = process.argv
const harness = await createHarness()
harness.compute.warmUp()
const busy = await harness.image('slow', { timeoutMs: 900_000 })
const parent = await harness.image('slow', { timeoutMs: 900_000 })
void harness.invoke(busy, { busy: true })
await harness.invoke(parent, { grandchild })
process.stdout.write(`${JSON.stringify({ folder: busy.codeDirectory.replace(/\/code\/.*/, '') })}\n`)
setInterval(() => {}, 1000)
