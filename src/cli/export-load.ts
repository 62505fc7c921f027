/** `load --export`: writes the scenario for another engine. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { artilleryFiles } from '../crossing/load/export/artillery.ts'
import { k6Files } from '../crossing/load/export/k6.ts'
import type { Scenario } from '../crossing/load/export/scenario.ts'
import { lambdaHost, urlOf } from '../crossing/load/lambda-host.ts'
import { anySigner, TIMEOUT_MS_UNKNOWN, type LoadCrossing, type LoadSettings } from '../crossing/load/load-test.ts'
import type { Threshold } from '../crossing/load/threshold.ts'
import type { AwsAtHand } from './aws-at-hand.ts'
import { EXIT_OK } from './exit-codes.ts'
import type { Output } from './terminal/output.ts'

export interface ExportOrder {
  readonly engine: 'artillery' | 'k6'
  /** `load-artillery` in the current folder when absent. */
  readonly out: string | undefined
  readonly json: boolean
}

interface Load {
  readonly aws: AwsAtHand
  readonly crossings: readonly LoadCrossing[]
  readonly settings: LoadSettings
  readonly thresholds: readonly Threshold[]
}

const COMMANDS = { artillery: 'artillery run load.yml', k6: 'k6 run load.js' } as const

/** Answers the exit code. Throws `UserError` naming what the engine does not have. */
export async function exportScenario(
  { aws, crossings, settings, thresholds }: Load,
  order: ExportOrder,
  output: Output,
): Promise<number> {
  const host = await lambdaHost(aws.access, anySigner(aws.access, crossings))
  const scenario: Scenario = {
    profile: settings.profile,
    thinkTimeMs: settings.thinkTimeMs,
    inFlightMax: settings.inFlightMax,
    timeoutMs: settings.timeoutMs ?? TIMEOUT_MS_UNKNOWN,
    region: aws.access.region,
    target: urlOf(host),
    crossings: crossings.map(({ to, type, payload, weight }) => ({ functionArn: to.arn, type, payload, weight })),
    thresholds,
  }
  const files = order.engine === 'artillery' ? artilleryFiles(scenario) : k6Files(scenario)
  const folder = resolve(order.out ?? `load-${order.engine}`)
  mkdirSync(folder, { recursive: true })
  const paths = files.map(({ name, content }) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  })
  if (order.json) output.line(JSON.stringify({ engine: order.engine, files: paths }))
  else {
    for (const path of paths) output.line(`  wrote ${path}`)
    output.line(`  run it there, with the caller's keys in the environment: ${COMMANDS[order.engine]}`)
  }
  return EXIT_OK
}
