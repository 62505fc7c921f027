/** Metrics over restarts, resets and time: kept as long as CloudWatch says, and no longer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { afterAll, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'

const DAY_MS = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'isthmus-metrics-'))
const running: TestCloud[] = []

afterAll(async () => {
  for (const cloud of running) await cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<TestCloud> {
  const cloud = await startCloud({ stateDirectory: folder })
  running.push(cloud)
  return cloud
}

async function put(cloud: TestCloud, Values: number[]): Promise<void> {
  const MetricData = [{ MetricName: 'm', Values, Unit: 'Seconds' as const, Dimensions: [{ Name: 'D', Value: 'é' }] }]
  await cloud.client(CloudWatchClient, 'source').send(new PutMetricDataCommand({ Namespace: 'Kept', MetricData }))
}

async function statistics(cloud: TestCloud, days = 1) {
  const { Datapoints } = await cloud.client(CloudWatchClient, 'source').send(
    new GetMetricStatisticsCommand({
      Namespace: 'Kept',
      MetricName: 'm',
      Dimensions: [{ Name: 'D', Value: 'é' }],
      StartTime: new Date(Date.now() - DAY_MS),
      EndTime: new Date(Date.now() + days * DAY_MS),
      Period: (days + 1) * 86_400,
      Statistics: ['SampleCount', 'Sum', 'Minimum', 'Maximum'],
      ExtendedStatistics: ['p50'],
    }),
  )
  return Datapoints?.[0]
}

it('a restart keeps them, and what comes after is added', async () => {
  const first = await start()
  await put(first, [1, 1, 4])
  await first.close()
  const second = await start()
  await put(second, [2])
  await second.close()
  const third = await start()
  expect(await statistics(third)).toMatchObject({
    SampleCount: 4,
    Sum: 8,
    Minimum: 1,
    Maximum: 4,
    Unit: 'Seconds',
    ExtendedStatistics: { p50: 1 },
  })
})

it('a metric without values for two weeks is not listed, and its values are gone after fifteen days', async () => {
  const cloud = running.at(-1) ?? (await start())
  const listed = async () =>
    (await cloud.client(CloudWatchClient, 'source').send(new ListMetricsCommand({ Namespace: 'Kept' }))).Metrics
  const advance = (days: number) =>
    fetch(`${cloud.endpoint}/_isthmus/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: days * DAY_MS }) })
  expect(await listed()).toHaveLength(1)
  await advance(14.5)
  expect(await listed()).toEqual([])
  expect(await statistics(cloud, 20)).toMatchObject({ SampleCount: 4 })
  await advance(1)
  expect(await statistics(cloud, 20)).toBeUndefined()
})

it('a reset forgets them', async () => {
  const cloud = running.at(-1) ?? (await start())
  await fetch(`${cloud.endpoint}/_isthmus/reset`, { method: 'POST' })
  await put(cloud, [7])
  expect(await statistics(cloud)).toMatchObject({ SampleCount: 1, Sum: 7 })
})
