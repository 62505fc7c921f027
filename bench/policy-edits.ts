/**
 * What one edit among ten thousand roles costs, through IAM's own operations and directory: only the edited policy may be compiled anew.
 * Run directly: `npx tsx bench/policy-edits.ts`.
 */
import { pathToFileURL } from 'node:url'
import { parseAccountId } from '../src/core/account.ts'
import { systemClock } from '../src/core/clock.ts'
import { randomIds } from '../src/core/ids.ts'
import { parseRegion } from '../src/core/region.ts'
import type { CompiledPolicy } from '../src/policy/compile.ts'
import { decide } from '../src/policy/decide.ts'
import type { AuthorizationRequest, Principal } from '../src/policy/model.ts'
import type { Caller } from '../src/services/caller.ts'
import { createIam } from '../src/services/iam/index.ts'
import { createState } from '../src/state/state.ts'
import type { Measurement } from './policy.ts'

export const ROLES = 10_000
const EDITS = 2000
const ACCOUNT = parseAccountId('111122223333')
const NO_CONTEXT = new Map<string, string>()

export interface EditMeasurements {
  readonly measurements: readonly Measurement[]
  /** Policies of all roles that were compiled anew after one edit of one role's policy. */
  readonly recompiledByRoleEdit: number
  /** The same after a new default version of a managed policy that every role has. */
  readonly recompiledByManagedEdit: number
}

export function measureEdits(): EditMeasurements {
  const iam = createIam({ state: createState(), clock: systemClock, ids: randomIds })
  const keys = iam.createAdministrator(ACCOUNT, 'administrator')
  const administrator = iam.credentials.find(keys.accessKeyId)
  if (administrator === undefined) throw new Error('the administrator has no key')
  const caller: Caller = {
    principal: administrator.principal,
    account: ACCOUNT,
    region: parseRegion('us-east-1'),
    requestId: 'bench',
  }
  const run = (operation: string, input: object): unknown => iam.service.operations[operation]?.handle(input, caller)

  const shared = `arn:aws:iam::${ACCOUNT}:policy/shared`
  run('CreatePolicy', { PolicyName: 'shared', PolicyDocument: document('logs:*', 1) })
  const principals = Array.from({ length: ROLES }, (_, index): Principal => {
    const RoleName = `role${index}`
    run('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST })
    run('PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument: document('lambda:*', index) })
    run('AttachRolePolicy', { RoleName, PolicyArn: shared })
    const arn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`
    return {
      kind: 'role-session',
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${RoleName}/session`,
      roleArn: arn,
      roleId: iam.directory.uniqueIdOf(arn) ?? '',
      roleName: RoleName,
      sessionName: 'session',
      serviceLinked: false,
    }
  })
  const decideFor = (principal: Principal, index: number): void => {
    const { outcome } = decide(requestOf(principal, index), iam.directory.policiesOf(principal))
    if (outcome !== 'allow') throw new Error(`role${index} is not allowed: ${outcome}`)
  }
  const decideForAll = (): void => principals.forEach(decideFor)
  const compiled = (): readonly CompiledPolicy[] =>
    principals.flatMap((principal) => iam.directory.policiesOf(principal).identity)
  const recompiledBy = (edit: () => unknown): number => {
    decideForAll()
    const before = new Set(compiled())
    edit()
    return new Set(compiled().filter((policy) => !before.has(policy))).size
  }

  const recompiledByRoleEdit = recompiledBy(() =>
    run('PutRolePolicy', { RoleName: 'role7', PolicyName: 'own', PolicyDocument: document('lambda:Invoke*', 7) }),
  )
  const recompiledByManagedEdit = recompiledBy(() =>
    run('CreatePolicyVersion', { PolicyArn: shared, PolicyDocument: document('logs:Put*', 2), SetAsDefault: true }),
  )
  const [last = principals[0]] = principals.slice(-1)
  if (last === undefined) throw new Error('there are no roles')
  const edits = perSecond(EDITS, (turn) => {
    const RoleName = `role${ROLES - 1}`
    const PolicyDocument = document(turn % 2 === 0 ? 'lambda:*' : 'lambda:Invoke*', ROLES - 1)
    run('PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument })
    decideFor(last, ROLES - 1)
  })
  decideForAll()
  const rounds = perSecond(5 * ROLES, (turn) => {
    const principal = principals[turn % ROLES]
    if (principal !== undefined) decideFor(principal, turn % ROLES)
  })
  return {
    measurements: [
      { name: `an edit among ${ROLES} roles and a decision after it`, perSecond: edits },
      { name: `a decision for each of ${ROLES} roles in turn`, perSecond: rounds },
    ],
    recompiledByRoleEdit,
    recompiledByManagedEdit,
  }
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})

function document(action: string, index: number): string {
  const Resource = action.startsWith('lambda') ? `arn:aws:lambda:*:${ACCOUNT}:function:f${index}*` : '*'
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource }] })
}

function requestOf(principal: Principal, index: number): AuthorizationRequest {
  return {
    principal,
    action: 'lambda:InvokeFunction',
    resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f${index}`,
    resourceAccount: ACCOUNT,
    context: NO_CONTEXT,
  }
}

/** Per second of CPU time. */
function perSecond(turns: number, once: (turn: number) => void): number {
  const start = process.cpuUsage()
  for (let turn = 0; turn < turns; turn++) once(turn)
  const { user, system } = process.cpuUsage(start)
  return Math.round(turns / ((user + system) / 1e6))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(measureEdits())
