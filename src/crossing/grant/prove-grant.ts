/** Proves a grant enough and minimal: every situation is judged by the policy engine, and made real where a scratch cloud can. */
import { performance } from 'node:perf_hooks'

import type { AwsAccess } from '../access.ts'
import type { CallResult } from '../prove/call.ts'
import { LOGS_MAY_NOT_INVOKE } from '../prove/service-grant.ts'
import { evaluateSituation } from './evaluate.ts'
import { prepareScratch, VERSION_MAX, type Scratch } from './execute.ts'
import { planGrant, type Grant } from './grant.ts'
import { logGroupOf } from './log-subscription.ts'
import { OTHER_ORGANIZATION, situationsOf, type Situation, type SituationGroup } from './situations.ts'

export interface GrantProofRow {
  readonly id: string
  readonly title: string
  readonly group: SituationGroup
  readonly expected: 'allowed' | 'denied'
  readonly outcome: 'allowed' | 'denied' | 'failed'
  readonly ok: boolean
  /** `executed`: the call was made in a scratch cloud, and the engine agrees. `evaluated`: the engine alone. */
  readonly evidence: 'executed' | 'evaluated'
  /** AWS's error code and sentence, when the call failed. */
  readonly error?: string
  readonly message?: string
  readonly durationMs: number
  /** Why it was not executed, or what went wrong. */
  readonly reason?: string
}

/** Without `scratch` nothing is executed. */
export async function proveGrant(
  grant: Grant,
  scratch: { readonly access: AwsAccess; readonly organizationId: string } | undefined,
): Promise<readonly GrantProofRow[]> {
  const local = scratch ? inOrganization(grant, scratch.organizationId) : grant
  const { caller, callee, type } = local.request
  const prepared =
    scratch && notExecutable(local) === undefined
      ? await prepareScratch(scratch.access, { caller, callee, type })
      : undefined
  const rows: GrantProofRow[] = []
  for (const situation of situationsOf(local)) rows.push(await proveSituation(situation, local, prepared))
  return rows
}

async function proveSituation(
  situation: Situation,
  grant: Grant,
  scratch: Scratch | undefined,
): Promise<GrantProofRow> {
  const { id, title, group, expected } = situation
  const row = { id, title, group, expected }
  const started = performance.now()
  const evaluated = evaluateSituation(situation)
  const reason = notExecutable(grant) ?? foreign(situation)
  const result = reason === undefined ? await scratch?.perform(situation) : undefined
  if (!result) {
    return {
      ...row,
      outcome: evaluated,
      ok: evaluated === expected,
      evidence: 'evaluated',
      durationMs: performance.now() - started,
      reason: reason ?? 'only AWS makes this call',
    }
  }
  const outcome = result.outcome === 'allowed' ? 'allowed' : isDenial(result) ? 'denied' : 'failed'
  const agree = outcome === evaluated
  return {
    ...row,
    outcome,
    ok: outcome === expected && agree,
    evidence: 'executed',
    durationMs: result.durationMs,
    ...(result.outcome === 'failed' && { error: result.error, message: result.message }),
    ...(!agree && { reason: `the policy engine says ${evaluated}` }),
  }
}

function isDenial({ error, message }: Extract<CallResult, { outcome: 'failed' }>): boolean {
  return error.startsWith('AccessDenied') || message === LOGS_MAY_NOT_INVOKE
}

/** The scratch cloud's organization stands for the caller's. */
function inOrganization(grant: Grant, organizationId: string): Grant {
  const { caller } = grant.request
  if (caller.kind === 'service') return grant
  return planGrant({ ...grant.request, caller: { ...caller, organizationId } })
}

export function notExecutable({ request: { caller, callee } }: Grant): string | undefined {
  if (caller.kind === 'service' && logGroupOf(caller, callee.account) === undefined) {
    return `only AWS makes calls as ${caller.service}`
  }
  return Number(callee.qualifier) > VERSION_MAX ? `a scratch cloud publishes up to ${VERSION_MAX} versions` : undefined
}

function foreign({ caller }: Situation): string | undefined {
  const outside = caller.kind === 'role' && caller.organizationId === OTHER_ORGANIZATION
  return outside ? 'a scratch cloud has one organization' : undefined
}
