/** What Lambda asked before it let the call of a crossing through, as it was deployed: a gate for each layer that applied. Pure. */
import type { Landscape } from '../landscape.ts'
import type { ProofRow } from '../proof-row.ts'
import type { CrossingProof } from '../prove.ts'
import { LAYER_NAMES, layerReason, OWNER_LAYERS } from './layer-names.ts'
import { decisionOf, isPair, type ProofReport } from './report-data.ts'

export interface Gate {
  readonly side: 'caller' | 'callee' | 'lambda'
  readonly title: string
  readonly reason: string
  readonly passes: boolean
}

export interface CallAsDeployed {
  readonly types: readonly CrossingProof['type'][]
  readonly outcome: ProofRow['outcome']
  readonly gates: readonly Gate[]
}

/** Undefined when the call was not made. */
export function callAsDeployed(report: ProofReport, landscape: Landscape): CallAsDeployed | undefined {
  const calls = report.proofs.filter((proof) => proof.part === 'call' && isPair(proof, landscape))
  const rows = calls.flatMap((proof) => proof.rows.map((row) => ({ proof, row })))
  // One that failed tells what stands in the way.
  const [telling] = [...rows.filter(({ row }) => !row.ok), ...rows]
  if (!telling) return undefined
  const { proof, row } = telling
  return { types: calls.map(({ type }) => type), outcome: row.outcome, gates: gatesOf(report, proof, row) }
}

function gatesOf(report: ProofReport, proof: CrossingProof, row: ProofRow): readonly Gate[] {
  const decided = decisionOf(report, proof, row)
  const isAllowed = decided?.decision.outcome === 'allow'
  // Of a call that was allowed, a layer that says nothing was not needed.
  const trace = (decided?.decision.trace ?? []).filter(({ outcome }) =>
    isAllowed ? outcome === 'allow' : outcome !== undefined,
  )
  const gates = trace.map((layer): Gate => ({
    side: OWNER_LAYERS.has(layer.layer) ? 'callee' : 'caller',
    title: LAYER_NAMES[layer.layer],
    reason: layerReason(layer),
    passes: layer.outcome === 'allow',
  }))
  if (gates.length > 0 && (row.outcome === 'allowed' || !isAllowed)) return gates
  const answer = row.outcome === 'allowed' ? 'the call was let through' : (row.error ?? row.reason ?? row.outcome)
  return [...gates, { side: 'lambda', title: row.outcome, reason: answer, passes: row.outcome === 'allowed' }]
}
