/**
 * Filter patterns over JSON events: `{ ($.a = "b*" || $.c[0].d > 3) && $.e NOT EXISTS }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events
 */
import { invalidParameter } from './errors.ts'

type Test = (event: unknown) => boolean

/** Throws `InvalidParameterException`. `text` is what stands between the braces; messages that are not JSON objects or arrays never match. */
export function parseJsonPattern(text: string): (message: string) => boolean {
  const test = new Parser(tokenize(text)).parse()
  return (message) => {
    const event = parseContainer(message)
    return event !== undefined && test(event)
  }
}

function parseContainer(message: string): unknown {
  const first = message.trimStart().charAt(0)
  if (first !== '{' && first !== '[') return undefined
  try {
    return JSON.parse(message) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

type Step = { readonly key: string } | { readonly index: number } | 'any key' | 'any index'

type Token =
  | { readonly kind: 'selector'; readonly steps: readonly Step[] }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }

const SELECTOR = /\$(?:\.(?:\*|[^\s.[\]()=!<>&|"]+)|\.?\[(?:\*|\d+|'[^']*'|"[^"]*")\])*/uy
const STEP = /\.\*|\.?\[\*\]|\.?\[(\d+)\]|\.?\[(?:'([^']*)'|"([^"]*)")\]|\.([^\s.[\]()=!<>&|"]+)/gu
const SYMBOL = /&&|\|\||!=|>=|<=|[()=<>]/uy
const QUOTED = /"((?:[^"\\]|\\.)*)"/uy
const WORD = /[^\s()=!<>&|"]+/uy
const SPACE = /\s*/uy

function invalid(): Error {
  return invalidParameter('Invalid filter pattern')
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = at
    const found = expression.exec(text) ?? undefined
    if (found) at = expression.lastIndex
    return found
  }
  for (match(SPACE); at < text.length; match(SPACE)) {
    const start = at
    if (text.startsWith('$', at)) {
      const selector = match(SELECTOR)?.[0] ?? ''
      tokens.push({ kind: 'selector', steps: Array.from(selector.matchAll(STEP), stepFrom) })
      continue
    }
    const symbol = match(SYMBOL)
    if (symbol) {
      tokens.push({ kind: 'symbol', text: symbol[0] })
      continue
    }
    const quoted = match(QUOTED)
    if (quoted) {
      tokens.push({ kind: 'string', text: (quoted[1] ?? '').replaceAll(/\\(.)/gsu, '$1') })
      continue
    }
    const word = match(WORD)
    if (!word || at === start) throw invalid()
    if (word[0].startsWith('%')) {
      throw invalidParameter('Invalid filter pattern: Isthmus does not implement regular expressions')
    }
    tokens.push({ kind: 'word', text: word[0] })
  }
  return tokens
}

function stepFrom([text, index, single, double, key]: RegExpMatchArray): Step {
  if (index !== undefined) return { index: Number(index) }
  const name = single ?? double ?? key
  if (name !== undefined) return { key: name }
  return text === '.*' ? 'any key' : 'any index'
}

/** `||` binds less than `&&`. */
class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): Test {
    const test = this.#either()
    if (this.#at < this.#tokens.length) throw invalid()
    return test
  }

  #either(): Test {
    const tests = [this.#both()]
    while (this.#takeSymbol('||')) tests.push(this.#both())
    return (event) => tests.some((test) => test(event))
  }

  #both(): Test {
    const tests = [this.#single()]
    while (this.#takeSymbol('&&')) tests.push(this.#single())
    return (event) => tests.every((test) => test(event))
  }

  #single(): Test {
    if (this.#takeSymbol('(')) {
      const test = this.#either()
      if (!this.#takeSymbol(')')) throw invalid()
      return test
    }
    const selector = this.#next()
    if (selector?.kind !== 'selector' || selector.steps.length === 0) throw invalid()
    const values = (event: unknown) => select(event, selector.steps)
    const operator = this.#next()
    if (operator?.kind === 'word') return this.#wordOperator(operator.text, values)
    if (operator?.kind !== 'symbol') throw invalid()
    const operand = this.#next()
    if (operand?.kind !== 'string' && operand?.kind !== 'word') throw invalid()
    const compare = comparison(operator.text, operand.text, operand.kind === 'string')
    // FIDELITY: what `!=` makes of a missing value is not documented; here no comparison holds for one, `NOT EXISTS` asks for it.
    return (event) => values(event).some(compare)
  }

  #wordOperator(first: string, values: (event: unknown) => readonly unknown[]): Test {
    const second = this.#next()
    if (second?.kind !== 'word') throw invalid()
    switch (`${first} ${second.text}`.toUpperCase()) {
      case 'NOT EXISTS':
        return (event) => values(event).length === 0
      case 'IS NULL':
        return (event) => values(event).includes(null)
      case 'IS TRUE':
        return (event) => values(event).includes(true)
      case 'IS FALSE':
        return (event) => values(event).includes(false)
      default:
        throw invalid()
    }
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++]
  }

  #takeSymbol(text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'symbol' || token.text !== text) return false
    this.#at++
    return true
  }
}

/** The values a selector points at: none when something on the way is missing. */
function select(event: unknown, steps: readonly Step[]): readonly unknown[] {
  let values: readonly unknown[] = [event]
  for (const step of steps) values = values.flatMap((value) => children(value, step))
  return values
}

function children(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    if (step === 'any index') return items
    return typeof step === 'object' && 'index' in step && step.index < items.length ? [items[step.index]] : []
  }
  if (step === 'any key') return Object.values(value)
  if (typeof step !== 'object' || !('key' in step) || !Object.hasOwn(value, step.key)) return []
  return [(value as Readonly<Record<string, unknown>>)[step.key]]
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu

/** A quoted operand is text; another one is a number if it looks like one and the value is one. `*` stands for anything in a text. */
function comparison(operator: string, operand: string, isQuoted: boolean): (value: unknown) => boolean {
  const number = !isQuoted && NUMBER.test(operand) ? Number(operand) : undefined
  if (operator === '=' || operator === '!=') {
    const isText = textMatcher(operand)
    const isEqual = (value: unknown): boolean =>
      typeof value === 'number' && number !== undefined ? value === number : isText(String(value))
    const isScalar = (value: unknown) => value !== null && typeof value !== 'object'
    return operator === '='
      ? (value) => isScalar(value) && isEqual(value)
      : (value) => isScalar(value) && !isEqual(value)
  }
  if (number === undefined) throw invalid()
  const holds = ORDERINGS[operator]
  if (!holds) throw invalid()
  return (value) => typeof value === 'number' && holds(value, number)
}

const ORDERINGS: Readonly<Record<string, ((a: number, b: number) => boolean) | undefined>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
}

/** The parts between the stars must occur in order, the first and the last at the ends. */
function textMatcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  return (text) => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return text.length - last.length >= at && text.endsWith(last)
  }
}
