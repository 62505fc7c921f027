/** Environments that are initialised before anybody asks. */
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { FunctionImage, ProvisionStatus } from '../../src/compute/compute.ts'
import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  harness = await createHarness()
})

afterAll(() => harness.close())

/** Every status until the environments are ready or have failed. */
function provision(image: FunctionImage, count: number): Promise<ProvisionStatus[]> {
  const seen: ProvisionStatus[] = []
  return new Promise((resolve) => {
    harness.compute.provision(image, count, (status) => {
      seen.push(status)
      if (status.state !== 'in-progress') resolve(seen)
    })
  })
}

it('they take invocations first, know what they are, and what is too much spills over', async () => {
  const image = await harness.image('environment', { version: '1' })
  const seen = await provision(image, 2)
  expect(seen.at(-1)).toEqual({ requested: 2, available: 2, state: 'ready' })
  expect(seen.map(({ available }) => available)).toEqual([1, 2])
  const answers = await Promise.all(Array.from({ length: 3 }, () => harness.invoke(image)))
  const types = answers.map(
    ({ value }) => (value as { variables: Record<string, string> }).variables['AWS_LAMBDA_INITIALIZATION_TYPE'],
  )
  expect(types.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    'on-demand',
    'provisioned-concurrency',
    'provisioned-concurrency',
  ])
  // Reported with the first invocation, and billed otherwise.
  const [provisioned] = answers.filter((_answer, index) => types[index] === 'provisioned-concurrency')
  const [, durationMs, billedMs] =
    /Duration: ([\d.]+) ms\tBilled Duration: (\d+) ms.*\tInit Duration: /.exec(provisioned?.tail ?? '') ?? []
  expect(Number(billedMs)).toBe(Math.ceil(Number(durationMs)))
})

it('one that is lost to a crash serves again, and giving them up ends them', async () => {
  const image = await harness.image('crashing', { version: '1', handler: 'index.kills' })
  await provision(image, 1)
  expect((await harness.invoke(image)).text).toContain('signal: killed')
  expect((await harness.invoke(image)).text).toContain('signal: killed')
  harness.compute.provision(image, 0, () => {})
  const environment = await harness.image('environment', { version: '1' })
  await provision(environment, 1)
  harness.compute.provision(environment, 0, () => {})
  const { value } = await harness.invoke(environment)
  expect(value).toMatchObject({ variables: { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' } })
})

it('a function whose init fails has none', async () => {
  const image = await harness.image('init', { environment: { MODE: 'missing' } })
  const seen = await provision(image, 2)
  expect(seen.at(-1)).toMatchObject({ requested: 2, state: 'failed', failure: { of: 'function' } })
})
