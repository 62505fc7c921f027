/** `isthmus.yaml`: the accounts, the organization, the stacks and the crossings of a project. Every problem names its path and line. */
import { isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'

import { isAccountId } from './account.ts'
import { isRegion } from './region.ts'
import { UserError } from './user-error.ts'
import { yamlProblem } from './yaml-problem.ts'

const accountId = z.string().refine(isAccountId, 'is not an account id, expected twelve digits in quotes')

const accountSchema = z.union([
  accountId.transform((id) => ({ id, parent: undefined, profile: undefined })),
  z.strictObject({
    id: accountId,
    /** The name of an organizational unit; the root when absent. */
    parent: z.string().optional(),
    /** The AWS CLI profile to use when the project is proved on AWS. */
    profile: z.string().optional(),
  }),
])

const organizationPolicySchema = z.strictObject({
  description: z.string().optional(),
  /** A policy document, written out. */
  document: z.record(z.string(), z.unknown()),
  /** `root`, or the names of organizational units or accounts. */
  targets: z.array(z.string()).min(1),
})

const organizationSchema = z.strictObject({
  /** Name → where it hangs; the root when `parent` is absent. */
  organizationalUnits: z.record(z.string(), z.strictObject({ parent: z.string().optional() })).default({}),
  serviceControlPolicies: z.record(z.string(), organizationPolicySchema).default({}),
  resourceControlPolicies: z.record(z.string(), organizationPolicySchema).default({}),
})

const stackSchema = z.strictObject({
  /** The stack's name; the template's file name without its extension when absent. */
  name: z.string().optional(),
  account: z.string(),
  /** Path relative to the project file. */
  template: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
})

const crossingSchema = z.strictObject({
  /** A function, `account:name` or its ARN; its execution role makes the call. */
  from: z.string(),
  /** A function with its qualifier, `account:name:qualifier` or its ARN. */
  to: z.string(),
  type: z.enum(['RequestResponse', 'Event']).default('RequestResponse'),
  payload: z.unknown().optional(),
  /**
   * `role`: sign the call with a session of the caller's execution role. `code`: invoke the caller, whose own code makes the call that the
   * event describes (see docs/guide/prove.md).
   */
  by: z.enum(['role', 'code']).default('role'),
  /** Of a load test's invocations, this crossing's part. */
  weight: z.number().positive().default(1),
})

/** How `isthmus load` runs the crossings when the command does not say otherwise; as its options of the same names. */
const loadSchema = z.strictObject({
  executor: z.enum(['constant-arrival-rate', 'ramping-arrival-rate', 'constant-vus', 'ramping-vus']).optional(),
  rate: z.number().nonnegative().optional(),
  vus: z.number().int().nonnegative().optional(),
  duration: z.string().optional(),
  /** Each `duration:target`. */
  stages: z.array(z.string()).default([]),
  warmUp: z.string().optional(),
  maxInFlight: z.number().int().positive().optional(),
  thresholds: z.array(z.string()).default([]),
})

const port = z.number().int().min(1).max(65_535)

const hostSchema = z.strictObject({
  account: z.string(),
  /** The subnet's tag `Name`, or its id. */
  subnet: z.string(),
  address: z.ipv4(),
  /** Port in the VPC → port on this machine's loopback. */
  ports: z.record(z.string().regex(/^\d+$/, 'is not a port'), port),
  /** Who reaches it: IPv4 blocks and security groups of the VPC; the VPC itself when absent. */
  from: z.array(z.string()).default([]),
})

const projectSchema = z.strictObject({
  region: z.string().default('us-east-1').refine(isRegion, 'is not a Region, expected a code such as us-east-1'),
  accounts: z.record(z.string(), accountSchema).default({}),
  organization: organizationSchema.optional(),
  /** Runtime name → the executable that serves it on this machine. */
  runtimes: z.record(z.string(), z.string()).default({}),
  /** Services of this machine that functions reach at an address of a subnet. */
  hosts: z.record(z.string(), hostSchema).default({}),
  stacks: z.array(stackSchema).default([]),
  crossings: z.array(crossingSchema).default([]),
  load: loadSchema.optional(),
})

export type ProjectFile = z.infer<typeof projectSchema>
export type ProjectStack = ProjectFile['stacks'][number]
export type ProjectCrossing = ProjectFile['crossings'][number]

/** Throws `UserError` listing every problem as `path:line: where: what`. */
export function parseProjectFile(text: string, path: string): ProjectFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      ({ pos, message }) => `${path}:${lines.linePos(pos[0]).line}: ${yamlProblem(message)}`,
    )
    throw new UserError(problems.join('\n'))
  }
  const parsed = projectSchema.safeParse(document.toJS() ?? {})
  const lineOf = (where: readonly PropertyKey[]): number => {
    for (let length = where.length; length > 0; length--) {
      const node: unknown = document.getIn(where.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const problems = parsed.success
    ? danglingNames(parsed.data)
    : parsed.error.issues.map(({ path: where, message }) => ({ where, message }))
  if (problems.length > 0 || !parsed.success) {
    const text = problems.map(
      ({ where, message }) => `${path}:${lineOf(where)}: ${where.map(String).join('.') || 'file'}: ${message}`,
    )
    throw new UserError(text.join('\n'), { hint: 'docs/guide/project-file.md describes every member' })
  }
  return parsed.data
}

interface Problem {
  readonly where: readonly PropertyKey[]
  readonly message: string
}

/** Names that refer to nothing. */
function danglingNames(project: ProjectFile): readonly Problem[] {
  const problems: Problem[] = []
  const units = new Set(Object.keys(project.organization?.organizationalUnits ?? {}))
  const accounts = new Set(Object.keys(project.accounts))
  const check = (known: ReadonlySet<string>, name: string | undefined, where: readonly PropertyKey[], what: string) => {
    if (name !== undefined && !known.has(name))
      problems.push({ where, message: `\`${name}\` is not ${what} of this file` })
  }
  for (const [name, account] of Object.entries(project.accounts)) {
    check(units, account.parent, ['accounts', name, 'parent'], 'an organizational unit')
  }
  for (const [name, unit] of Object.entries(project.organization?.organizationalUnits ?? {})) {
    check(units, unit.parent, ['organization', 'organizationalUnits', name, 'parent'], 'an organizational unit')
  }
  for (const kind of ['serviceControlPolicies', 'resourceControlPolicies'] as const) {
    for (const [name, policy] of Object.entries(project.organization?.[kind] ?? {})) {
      for (const [index, target] of policy.targets.entries()) {
        const where = ['organization', kind, name, 'targets', index]
        check(new Set(['root', ...units, ...accounts]), target, where, 'the root, a unit or an account')
      }
    }
  }
  for (const [name, host] of Object.entries(project.hosts)) {
    check(accounts, host.account, ['hosts', name, 'account'], 'an account')
  }
  for (const [index, stack] of project.stacks.entries()) {
    check(accounts, stack.account, ['stacks', index, 'account'], 'an account')
  }
  return problems
}
