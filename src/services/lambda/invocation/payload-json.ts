/**
 * Whether an event is JSON, and if not, what Lambda says about it: its parser is Jackson's byte parser, whose words clients see.
 * Only the slow path, after `JSON.parse` has refused the text, walks it byte by byte.
 */
import { isUtf8 } from 'node:buffer'

/** Undefined when the bytes are one JSON value in UTF-8. */
export function jsonProblem(payload: Buffer): string | undefined {
  if (isUtf8(payload)) {
    try {
      JSON.parse(payload.toString())
      return undefined
    } catch {
      // The walk below says what is wrong.
    }
  }
  return findProblem(payload)
}

class JsonProblem extends Error {
  override readonly name = 'JsonProblem'
}

function findProblem(bytes: Buffer): string {
  try {
    new Walk(bytes).document()
  } catch (error) {
    if (error instanceof JsonProblem) return error.message
    throw error
  }
  throw new Error('the text was refused as JSON, and nothing is wrong with it')
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const SOURCE = '[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);'
/** Jackson shows no more of an unknown token. */
const TOKEN_CHARACTERS_MAX = 256
/** Jackson's own limit. */
const DEPTH_MAX = 1000

type Scope = { readonly kind: 'Object' | 'Array'; readonly start: string }

class Walk {
  readonly #bytes: Buffer
  #at = 0
  #depth = 0
  #line = 1
  #lineStart = 0
  readonly #root = `${SOURCE} line: 1, column: 0]`

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Throws `JsonProblem` at the first thing that is not JSON. */
  document(): void {
    const first = this.#skipSpace()
    if (first === undefined) this.#fail('No content to map due to end-of-input')
    this.#value(first, undefined)
    // FIDELITY: what Lambda says about a second value is not established.
    const next = this.#skipSpace()
    if (next !== undefined) this.#unexpected(next, 'Expected space separating root-level values')
  }

  #value(first: number, scope: Scope | undefined): void {
    switch (first) {
      case 0x7b:
        return this.#container('Object', 0x7d)
      case 0x5b:
        return this.#container('Array', 0x5d)
      case QUOTE:
        return this.#string('VALUE_STRING')
      case 0x74:
        return this.#literal('true')
      case 0x66:
        return this.#literal('false')
      case 0x6e:
        return this.#literal('null')
      case 0x4e:
        return this.#notANumber('NaN')
      case 0x49:
        return this.#notANumber('Infinity')
      default:
        if (first === 0x2d || isDigit(first)) return this.#number(first)
        return this.#notAValue(first, scope)
    }
  }

  #notAValue(first: number, scope: Scope | undefined): never {
    if (isIdentifier(first) && !isDigit(first)) this.#unknownToken(String.fromCharCode(first))
    if (scope === undefined && (first === 0x7d || first === 0x5d)) this.#mismatch(first, scope)
    const isMissing = first === 0x2c || first === 0x7d || (first === 0x5d && scope?.kind === 'Array')
    this.#unexpected(first, isMissing ? 'expected a value' : `expected a valid value ${VALUES}`)
  }

  /** What Python's `json.dumps` writes for a number that is none. */
  #notANumber(token: 'NaN' | 'Infinity' | '-Infinity'): never {
    this.#literal(token, token.startsWith('-') ? 2 : 1)
    this.#fail(`Non-standard token '${token}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow`)
  }

  #container(kind: Scope['kind'], end: number): void {
    const scope: Scope = { kind, start: this.#location(this.#at - 1) }
    if (++this.#depth > DEPTH_MAX) {
      this.#fail(
        `Document nesting depth (${this.#depth}) exceeds the maximum allowed (${DEPTH_MAX}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`,
      )
    }
    for (let count = 0; ; count++) {
      let next = this.#skipSpace()
      if (next === undefined) {
        this.#fail(`Unexpected end-of-input: expected close marker for ${kind} (start marker at ${scope.start})`)
      }
      if (next === end) break
      if (next === 0x7d || next === 0x5d) this.#mismatch(next, scope)
      if (count > 0) {
        if (next !== 0x2c) this.#unexpected(next, `was expecting comma to separate ${kind} entries`)
        next = this.#within(kind)
      }
      if (kind === 'Object') next = this.#fieldName(next)
      this.#value(next, scope)
    }
    this.#depth--
  }

  /** Answers the first byte of the field's value. */
  #fieldName(first: number): number {
    if (first !== QUOTE) this.#unexpected(first, 'was expecting double-quote to start field name')
    this.#string('field name')
    const colon = this.#within('Object')
    if (colon !== 0x3a) this.#unexpected(colon, 'was expecting a colon to separate field name and value')
    return this.#within('Object')
  }

  #within(kind: Scope['kind']): number {
    return this.#skipSpace() ?? this.#fail(`Unexpected end-of-input within/between ${kind} entries`)
  }

  #string(what: 'VALUE_STRING' | 'field name'): void {
    for (;;) {
      const byte = this.#next() ?? this.#fail(`Unexpected end-of-input in ${what}`)
      if (byte === QUOTE) return
      if (byte === BACKSLASH) this.#escape(what)
      else if (byte < 0x20) {
        this.#failAtLast(
          `Illegal unquoted character (${describe(byte)}): has to be escaped using backslash to be included in ${what === 'field name' ? 'name' : 'string value'}`,
        )
      } else if (byte >= 0x80) this.#character(byte)
    }
  }

  #escape(what: string): void {
    const byte = this.#next() ?? this.#fail(`Unexpected end-of-input in ${what}`)
    if (byte === 0x75) {
      for (let digits = 0; digits < 4; digits++) {
        const digit = this.#next() ?? this.#fail('Unexpected end-of-input in character escape sequence')
        if (!/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
          this.#unexpected(digit, 'expected a hex-digit for character escape sequence')
        }
      }
    } else if (!'"\\/bfnrt'.includes(String.fromCharCode(byte))) {
      this.#failAtLast(`Unrecognized character escape ${describe(byte)}`)
    }
  }

  #number(first: number): void {
    let byte: number | undefined = first
    if (byte === 0x2d) {
      byte = this.#next()
      if (byte === 0x49) this.#notANumber('-Infinity')
      this.#digit(byte, 'expected digit (0-9) to follow minus sign, for valid numeric value')
    }
    const second = byte === 0x30 ? this.#bytes[this.#at] : undefined
    if (second !== undefined && isDigit(second)) this.#fail('Invalid numeric value: Leading zeroes not allowed')
    byte = this.#digits()
    if (byte === 0x2e) {
      this.#digit(this.#next(), 'Decimal point not followed by a digit')
      byte = this.#digits()
    }
    if (byte === 0x65 || byte === 0x45) {
      byte = this.#next()
      if (byte === 0x2b || byte === 0x2d) byte = this.#next()
      this.#digit(byte, 'Exponent indicator not followed by a digit')
      byte = this.#digits()
    }
    if (byte !== undefined) this.#at--
  }

  #digit(byte: number | undefined, expected: string): void {
    if (byte === undefined) this.#fail('Unexpected end-of-input in a Number value')
    if (!isDigit(byte)) this.#failAtLast(`Unexpected character (${describe(byte)}) in numeric value: ${expected}`)
  }

  /** Consumes digits and the byte after them, which it answers. */
  #digits(): number | undefined {
    let byte = this.#next()
    while (byte !== undefined && isDigit(byte)) byte = this.#next()
    return byte
  }

  /** The first `read` bytes have been read. */
  #literal(text: string, read = 1): void {
    for (let i = read; i < text.length; i++) {
      if (this.#bytes[this.#at] !== text.charCodeAt(i)) this.#unknownToken(text.slice(0, i))
      this.#at++
    }
    const after = this.#bytes[this.#at]
    if (after !== undefined && isIdentifier(after)) this.#unknownToken(text)
  }

  #unknownToken(start: string): never {
    let token = start
    while (token.length < TOKEN_CHARACTERS_MAX) {
      const byte = this.#next()
      if (byte === undefined) break
      const character = byte < 0x80 ? String.fromCharCode(byte) : this.#character(byte)
      if (byte < 0x80 ? !isIdentifier(byte) : !/[\p{L}\p{N}]/u.test(character)) break
      token += character
    }
    this.#fail(`Unrecognized token '${token}': was expecting ${VALUES}`)
  }

  /** Reads the rest of a character whose first byte is not ASCII. */
  #character(first: number): string {
    const length = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
    if (length === 0 || first >= 0xf8) this.#fail(`Invalid UTF-8 start byte 0x${first.toString(16)}`)
    const start = this.#at - 1
    for (let i = 1; i < length; i++) {
      const byte = this.#next() ?? this.#fail('Unexpected end-of-input in character')
      if ((byte & 0xc0) !== 0x80) this.#fail(`Invalid UTF-8 middle byte 0x${byte.toString(16)}`)
    }
    return this.#bytes.toString('utf8', start, this.#at)
  }

  #skipSpace(): number | undefined {
    for (;;) {
      const byte = this.#next()
      if (byte === undefined || byte > 0x20) return byte
      if (byte === 0x0a) {
        this.#line++
        this.#lineStart = this.#at
      } else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) {
        this.#failAtLast(
          `Illegal character (${describe(byte)}): only regular white space (\\r, \\n, \\t) is allowed between tokens`,
        )
      }
    }
  }

  #next(): number | undefined {
    return this.#at < this.#bytes.length ? this.#bytes[this.#at++] : undefined
  }

  #mismatch(marker: number, scope: Scope | undefined): never {
    const [name, start] = scope ? [scope.kind, scope.start] : ['root', this.#root]
    const [given, expected] = marker === 0x7d ? ['}', ']'] : [']', '}']
    this.#failAtLast(`Unexpected close marker '${given}': expected '${expected}' (for ${name} starting at ${start})`)
  }

  #unexpected(byte: number, expected: string): never {
    this.#failAtLast(`Unexpected character (${describe(byte)}): ${expected}`)
  }

  /** Blames the byte that was read last. */
  #failAtLast(problem: string): never {
    throw new JsonProblem(`${problem}\n at ${this.#location(this.#at - 1)}`)
  }

  #fail(problem: string): never {
    throw new JsonProblem(`${problem}\n at ${this.#location(this.#at)}`)
  }

  /** Columns count bytes from 1. A line break inside a token does not count as one. */
  #location(offset: number): string {
    return `${SOURCE} line: ${this.#line}, column: ${offset - this.#lineStart + 1}]`
  }
}

/** A byte stands for the character of that number, as Jackson shows it. */
function describe(byte: number): string {
  const isControl = byte < 0x20 || (byte >= 0x7f && byte < 0xa0)
  return isControl ? `(CTRL-CHAR, code ${byte})` : `'${String.fromCharCode(byte)}' (code ${byte})`
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** Part of a Java identifier, as far as one byte shows. */
function isIdentifier(byte: number): boolean {
  return /[A-Za-z0-9_$ªµºÀ-ÖØ-öø-ÿ]/.test(String.fromCharCode(byte))
}
