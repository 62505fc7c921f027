/** Where the figure of a limit is from. */
import type { Known } from '../facts/facts.ts'
import type { LimitVerdict } from '../plan-data.ts'

type Origin = Pick<LimitVerdict, 'source' | 'because'>

export const READ: Origin = { source: 'read' }

export function origin(known: Known): Origin {
  return known.source === 'read' ? READ : { source: 'default', because: known.because }
}
