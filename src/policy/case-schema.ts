/** The shape of a policy case in a file. Messages end in what was expected, without what was found. */
import { z } from 'zod'

const POLICY = 'expected a policy document, or its JSON in a text'
const SCALAR = 'expected a text, a number or a boolean, or a list of these'
const PRINCIPAL = 'expected the ARN of a principal, { anonymous: true }, or { service: name }'

const account = z.string().regex(/^\d{12}$/, 'expected twelve digits, in quotes')
const policy = z.union([z.string(), z.record(z.string(), z.unknown())], { error: POLICY })
const policies = z.array(policy)
const levels = z.array(policies).nullable()
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: SCALAR })

const members = {
  id: z.string().min(1, 'expected a name'),
  request: z.strictObject({
    principal: z.union(
      [z.string(), z.strictObject({ anonymous: z.literal(true) }), z.strictObject({ service: z.string() })],
      { error: PRINCIPAL },
    ),
    action: z.string().regex(/^[^:*?]+:[^:*?]+$/, 'expected one action, as service:Action'),
    resource: z.string().min(1, 'expected an ARN, or * for an action without resource'),
    resourceAccount: account.optional(),
    context: z.record(z.string(), z.union([scalar, z.array(scalar)], { error: SCALAR })).optional(),
  }),
  identityPolicies: policies.optional(),
  resourcePolicy: policy.nullable().optional(),
  scps: levels.optional(),
  rcps: levels.optional(),
  permissionsBoundaries: policies.max(1, 'expected at most one permissions boundary').optional(),
  sessionPolicies: policies.optional(),
  endpointPolicies: policies.optional(),
  expected: z.strictObject({
    decision: z.enum(['allow', 'explicit_deny', 'implicit_deny']),
    /** Null, as `--json` prints it for an allowed request, leaves it open. */
    blockedBy: z
      .enum(['identity', 'resource', 'boundary', 'session', 'scp', 'rcp', 'endpoint', 'trust'])
      .nullish()
      .transform((layer) => layer ?? undefined),
  }),
  /** For the reader: where the expectation comes from, and what the case is about. */
  source: z.string().optional(),
  description: z.string().optional(),
}

export const caseSchema = z.strictObject(members)
export const CASE_MEMBERS: readonly string[] = Object.keys(members)
