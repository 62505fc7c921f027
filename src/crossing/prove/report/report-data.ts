/** What a proof's report is made of. */
import type { Crossing } from '../../crossing.ts'
import type { DecisionRecord } from '../../explain/decision-record.ts'
import type { DeployedStack } from '../deploy.ts'
import type { Landscape } from '../landscape.ts'
import type { ProofRow } from '../proof-row.ts'
import type { CrossingProof } from '../prove.ts'

export interface ProofReport {
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  /** It was stopped before everything was tried. */
  readonly interrupted: boolean
  /** Of Isthmus; absent: AWS itself. */
  readonly endpoint?: string
  readonly region: string
  /** Why the cloud carried no packets but judged calls to AWS. */
  readonly modelled?: string
  /** Account id → name. */
  readonly accounts: ReadonlyMap<string, string>
  readonly stacks: readonly DeployedStack[]
  readonly proofs: readonly CrossingProof[]
  /** One for each caller and callee, as they were before anything was changed. */
  readonly landscapes: readonly Landscape[]
  /** By request id: what a running Isthmus decided, and why. AWS tells nobody. */
  readonly decisions: ReadonlyMap<string, DecisionRecord>
}

/** The permission that decided about a row's call; undefined where nobody tells, and where the request was not the caller's own. */
export function decisionOf(
  { decisions }: Pick<ProofReport, 'decisions'>,
  { callerArn }: Pick<CrossingProof, 'callerArn'>,
  { requestId = '' }: Pick<ProofRow, 'requestId'>,
): DecisionRecord['permissions'][number] | undefined {
  const record = decisions.get(requestId)
  // The last permission is the one that was denied, if any was.
  return record?.caller === callerArn ? record.permissions.at(-1) : undefined
}

export function isPair({ from, to }: Pick<CrossingProof, 'from' | 'to'>, { caller, callee }: Landscape): boolean {
  return caller.function.arn === from && callee.function.arn === to
}

/** `callee:prod` */
export function functionTitle({ name, qualifier }: Crossing['to']): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`
}
