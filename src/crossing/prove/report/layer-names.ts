/** The layers of a decision in words, and whose account each belongs to. */
import type { Layer, LayerTrace } from '../../../policy/model.ts'
import { nameOf } from '../../explain/statements.ts'

export const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  identity: 'identity policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policies',
  rcp: 'resource control policies',
  endpoint: 'VPC endpoint policy',
  trust: 'trust policy',
}

export const OWNER_LAYERS: ReadonlySet<Layer> = new Set<Layer>(['resource', 'rcp', 'trust'])

/** `statement 2 (Call) of may-call`, and of a layer where none is to be named: that none allows. */
export function layerReason({ outcome, statement }: LayerTrace): string {
  if (statement) {
    const { policyName, sid, index } = statement
    return `${outcome === 'allow' ? 'allowed' : 'denied'} by ${nameOf({ policy: policyName, index, ...(sid !== undefined && { sid }) })}`
  }
  return outcome === 'allow' ? 'allowed' : outcome === 'explicit_deny' ? 'denied' : 'no statement allows it'
}
