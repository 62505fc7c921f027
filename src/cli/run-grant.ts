/** What `isthmus grant` does: finds out who calls, plans the grant, writes it, proves it, and checks or applies it where asked. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { loadPackage } from '../core/load-package.ts'
import { createClients, type Clients } from '../crossing/access.ts'
import { parseFunctionReference, type FunctionReference } from '../crossing/crossing.ts'
import { applyGrant, deployGrant, tryCall, type Applied, type ClientsOf } from '../crossing/grant/apply.ts'
import { checkGrant, type Finding } from '../crossing/grant/check.ts'
import { filesOf, type GrantFile, type Profiles } from '../crossing/grant/formats.ts'
import { readIdentityPolicies, readResourcePolicies } from '../crossing/grant/found-policies.ts'
import { parseServiceCaller, planGrant, type Caller, type Grant, type RoleCaller } from '../crossing/grant/grant.ts'
import { notExecutable, proveGrant } from '../crossing/grant/prove-grant.ts'
import { readCallerRole, requireCallee } from '../crossing/prove/scene.ts'
import { parseArn } from '../core/arn.ts'
import { UserError } from '../core/user-error.ts'
import { findAws, type AwsAtHand } from './aws-at-hand.ts'
import type { GrantCommandOptions } from './commands/grant.ts'
import { EXIT_CHECK_FAILED, EXIT_OK } from './exit-codes.ts'
import { startScratchCloud } from './grant-scratch.ts'
import { printCheck, printGrant, type GrantReport } from './grant-view.ts'
import { PROJECT_FILE } from './project-file-name.ts'
import { readProject } from './project.ts'
import type { Output } from './terminal/output.ts'

const { DescribeOrganizationCommand } = loadPackage('@aws-sdk/client-organizations')

/** Answers the exit code. Throws `UserError`. */
export async function runGrant(options: GrantCommandOptions, output: Output): Promise<number> {
  requireSense(options)
  // A grant between two ARNs needs no AWS at all.
  const aws = needsAws(options) ? await awsAtHand(options) : undefined
  try {
    const clientsOf = clientsWith(aws)
    const grant = await planFor(options, aws, clientsOf)
    return options.check
      ? await check(grant, clientsOf, options, output)
      : await grantAndProve(grant, { options, aws, clientsOf }, output)
  } finally {
    await aws?.close()
  }
}

interface Means {
  readonly options: GrantCommandOptions
  readonly aws: AwsAtHand | undefined
  readonly clientsOf: ClientsOf
}

async function grantAndProve(grant: Grant, { options, aws, clientsOf }: Means, output: Output): Promise<number> {
  const files = filesOf(grant, options.format, profilesOf(aws, options))
  const started = performance.now()
  const proof = await prove(grant)
  const durationMs = performance.now() - started
  const proved = proof.every(({ ok }) => ok)
  const paths = options.out === undefined ? [] : writeFiles(options.out, files)
  const applied = options.apply && proved ? await apply(grant, options, clientsOf) : undefined
  const call = applied && aws ? await tryCall(aws.access, grant, clientsOf) : undefined
  const report: GrantReport = {
    ok: proved && call?.ok !== false,
    grant,
    format: options.format,
    files,
    paths,
    proof,
    durationMs,
    ...(applied && { applied }),
    ...(call && { call }),
  }
  printGrant(report, output, options.json === true)
  return report.ok ? EXIT_OK : EXIT_CHECK_FAILED
}

async function prove(grant: Grant): ReturnType<typeof proveGrant> {
  if (notExecutable(grant) !== undefined) return proveGrant(grant, undefined)
  const scratch = await startScratchCloud(grant)
  try {
    return await proveGrant(grant, scratch)
  } finally {
    await scratch.close()
  }
}

function apply(grant: Grant, { format }: GrantCommandOptions, clientsOf: ClientsOf): Promise<readonly Applied[]> {
  return format === 'cloudformation' ? deployGrant(grant, clientsOf) : applyGrant(grant, clientsOf)
}

async function check(
  grant: Grant,
  clientsOf: ClientsOf,
  options: GrantCommandOptions,
  output: Output,
): Promise<number> {
  const { caller, callee } = grant.request
  const target = clientsOf(callee.account)
  await requireCallee(target, callee.arn)
  const findings: readonly Finding[] = checkGrant(grant, {
    identity: caller.kind === 'role' ? await readIdentityPolicies(clientsOf(caller.account).iam, caller.roleName) : [],
    resource: await readResourcePolicies(target.lambda, callee),
  })
  printCheck({ grant, findings }, output, options.json === true)
  return findings.length === 0 ? EXIT_OK : EXIT_CHECK_FAILED
}

function requireSense(options: GrantCommandOptions): void {
  const { from, service, sourceArn, sourceAccount, apply: doApply, format } = options
  if (from === undefined && service === undefined) throw new UserError('Who calls is missing: --from, or --service')
  if (service === undefined && (sourceArn !== undefined || sourceAccount !== undefined)) {
    throw new UserError('--source-arn and --source-account go with --service')
  }
  if (doApply && (format === 'terraform' || format === 'cdk')) {
    throw new UserError(`--apply does not run ${format}`, {
      hint: 'Write the files with --out and deploy them yourself, or apply as cli or cloudformation',
    })
  }
  if (doApply && options.aws && !options.yes) {
    throw new UserError('Applying on AWS changes the permissions of the caller and the callee', {
      hint: 'Say --yes when that is what you want',
    })
  }
}

function needsAws({ from, to, scope, orgId, service, apply: doApply, check: doCheck }: GrantCommandOptions): boolean {
  const isArn = parseArn(to) !== undefined
  const isRole = service !== undefined || isRoleArn(from ?? '')
  const isKnownOrganization = service !== undefined || scope !== 'org' || orgId !== undefined
  return doApply === true || doCheck === true || !isArn || !isRole || !isKnownOrganization
}

function awsAtHand(options: GrantCommandOptions): Promise<AwsAtHand> {
  const project = options.aws && existsSync(PROJECT_FILE) ? readProject(resolve(PROJECT_FILE)) : undefined
  return findAws({ project, options, onNotice: () => undefined, onStep: () => undefined })
}

function clientsWith(aws: AwsAtHand | undefined): ClientsOf {
  const made = new Map<string, Clients>()
  return (account) => {
    const known = made.get(account)
    if (known) return known
    const signer = aws?.access.signers.get(account)
    if (!aws || !signer)
      throw new UserError(`The account ${account} has no credentials`, { hint: 'Name a profile with --profile' })
    const clients = createClients(aws.access, signer)
    made.set(account, clients)
    return clients
  }
}

async function planFor(options: GrantCommandOptions, aws: AwsAtHand | undefined, clientsOf: ClientsOf): Promise<Grant> {
  const context = { region: aws?.access.region ?? options.region ?? 'us-east-1', accounts: aws?.accounts ?? new Map() }
  const callee = parseFunctionReference(options.to, context)
  const caller = await callerOf(options, context, clientsOf)
  const type = options.type === 'async' ? 'Event' : 'RequestResponse'
  const withOrganization = await inOrganization(caller, options, aws, clientsOf)
  return planGrant({ caller: withOrganization, callee, scope: options.scope, type })
}

async function callerOf(
  { from = '', service, sourceArn, sourceAccount }: GrantCommandOptions,
  context: Parameters<typeof parseFunctionReference>[1],
  clientsOf: ClientsOf,
): Promise<Caller> {
  if (service !== undefined) return parseServiceCaller({ service, sourceArn, sourceAccount })
  if (isRoleArn(from)) return roleCaller(from)
  const caller: FunctionReference = parseFunctionReference(from, context)
  const role = await readCallerRole(clientsOf(caller.account), caller.arn)
  return { ...roleCaller(role.arn), sessionName: caller.name }
}

function roleCaller(roleArn: string): RoleCaller {
  const account = parseArn(roleArn)?.account ?? ''
  return { kind: 'role', account, roleArn, roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1) }
}

function isRoleArn(text: string): boolean {
  return /^arn:aws[a-z-]*:iam::\d{12}:role\/[^*?]+$/.test(text)
}

async function inOrganization(
  caller: Caller,
  { scope, orgId }: GrantCommandOptions,
  aws: AwsAtHand | undefined,
  clientsOf: ClientsOf,
): Promise<Caller> {
  if (caller.kind === 'service' || scope !== 'org') return caller
  if (orgId !== undefined) {
    if (!/^o-[a-z0-9]{10,32}$/.test(orgId)) throw new UserError(`\`${orgId}\` is not the id of an organization`)
    return { ...caller, organizationId: orgId }
  }
  const { organizations } = clientsOf(aws?.access.managementAccount ?? caller.account)
  const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
  return { ...caller, ...(Organization?.Id !== undefined && { organizationId: Organization.Id }) }
}

/** The names under which `isthmus up` and a project keep their accounts are profiles. */
function profilesOf(aws: AwsAtHand | undefined, { aws: isAws }: GrantCommandOptions): Profiles {
  const profiles = new Map<string, string>()
  if (!isAws) for (const [name, id] of aws?.accounts ?? []) profiles.set(id, name)
  for (const [id, signer] of aws?.access.signers ?? []) if ('profile' in signer) profiles.set(id, signer.profile)
  return profiles
}

function writeFiles(directory: string, files: readonly GrantFile[]): readonly string[] {
  mkdirSync(directory, { recursive: true })
  return files.map(({ name, content }) => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  })
}
