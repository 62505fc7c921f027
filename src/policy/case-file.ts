/** Files of policy cases: YAML (a list, or one case per document) or JSON Lines. */
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { UserError } from '../core/user-error.ts'
import type { PolicyCase } from './case.ts'

const account = z.string().regex(/^\d{12}$/, 'expected twelve digits, in quotes')
const policy = z.union([z.string(), z.record(z.string(), z.unknown())])
const policies = z.array(policy)
const levels = z.array(policies).nullable()
const scalar = z.union([z.string(), z.number(), z.boolean()])

const schema = z.strictObject({
  id: z.string().min(1),
  request: z.strictObject({
    principal: z.union([
      z.string(),
      z.strictObject({ anonymous: z.literal(true) }),
      z.strictObject({ service: z.string() }),
    ]),
    action: z.string(),
    resource: z.string(),
    resourceAccount: account.optional(),
    context: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
  }),
  identityPolicies: policies.optional(),
  resourcePolicy: policy.nullable().optional(),
  scps: levels.optional(),
  rcps: levels.optional(),
  permissionsBoundaries: policies.optional(),
  sessionPolicies: policies.optional(),
  endpointPolicies: policies.optional(),
  expected: z.strictObject({
    decision: z.enum(['allow', 'explicit_deny', 'implicit_deny']),
    blockedBy: z.enum(['identity', 'resource', 'boundary', 'session', 'scp', 'rcp', 'endpoint', 'trust']).optional(),
  }),
  /** For the reader: where the expectation comes from, and what the case is about. */
  source: z.string().optional(),
  description: z.string().optional(),
})

/** Throws `UserError` that names the file, the line of the document and every problem of the first case that has one. */
export function parsePolicyCases(text: string, fileName: string): PolicyCase[] {
  const items = fileName.endsWith('.jsonl') ? jsonLines(text, fileName) : yamlDocuments(text, fileName)
  return items.map(({ place, value }) => {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    throw new UserError(`${place} is no policy case: ${z.prettifyError(result.error).replaceAll(/\s*\n\s*/g, ' ')}`)
  })
}

interface Item {
  readonly place: string
  readonly value: unknown
}

function jsonLines(text: string, fileName: string): Item[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const place = `${fileName}:${index + 1}`
    try {
      return [{ place, value: JSON.parse(line) as unknown }]
    } catch (cause) {
      throw new UserError(`${place} is not JSON`, { cause })
    }
  })
}

function yamlDocuments(text: string, fileName: string): Item[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document, index) => {
    const [error] = document.errors
    if (error !== undefined) {
      throw new UserError(`${fileName}:${error.linePos?.[0].line ?? 1} is not YAML: ${error.message.split('\n')[0]}`)
    }
    const value: unknown = document.toJS()
    if (value === null || value === undefined) return []
    const place = `${fileName} document ${index + 1}`
    if (!Array.isArray(value)) return [{ place, value }]
    return value.map((item: unknown, position) => ({ place: `${place} case ${position + 1}`, value: item }))
  })
}
