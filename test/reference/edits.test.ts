/**
 * What was compiled is what a fresh start would compile, after any edit: random runs of IAM's and Organizations' own operations, with decisions in
 * between that have to be those of the reference model over the documents as they were last written.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Document, Documents, Statement } from './documents.ts'
import {
  createClouds,
  FULL_ACCESS,
  FULL_RCP,
  MEMBER,
  NAMES,
  NODES,
  PARENTS,
  pathOf,
  type Clouds,
  type Name,
  type Node,
  type Parent,
  type Who,
} from './edited-cloud.ts'
import { referenceVerdict } from './model.ts'
import { ListedContext } from './requests.ts'

const RUNS = 600
const COMMANDS_MAX = 40
const TIMEOUT_MS = 300_000

/** The documents as they were last written. */
interface Written {
  readonly inline: Map<Name, Document>
  readonly attached: Set<Name>
  readonly managed: Map<Name, Document>
  boundary: Name | undefined
  team: string | undefined
  readonly group: Map<Name, Document>
  isMember: boolean
  readonly scps: Map<Name, Document>
  readonly scpTargets: Map<Node, Set<Name>>
  parent: Parent
}

class Edit implements fc.Command<Written, Clouds> {
  readonly #words: string
  readonly #can: (written: Written) => boolean
  readonly #edit: (written: Written, clouds: Clouds) => void

  constructor(words: string, can: (written: Written) => boolean, edit: (written: Written, clouds: Clouds) => void) {
    this.#words = words
    this.#can = can
    this.#edit = edit
  }

  check(written: Readonly<Written>): boolean {
    return this.#can(written)
  }

  run(written: Written, clouds: Clouds): void {
    this.#edit(written, clouds)
  }

  toString(): string {
    return this.#words
  }
}

/** The key and value of a condition on where the account is: known only once the organization is there. */
const PLACE = 'the path of the outer unit'

const statement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Action: fc.constantFrom('*', 'lambda:*', 'lambda:InvokeFunction', 'lambda:Get*', 'sqs:*'),
    Resource: fc.constantFrom(
      '*',
      `arn:aws:lambda:*:${MEMBER}:*`,
      'arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}',
    ),
    Condition: fc.constantFrom(
      undefined,
      undefined,
      { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
      { Null: { 'aws:PrincipalTag/team': 'true' } },
      { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': PLACE } },
    ),
  })
  .map(({ Condition, ...rest }) => ({ ...rest, ...(Condition && { Condition }) }))

const document: fc.Arbitrary<Document> = fc
  .array(statement, { minLength: 1, maxLength: 2 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }))
const name = fc.constantFrom(...NAMES)
const node = fc.constantFrom(...NODES)
const request = fc.record({
  who: fc.constantFrom<Who>('role', 'role', 'user'),
  action: fc.constantFrom('lambda:InvokeFunction', 'lambda:GetFunction', 'sqs:SendMessage'),
  resource: fc.constantFrom(
    `arn:aws:lambda:us-east-1:${MEMBER}:function:red`,
    `arn:aws:lambda:us-east-1:${MEMBER}:function:blue`,
    `arn:aws:sqs:us-east-1:${MEMBER}:red`,
  ),
})

const always = (): boolean => true

const edits: readonly fc.Arbitrary<Edit>[] = [
  fc.tuple(name, document).map(
    ([PolicyName, policy]) =>
      new Edit(`PutRolePolicy ${PolicyName} ${JSON.stringify(policy)}`, always, ({ inline }, clouds) => {
        inline.set(PolicyName, policy)
        clouds.iam('PutRolePolicy', { RoleName: 'role', PolicyName, PolicyDocument: textOf(policy, clouds) })
      }),
  ),
  name.map(
    (PolicyName) =>
      new Edit(
        `DeleteRolePolicy ${PolicyName}`,
        ({ inline }) => inline.has(PolicyName),
        ({ inline }, { iam }) => {
          inline.delete(PolicyName)
          iam('DeleteRolePolicy', { RoleName: 'role', PolicyName })
        },
      ),
  ),
  fc.tuple(name, document).map(
    ([policyName, policy]) =>
      new Edit(`CreatePolicyVersion ${policyName} ${JSON.stringify(policy)}`, always, ({ managed }, clouds) => {
        managed.set(policyName, policy)
        const PolicyArn = managedArn(policyName)
        const { Policy } = clouds.iam('GetPolicy', { PolicyArn }) as { Policy: { DefaultVersionId: string } }
        clouds.iam('CreatePolicyVersion', { PolicyArn, PolicyDocument: textOf(policy, clouds), SetAsDefault: true })
        clouds.iam('DeletePolicyVersion', { PolicyArn, VersionId: Policy.DefaultVersionId })
      }),
  ),
  name.map(
    (policyName) =>
      new Edit(`attach or detach ${policyName}`, always, ({ attached }, { iam }) => {
        const input = { RoleName: 'role', PolicyArn: managedArn(policyName) }
        if (attached.delete(policyName)) iam('DetachRolePolicy', input)
        else {
          attached.add(policyName)
          iam('AttachRolePolicy', input)
        }
      }),
  ),
  fc.option(name, { nil: undefined }).map(
    (boundary) =>
      new Edit(`boundary ${boundary}`, always, (written, { iam }) => {
        if (boundary !== undefined) {
          iam('PutRolePermissionsBoundary', { RoleName: 'role', PermissionsBoundary: managedArn(boundary) })
        } else if (written.boundary !== undefined) iam('DeleteRolePermissionsBoundary', { RoleName: 'role' })
        written.boundary = boundary
      }),
  ),
  fc.constantFrom(undefined, 'red', 'blue').map(
    (team) =>
      new Edit(`team ${team}`, always, (written, { iam }) => {
        written.team = team
        if (team === undefined) iam('UntagRole', { RoleName: 'role', TagKeys: ['team'] })
        else iam('TagRole', { RoleName: 'role', Tags: [{ Key: 'team', Value: team }] })
      }),
  ),
  fc.tuple(name, fc.option(document, { nil: undefined })).map(
    ([PolicyName, policy]) =>
      new Edit(
        `group policy ${PolicyName} ${JSON.stringify(policy)}`,
        ({ group }) => policy !== undefined || group.has(PolicyName),
        ({ group }, clouds) => {
          if (policy === undefined) {
            group.delete(PolicyName)
            clouds.iam('DeleteGroupPolicy', { GroupName: 'group', PolicyName })
          } else {
            group.set(PolicyName, policy)
            clouds.iam('PutGroupPolicy', { GroupName: 'group', PolicyName, PolicyDocument: textOf(policy, clouds) })
          }
        },
      ),
  ),
  fc.constant(
    new Edit('join or leave the group', always, (written, { iam }) => {
      iam(written.isMember ? 'RemoveUserFromGroup' : 'AddUserToGroup', { GroupName: 'group', UserName: 'user' })
      written.isMember = !written.isMember
    }),
  ),
  fc.tuple(name, document).map(
    ([scp, policy]) =>
      new Edit(`UpdatePolicy ${scp} ${JSON.stringify(policy)}`, always, ({ scps }, clouds) => {
        scps.set(scp, policy)
        clouds.organizations('UpdatePolicy', { PolicyId: clouds.scpIds[scp], Content: textOf(policy, clouds) })
      }),
  ),
  fc.tuple(node, name).map(
    ([target, scp]) =>
      new Edit(
        `attach ${scp} to ${target}, or detach it`,
        always,
        ({ scpTargets }, { organizations, nodeIds, scpIds }) => {
          const input = { PolicyId: scpIds[scp], TargetId: nodeIds[target] }
          const attached = scpTargets.get(target)
          if (attached?.delete(scp) === true) organizations('DetachPolicy', input)
          else {
            attached?.add(scp)
            organizations('AttachPolicy', input)
          }
        },
      ),
  ),
  fc.constantFrom(...PARENTS).map(
    (parent) =>
      new Edit(
        `move the account to ${parent}`,
        (written) => written.parent !== parent,
        (written, { organizations, nodeIds }) => {
          organizations('MoveAccount', {
            AccountId: MEMBER,
            SourceParentId: nodeIds[written.parent],
            DestinationParentId: nodeIds[parent],
          })
          written.parent = parent
        },
      ),
  ),
]

const decision = request.map(
  ({ who, action, resource }) =>
    new Edit(`decide ${action} on ${resource} for the ${who}`, always, (written, clouds) => {
      const caller = clouds.callers[who]
      const checked = clouds.authorizer.check(caller, [{ action, resource }])
      const { outcome, blockedBy } = checked[0]?.decision ?? {}
      const values = {
        'aws:PrincipalOrgPaths': [pathOf(written.parent, clouds)],
        ...(who === 'role' && written.team !== undefined ? { 'aws:PrincipalTag/team': written.team } : {}),
      }
      const asked = { principal: caller.principal, action, resource, resourceAccount: MEMBER }
      const context = new ListedContext(values)
      const expected = referenceVerdict({
        request: { ...asked, context },
        documents: documentsFor(who, written, clouds),
      })
      expect({ outcome, ...(blockedBy && { blockedBy }) }).toEqual(expected)
      seen.set(expected.outcome, (seen.get(expected.outcome) ?? 0) + 1)
    }),
)
const seen = new Map<string, number>()

test(
  'after any edits of policies, groups, tags, boundaries, SCPs and units, decisions are those of the documents as they are',
  () => {
    const weighted = edits.map((arbitrary) => ({ arbitrary, weight: 1 }))
    const command = fc.oneof(...weighted, { arbitrary: decision, weight: edits.length })
    fc.assert(
      fc.property(fc.commands([command], { maxCommands: COMMANDS_MAX, size: 'max' }), (commands) => {
        fc.modelRun(() => ({ model: nothingWritten(), real: createClouds() }), commands)
      }),
      { numRuns: RUNS },
    )
    for (const outcome of ['allow', 'implicit_deny', 'explicit_deny']) {
      expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(RUNS / 8)
    }
  },
  TIMEOUT_MS,
)

function nothingWritten(): Written {
  return {
    inline: new Map(),
    attached: new Set(),
    managed: new Map(NAMES.map((each) => [each, FULL_ACCESS])),
    boundary: undefined,
    team: undefined,
    group: new Map(),
    isMember: false,
    scps: new Map(NAMES.map((each) => [each, FULL_ACCESS])),
    scpTargets: new Map(NODES.map((each) => [each, new Set()])),
    parent: 'root',
  }
}

function documentsFor(who: Who, written: Written, clouds: Clouds): Documents {
  const final = (document: Document | undefined): Document => parsed(textOf(document ?? FULL_ACCESS, clouds))
  const above: Readonly<Record<Parent, readonly Node[]>> = {
    root: ['root'],
    outer: ['root', 'outer'],
    inner: ['root', 'outer', 'inner'],
  }
  const levels = [...above[written.parent], 'account' as const]
  const identity =
    who === 'role'
      ? [...written.inline.values(), ...[...written.attached].map((each) => written.managed.get(each))]
      : written.isMember
        ? [...written.group.values()]
        : []
  return {
    identity: identity.map(final),
    ...(who === 'role' && written.boundary !== undefined
      ? { boundary: final(written.managed.get(written.boundary)) }
      : {}),
    scps: levels.map((level) => [
      FULL_ACCESS,
      ...[...(written.scpTargets.get(level) ?? [])].map((each) => final(written.scps.get(each))),
    ]),
    rcps: levels.map(() => [FULL_RCP]),
  }
}

function managedArn(policyName: Name): string {
  return `arn:aws:iam::${MEMBER}:policy/${policyName}`
}

function textOf(policy: Document, clouds: Clouds): string {
  return JSON.stringify(policy).replaceAll(PLACE, `${pathOf('outer', clouds)}*`)
}

function parsed(text: string): Document {
  return JSON.parse(text) as Document
}
