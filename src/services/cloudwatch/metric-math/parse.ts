/** From the text of a metric math expression to its tree. Pure. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
import { invalidQuery, notImplemented } from '../errors.ts'

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  /** Another query by its id. */
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'negation'; readonly of: Expression }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'list'; readonly elements: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }

export type Operator = '+' | '-' | '*' | '/' | '^'

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|([-+*/^(),[\]])|(\S))/y
const NESTING_MAX = 64

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end'
  readonly text: string
}

/** Throws CloudWatch's error for what is no expression, and names what is one but not known here. */
export function parseExpression(text: string): Expression {
  if (/^\s*SELECT\s/i.test(text)) throw notImplemented('Metrics Insights queries (SELECT …)')
  const tokens = tokensOf(text)
  let position = 0
  let depth = 0
  const peek = (): Token => tokens[position] ?? { kind: 'end', text: '' }
  const take = (sign: string): boolean => {
    const isThere = peek().kind === 'sign' && peek().text === sign
    if (isThere) position++
    return isThere
  }
  const expect = (sign: string): void => {
    if (!take(sign)) throw invalid(text)
  }

  function sum(): Expression {
    if (++depth > NESTING_MAX) throw invalid(text)
    let left = product()
    for (;;) {
      const operator = take('+') ? '+' : take('-') ? '-' : undefined
      if (!operator) break
      left = { kind: 'operation', operator, left, right: product() }
    }
    depth--
    return left
  }

  function product(): Expression {
    let left = signed()
    for (;;) {
      const operator = take('*') ? '*' : take('/') ? '/' : undefined
      if (!operator) return left
      left = { kind: 'operation', operator, left, right: signed() }
    }
  }

  function signed(): Expression {
    let negative = false
    while (take('-')) negative = !negative
    const value = power()
    return negative ? { kind: 'negation', of: value } : value
  }

  function power(): Expression {
    const base = primary()
    return take('^') ? { kind: 'operation', operator: '^', left: base, right: powerOf() } : base
  }

  function powerOf(): Expression {
    return take('-') ? { kind: 'negation', of: primary() } : power()
  }

  function primary(): Expression {
    const token = peek()
    position++
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
    if (token.kind === 'name') {
      if (take('(')) return { kind: 'call', name: token.text.toUpperCase(), arguments: listUntil(')') }
      return { kind: 'reference', id: token.text }
    }
    if (token.text === '(') {
      const inner = sum()
      expect(')')
      return inner
    }
    if (token.text === '[') return { kind: 'list', elements: listUntil(']') }
    throw invalid(text)
  }

  function listUntil(end: string): readonly Expression[] {
    const elements: Expression[] = []
    if (take(end)) return elements
    do elements.push(sum())
    while (take(','))
    expect(end)
    return elements
  }

  const whole = sum()
  if (peek().kind !== 'end') throw invalid(text)
  return whole
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const whole = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < whole.length) {
    const [, number, name, sign, other] = TOKEN.exec(whole) ?? []
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    // Comparisons, logic and texts.
    else if (other !== undefined && `<>=!&|"'`.includes(other)) throw notImplemented(`\`${other}\` in metric math`)
    else throw invalid(text)
  }
  return tokens
}

/** FIDELITY: AWS says where the mistake is. */
function invalid(text: string) {
  return invalidQuery(`Error in expression '${text}': it is no metric math expression`)
}
