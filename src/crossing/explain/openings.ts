/** What the grants that make a call possible open to others. */
import type { Evaluation } from './evaluate.ts'
import type { Situation } from './situation.ts'
import { nameOf, viewOf } from './statements.ts'

export function openingsOf({ context, callerAccount }: Situation, { findings }: Evaluation): readonly string[] {
  const openings: string[] = []
  for (const finding of findings) {
    const { layer, statement, explanation } = finding
    if (statement.effect !== 'Allow' || !explanation.applies) continue
    const name = nameOf(viewOf(finding, context))
    if (layer === 'resource' && explanation.grant === 'account') {
      openings.push(
        `${name} grants the whole account ${callerAccount ?? ''}: every principal there that a policy of its own allows the call may make it`,
      )
    }
    if (layer === 'resource' && statement.principal?.anyone === true) {
      openings.push(
        statement.conditions.length === 0
          ? `${name} grants everyone, in any account`
          : `${name} grants everyone who meets its conditions (${statement.conditions.map(({ key }) => key).join(', ')})`,
      )
    }
    if (layer === 'identity' && statement.resource?.values.includes('*') === true) {
      openings.push(`${name} allows it on every resource, wherever the other account grants it`)
    }
  }
  return openings
}
