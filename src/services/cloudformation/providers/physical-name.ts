/** Names AWS makes up for resources without one: `stack-LogicalId-1A2B3C4D5E6F`. */
import type { Ids } from '../../../core/ids.ts'

const SUFFIX_LENGTH = 12

export function physicalName(stackName: string, logicalId: string, ids: Ids, lengthMax: number): string {
  const room = lengthMax - SUFFIX_LENGTH - 2
  const half = Math.floor(room / 2)
  const stack = stackName.slice(0, Math.max(half, room - logicalId.length))
  const logical = logicalId.slice(0, room - stack.length)
  return `${stack}-${logical}-${suffix(ids)}`
}

/** The older, shorter form, still used for ids that nobody has to recognize. */
export function shortId(stackName: string, logicalId: string, ids: Ids): string {
  return `${stackName.slice(0, 5)}-${logicalId.slice(0, 4)}-${suffix(ids)}`
}

function suffix(ids: Ids): string {
  return ids.base36(SUFFIX_LENGTH).toUpperCase()
}
