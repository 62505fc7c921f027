/** What a function can reach of this machine, and what is left of it afterwards: nothing. */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'

import { type Containment, probeContainment } from '../../src/compute/executor/containment.ts'
import { createHarness } from './compute-harness.ts'
import { processesWith } from './compute-processes.ts'

let containment: Containment['name'] = 'none'

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-probe-'))
  containment = (await probeContainment(folder)).name
  await rm(folder, { recursive: true })
})

/** Durations that nobody else sleeps for. */
const unusualSeconds = () => String(10_000_000 + randomInt(1_000_000))

const GONE_MS_MAX = 15_000

async function goneSoon(text: string): Promise<number[]> {
  for (let waitedMs = 0; waitedMs < GONE_MS_MAX && processesWith(text).length > 0; waitedMs += 50) await sleep(50)
  return processesWith(text)
}

describe('a contained function', () => {
  it('sees its own processes only, and is not root', async ({ skip }) => {
    skip(containment !== 'namespaces', `this machine offers containment by ${containment}`)
    const harness = await createHarness()
    const { value } = await harness.invoke(await harness.image('environment'))
    const { processes, uid } = value as { processes: string[]; uid: number }
    // The shell that is process 1, and the runtime.
    expect(processes.length).toBeLessThanOrEqual(3)
    expect(uid).toBe(993)
    await harness.close()
  })

  it('leaves no descendant when it times out', async ({ skip }) => {
    skip(containment !== 'namespaces', `this machine offers containment by ${containment}`)
    const harness = await createHarness()
    const grandchild = unusualSeconds()
    const image = await harness.image('slow', { timeoutMs: 2000 })
    await harness.invoke(image, { grandchild })
    expect(processesWith(`sleep ${grandchild}`)).toHaveLength(1)
    await harness.invoke(image, { busy: true })
    expect(await goneSoon(`sleep ${grandchild}`)).toEqual([])
    await harness.close()
  })

  it('leaves no process when compute is closed', async ({ skip }) => {
    skip(process.platform !== 'linux', 'there is no /proc to look at')
    const harness = await createHarness()
    harness.compute.warmUp()
    const image = await harness.image('slow')
    await harness.invoke(image)
    const folder = image.codeDirectory.replace(/\/code\/.*/, '')
    expect(processesWith(folder).length).toBeGreaterThan(0)
    await harness.close()
    expect(await goneSoon(folder)).toEqual([])
  })

  it.each(['setpriv', 'nothing'])('works on a machine that has only %s', async (tool) => {
    const path = process.env['PATH']
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-path-'))
    const existing = (path ?? '').split(':').map((place) => join(place, tool))
    const found = existing.find((place) => existsSync(place))
    if (found !== undefined) await symlink(found, join(folder, tool))
    process.env['PATH'] = folder
    try {
      const harness = await createHarness()
      const image = await harness.image('crashing', { handler: 'index.survives' })
      expect((await harness.invoke(image)).value).toBe('well')
      const exits = await harness.image('crashing', { handler: 'index.exits' })
      expect((await harness.invoke(exits, { code: 137 })).text).toContain('exit status 137')
      const kills = await harness.image('crashing', { handler: 'index.kills' })
      expect((await harness.invoke(kills)).text).toContain('signal: killed')
      const work = image.codeDirectory.replace(/\/code\/.*/, '')
      await harness.close()
      if (process.platform === 'linux') expect(await goneSoon(work)).toEqual([])
    } finally {
      process.env['PATH'] = path
      await rm(folder, { recursive: true })
    }
  })

  it('dies with us, however we die and whatever it is doing', async ({ skip }) => {
    skip(containment === 'none', 'this machine has no parent-death signal')
    const grandchild = unusualSeconds()
    const program = join(import.meta.dirname, 'compute-parent.ts')
    const parent = spawn(process.execPath, ['--import', 'tsx', program, grandchild], {
      cwd: join(import.meta.dirname, '..', '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const { folder } = JSON.parse(line.toString()) as { folder: string }
    expect(processesWith(folder).length).toBeGreaterThan(2)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    expect(await goneSoon(folder)).toEqual([])
    if (containment === 'namespaces') expect(await goneSoon(`sleep ${grandchild}`)).toEqual([])
    await rm(folder, { recursive: true, force: true })
  })
})
