/** Files of policy cases: YAML (a list, or one case per document) or JSON Lines. Every problem names its path and line. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import { UserError } from '../core/user-error.ts'
import { yamlProblem } from '../core/yaml-problem.ts'
import { CASE_MEMBERS, caseSchema } from './case-schema.ts'
import { findCaseProblems, type PolicyCase } from './case.ts'

export interface LocatedCase {
  readonly policyCase: PolicyCase
  /** Where it begins, from 1. */
  readonly line: number
}

export interface CaseFile {
  readonly cases: readonly LocatedCase[]
  /** `path:line: where: expected …, found …` */
  readonly problems: readonly string[]
}

/** Throws `UserError` that lists every problem. */
export function parsePolicyCases(text: string, fileName: string): PolicyCase[] {
  const { cases, problems } = readCaseFile(text, fileName)
  if (problems.length > 0) throw new UserError(problems.join('\n'))
  return cases.map(({ policyCase }) => policyCase)
}

export function readCaseFile(text: string, fileName: string): CaseFile {
  const written = fileName.endsWith('.jsonl') ? jsonLines(text) : yamlDocuments(text)
  const cases: LocatedCase[] = []
  const problems = written.problems.map(({ line, message }) => `${fileName}:${line}: ${message}`)
  for (const { value, lineOf } of written.items) {
    const { policyCase, found } = readCase(value)
    if (policyCase !== undefined && found.length === 0) cases.push({ policyCase, line: lineOf([]) })
    const located = found.map(({ where, message }) => ({ where, message, line: lineOf(where) }))
    for (const { where, message, line } of located.toSorted((one, other) => one.line - other.line)) {
      problems.push(`${fileName}:${line}: ${where.map(String).join('.') || 'case'}: ${message}`)
    }
  }
  return { cases, problems }
}

interface Problem {
  readonly where: readonly PropertyKey[]
  readonly message: string
}

function readCase(value: unknown): { readonly policyCase?: PolicyCase; readonly found: readonly Problem[] } {
  const result = caseSchema.safeParse(value)
  if (!result.success) return { found: result.error.issues.flatMap((issue) => problemsOf(issue, value)) }
  return { policyCase: result.data, found: findCaseProblems(result.data) }
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const expected = issue.path.length === 0 ? `, expected ${CASE_MEMBERS.join(', ')}` : ''
      return { where: [...issue.path, key], message: `there is no such member${expected}` }
    })
  }
  const found = valueAt(value, issue.path)
  const expected = issue.message.replace(/^Invalid (?:input|option): /, '').replace(/, received .*$/, '')
  return [{ where: issue.path, message: `${expected}, found ${foundText(found)}` }]
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.entries(here).find(([name]) => name === String(key))?.[1]
  }
  return here
}

const FOUND_LENGTH_MAX = 60

function foundText(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return `\`${text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text}\``
}

interface Written {
  readonly items: readonly {
    readonly value: unknown
    readonly lineOf: (where: readonly PropertyKey[]) => number
  }[]
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

function jsonLines(text: string): Written {
  const items: Written['items'][number][] = []
  const problems: Written['problems'][number][] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      items.push({ value: JSON.parse(line) as unknown, lineOf: () => index + 1 })
    } catch (error) {
      problems.push({ line: index + 1, message: `expected one case as JSON, but ${String(error)}` })
    }
  }
  return { items, problems }
}

function yamlDocuments(text: string): Written {
  const lineCounter = new LineCounter()
  const parsed = parseAllDocuments(text, { merge: true, lineCounter })
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : []
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ pos, message }) => ({
      line: lineCounter.linePos(pos[0]).line,
      message: `expected YAML, but ${yamlProblem(message)}`,
    })),
  )
  const items = documents.flatMap((document) => {
    if (document.errors.length > 0) return []
    const value: unknown = document.toJS()
    if (value === null || value === undefined) return []
    const lineOf = (where: readonly PropertyKey[]): number => lineCounter.linePos(offsetOf(document, where)).line
    if (!Array.isArray(value)) return [{ value, lineOf }]
    return value.map((item: unknown, index) => ({
      value: item,
      lineOf: (where: readonly PropertyKey[]) => lineOf([index, ...where]),
    }))
  })
  return { items, problems }
}

/** Of the last key or item of the path that is written there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const step of path) {
    let next: unknown
    let start: number | undefined
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      next = pair?.value
      start = startOf(pair?.key)
    } else if (isSeq(node)) {
      next = node.items[Number(step)]
      start = startOf(next)
    }
    if (start === undefined) return offset
    offset = start
    node = next
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node satisfies Node).range?.[0] : undefined
}
