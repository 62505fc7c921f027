/** Where each statement stands in a policy's text, as the policy simulator tells it. */

/** Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface StatementPosition {
  readonly start: Position
  readonly end: Position
}

/**
 * By index of the statement. The simulator's positions are those of a reader of tokens: a statement starts behind the token before its content,
 * which in a list is the bracket or the statement before it, and for a single statement its own brace. It ends behind its closing brace.
 * `text` must be a policy that was parsed.
 */
export function statementPositions(text: string): readonly StatementPosition[] {
  const positions: StatementPosition[] = []
  let depth = 0
  let previous = ''
  /** Of a statement's own braces; 0 outside the statements. */
  let statementDepth = 0
  let start = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const end = index + token.length
    if (token === '{' || token === '[') {
      depth++
      if (depth === ELEMENT_DEPTH && previous === 'Statement') {
        statementDepth = token === '{' ? ELEMENT_DEPTH : ELEMENT_DEPTH + 1
        start = end
      }
    } else if (token === '}' || token === ']') {
      if (depth === statementDepth) {
        positions.push({ start: positionOf(text, start), end: positionOf(text, end) })
        start = end
      }
      depth--
      if (depth < ELEMENT_DEPTH) statementDepth = 0
    }
    if (token.startsWith('"')) previous = depth === 1 ? (JSON.parse(token) as string) : ''
    else if (token !== ':') previous = ''
  }
  return positions
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g
/** Of the brace or bracket that opens an element of the document. */
const ELEMENT_DEPTH = 2

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}
