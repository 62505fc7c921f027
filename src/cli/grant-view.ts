/** Shows a grant with its proof, or what a check found, to a person or to a machine. */
import type { Applied } from '../crossing/grant/apply.ts'
import type { Finding } from '../crossing/grant/check.ts'
import type { GrantFile } from '../crossing/grant/formats.ts'
import { identityDocument, resourceStatement, type Grant } from '../crossing/grant/grant.ts'
import type { GrantProofRow } from '../crossing/grant/prove-grant.ts'
import type { SituationGroup } from '../crossing/grant/situations.ts'
import type { Output } from './terminal/output.ts'
import { fold } from './terminal/table.ts'

export interface GrantReport {
  readonly ok: boolean
  readonly grant: Grant
  readonly format: string
  readonly files: readonly GrantFile[]
  /** Where the files were written. */
  readonly paths: readonly string[]
  readonly proof: readonly GrantProofRow[]
  readonly durationMs: number
  readonly applied?: readonly Applied[]
  /** Whether the call is allowed now. */
  readonly call?: { readonly ok: boolean; readonly message?: string }
}

export interface CheckReport {
  readonly grant: Grant
  readonly findings: readonly Finding[]
}

const TITLE_WIDTH = 58
const RESULT_WIDTH = 8
const INDENT = '      '

export function printGrant(report: GrantReport, output: Output, json: boolean): void {
  if (json) {
    output.line(JSON.stringify({ ...machineForm(report.grant), ...report, grant: undefined }))
    return
  }
  const { grant, files, paths, applied, call } = report
  printSubject(grant, output)
  for (const { name, account, content } of files) {
    output.line()
    output.line(`  ${output.paint('bold', titleOf(name, account, grant))}`)
    for (const line of content.trimEnd().split('\n')) output.line(line === '' ? '' : `    ${line}`)
  }
  for (const path of paths) output.note(`  wrote ${path}`)
  for (const opened of grant.opens) {
    output.line()
    output.line(`  It also opens the callee to ${opened}.`)
  }
  printProof(report, output)
  for (const { account, what, action } of applied ?? []) {
    output.line(`  ${output.paint('green', '✓')} ${action.padEnd(9)} in ${account}: ${what}`)
  }
  if (call?.ok)
    output.line(`  ${output.paint('green', '✓')} the call is allowed (Lambda's answer to a dry run as the role)`)
  if (call?.ok === false) {
    output.line(`  ${output.paint('red', '✗')} the call is still refused; something else stands in its way`)
    for (const line of fold(call.message ?? '', output.columns - INDENT.length)) output.line(INDENT + line)
  }
}

export function printCheck({ grant, findings }: CheckReport, output: Output, json: boolean): void {
  if (json) {
    output.line(JSON.stringify({ ok: findings.length === 0, ...machineForm(grant), findings }))
    return
  }
  printSubject(grant, output)
  output.line()
  for (const { account, kind, where, problem, needed } of findings) {
    const mark = kind === 'missing' ? output.paint('red', '✗') : output.paint('yellow', '!')
    output.line(`  ${mark} ${account}  ${where}`)
    for (const line of fold(problem, output.columns - INDENT.length)) output.line(INDENT + line)
    for (const line of fold(`needed: ${needed}`, output.columns - INDENT.length)) {
      output.line(output.paint('dim', INDENT + line))
    }
  }
  const wider = findings.filter(({ kind }) => kind === 'wider').length
  const missing = findings.length - wider
  const text =
    findings.length === 0
      ? 'nothing is missing, and nothing is wider than the call needs'
      : `${wider} wider than needed, ${missing} missing`
  output.line(`  ${findings.length === 0 ? output.paint('green', text) : output.paint('red', text)}`)
}

function machineForm(grant: Grant): object {
  const { request, identity, resource, opens } = grant
  return {
    caller: request.caller,
    callee: request.callee.arn,
    scope: request.caller.kind === 'service' ? 'service' : request.scope,
    type: request.type,
    statements: {
      ...(identity && {
        caller: {
          account: identity.account,
          roleName: identity.roleName,
          policyName: identity.policyName,
          document: identityDocument(identity),
        },
      }),
      ...(resource && { callee: { account: resource.callee.account, statement: resourceStatement(resource) } }),
    },
    opens,
  }
}

function printSubject({ request }: Grant, output: Output): void {
  const { caller, callee, scope, type } = request
  const name = callee.qualifier === undefined ? callee.name : `${callee.name}:${callee.qualifier}`
  const who =
    caller.kind === 'service' ? caller.service : `${caller.sessionName ?? caller.roleName} in ${caller.account}`
  output.line(`  ${output.paint('bold', `${who} may call ${name} in ${callee.account}`)}`)
  const reach =
    caller.kind === 'service' ? `for ${caller.sourceArn}` : `as ${caller.roleArn}, admitted by ${SCOPE_WORDS[scope]}`
  output.line(output.paint('dim', `${INDENT}${type}, ${reach}`))
}

const SCOPE_WORDS = {
  session: 'session',
  role: 'role',
  account: 'account',
  org: 'organization',
} as const

function titleOf(name: string, account: string | undefined, { request }: Grant): string {
  if (account === undefined) return `${name}, for both accounts`
  if (name.startsWith('caller-')) return `In ${account}, the caller's account`
  return `In ${account}, ${account === request.callee.account ? "the callee's account" : 'the other account'}`
}

const HEADINGS: Readonly<Record<SituationGroup, string>> = {
  call: 'Enough: the call, with these statements and nothing else',
  parts: 'Nothing to spare: each part exchanged or left out',
  callee: "Nothing beside it, whatever the caller's account allows",
  caller: "Nothing beside it, whatever the callee's account grants",
}

function printProof({ grant, proof, durationMs }: GrantReport, output: Output): void {
  const { caller, callee } = grant.request
  // Within one account, and for a service, there is no other side to be wide open.
  const isOneSided = caller.kind === 'service' || caller.account === callee.account
  let group: SituationGroup | undefined
  for (const row of proof) {
    if (row.group !== group) {
      group = row.group
      output.line()
      output.line(
        `  ${output.paint('bold', isOneSided && (group === 'callee' || group === 'caller') ? 'Nothing beside it' : HEADINGS[group])}`,
      )
    }
    const mark = row.ok ? output.paint('green', '✓') : output.paint('red', '✗')
    const how = row.evidence === 'executed' ? `${row.evidence}${milliseconds(row.durationMs)}` : row.evidence
    output.line(`  ${mark} ${row.title.padEnd(TITLE_WIDTH)} ${row.outcome.padEnd(RESULT_WIDTH)} ${how}`)
    if (!row.ok) {
      const why = [`expected ${row.expected}`, row.message, row.reason].filter((part) => part !== undefined).join('; ')
      for (const line of fold(why, output.columns - INDENT.length)) output.line(INDENT + line)
    }
  }
  const executed = proof.filter(({ evidence }) => evidence === 'executed').length
  const failed = proof.filter(({ ok }) => !ok).length
  const counts = `${proof.length - failed} proved, ${failed} failed`
  const how = `${executed} by real calls in a scratch cloud, ${proof.length - executed} by evaluation alone`
  const text = `${counts} in ${(durationMs / 1000).toFixed(1)} s: ${how}`
  output.line()
  output.line(`  ${failed > 0 ? output.paint('red', text) : output.paint('green', text)}`)
}

function milliseconds(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`.padStart(9)
}
