/** Gathers during a proof what its report needs, while it is there to be read, and writes the page at the end. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { UserError } from '../core/user-error.ts'
import type { Crossing } from '../crossing/crossing.ts'
import { readDecision, type DecisionRecord } from '../crossing/explain/decision-record.ts'
import type { DeployedStack } from '../crossing/prove/deploy.ts'
import { readLandscape, type Landscape } from '../crossing/prove/landscape.ts'
import type { ProofRow } from '../crossing/prove/proof-row.ts'
import { proofPage } from '../crossing/prove/report/page.ts'
import type { AwsAtHand } from './aws-at-hand.ts'
import type { ProofRun } from './proof-view.ts'

export interface ProofReportWriter {
  stack(stack: DeployedStack): void
  /** The networks and the organization as they are before anything is changed. */
  landscapes(crossings: readonly Crossing[], aws: AwsAtHand): Promise<void>
  /** A running Isthmus forgets its decisions in time. */
  row(row: ProofRow, aws: AwsAtHand): void
  /** Throws `UserError`. */
  write(run: ProofRun, aws: AwsAtHand): Promise<void>
}

/** Throws `UserError` where no file can be written at `path`. */
export function createProofReport(path: string, startedAt: Date): ProofReportWriter {
  requireWritable(path)
  const stacks: DeployedStack[] = []
  const landscapes: Landscape[] = []
  const decisions = new Map<string, Promise<DecisionRecord | undefined>>()
  return {
    stack: (stack) => stacks.push(stack),
    async landscapes(crossings, { access }) {
      for (const crossing of crossings) landscapes.push(await readLandscape(access, crossing))
    },
    row({ requestId = '' }, { access: { endpoint } }) {
      if (endpoint === undefined || requestId === '') return
      // A proof is worth its page without one of them.
      decisions.set(
        requestId,
        readDecision(endpoint, requestId).catch(() => undefined),
      )
    },
    async write({ proofs, interrupted, durationMs }, { access, accounts, modelled }) {
      const { endpoint, region } = access
      const found = await Promise.all([...decisions].map(async ([id, record]) => [id, await record] as const))
      const page = proofPage({
        startedAt: startedAt.toISOString(),
        durationMs,
        interrupted,
        ...(endpoint !== undefined && { endpoint }),
        region,
        ...(modelled !== undefined && { modelled }),
        accounts: new Map([...accounts].map(([name, id]) => [id, name])),
        stacks,
        proofs,
        landscapes,
        decisions: new Map(found.flatMap(([id, record]) => (record ? [[id, record]] : []))),
      })
      try {
        writeFileSync(path, page)
      } catch (error) {
        throw cannotBeWritten(path, error)
      }
    },
  }
}

function requireWritable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw new UserError(`\`${path}\` is a folder, expected the file to write the report to`)
  try {
    accessSync(found ? path : dirname(resolve(path)), constants.W_OK)
  } catch (error) {
    throw cannotBeWritten(path, error)
  }
}

function cannotBeWritten(path: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error)
  return new UserError(`\`${path}\` cannot be written: ${why}`, { cause: error })
}
