/** What the transcripts of `isthmus explain` are taken on: a running cloud with a crossing, brought back to its beginning before each. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'vitest'

import { createClients, type AwsAccess, type Clients } from '../../../src/crossing/access.ts'
import { parseFunctionReference, type Crossing } from '../../../src/crossing/crossing.ts'
import type { AwsCommand, CallExplanation } from '../../../src/crossing/explain/explanation.ts'
import { callDirectly, type CallRequest, type CallResult } from '../../../src/crossing/prove/call.ts'
import { roleSessionKeys } from '../../../src/crossing/prove/role-session.ts'
import { readCallerRole, readStatements, type Scene } from '../../../src/crossing/prove/scene.ts'
import { readAwsProfiles } from '../../../src/cli/aws-profiles.ts'
import type { TestCredentials } from '../../sdk/cloud.ts'
import { CALLEE_ARN, deployCrossing } from '../../system/deployments.ts'
import { ACCOUNTS, createWorkplace, type Finished, type RunningCloud, type Workplace } from '../../system/isthmus.ts'

export const FROM_TO = ['--from', 'source:caller', '--to', 'target:callee:prod'] as const

export interface Stage {
  readonly cloud: RunningCloud
  readonly place: Workplace
  readonly clients: Readonly<Record<keyof typeof ACCOUNTS, Clients>>
  /** `isthmus explain …` */
  explain(...args: readonly string[]): Promise<Finished>
  /** The same with `--json`, read. */
  explanation(...args: readonly string[]): Promise<CallExplanation>
  /** What proofs change permissions through. */
  scene(): Promise<Scene>
  /** Of a session of the caller's role, as Lambda names it. */
  callerKeys(): Promise<TestCredentials>
  /** A call with them. */
  call(request?: Partial<CallRequest>): Promise<CallResult>
  /** Puts everything back, and hands the state to `edit` on the way. */
  reset(edit?: (state: string) => string): Promise<void>
  close(): Promise<void>
}

export async function createStage(): Promise<Stage> {
  const place = createWorkplace()
  const cloud = await place.up()
  await deployCrossing(cloud, { grant: true })
  const access = accessTo(cloud)
  const clientsOf = (account: string): Clients => {
    const signer = access.signers.get(account)
    if (!signer) throw new Error(`no signer for ${account}`)
    return createClients(access, signer)
  }
  const source = clientsOf(ACCOUNTS.source)
  const clients = { management: clientsOf(ACCOUNTS.management), source, target: clientsOf(ACCOUNTS.target) }
  const snapshot = await (await fetch(`${cloud.ready.endpoint}/_isthmus/snapshot`)).text()
  const callerKeys: Stage['callerKeys'] = async () => {
    const session = { source, roleArn: (await readCallerRole(source, 'caller')).arn, sessionName: 'caller' }
    return roleSessionKeys(access, session)
  }
  const explain: Stage['explain'] = (...args) => place.run(['explain', ...args])
  return {
    cloud,
    place,
    clients,
    explain,
    explanation: async (...args) => JSON.parse((await explain(...args, '--json')).stdout) as CallExplanation,
    scene: () => sceneOf(clients, access),
    callerKeys,
    call: async (request = {}) => {
      const { lambda } = createClients(access, { keys: await callerKeys() })
      const call = { functionName: CALLEE_ARN, api: 'Invoke', type: 'RequestResponse', payload: {} } as const
      return callDirectly(lambda)({ ...call, ...request })
    },
    reset: async (edit = (state) => state) => {
      const body = edit(snapshot)
      const response = await fetch(`${cloud.ready.endpoint}/_isthmus/restore`, { method: 'POST', body })
      expect(response.status).toBe(200)
    },
    close: () => place.close(),
  }
}

function accessTo(cloud: RunningCloud): AwsAccess {
  const profiles = readAwsProfiles(join(cloud.ready.awsConfigFile, '..', '..'))
  return {
    endpoint: cloud.ready.endpoint,
    region: 'us-east-1',
    signers: new Map(
      profiles.map(({ accountId, accessKeyId, secretAccessKey }) => [
        accountId,
        { keys: { accessKeyId, secretAccessKey } },
      ]),
    ),
    managementAccount: ACCOUNTS.management,
  }
}

async function sceneOf({ management, source, target }: Stage['clients'], { region }: AwsAccess): Promise<Scene> {
  const names = { region, accounts: new Map(Object.entries(ACCOUNTS)) }
  const crossing: Crossing = {
    from: parseFunctionReference('source:caller', names),
    to: parseFunctionReference('target:callee:prod', names),
    type: 'RequestResponse',
    payload: {},
    by: 'role',
  }
  const { DescribeOrganizationCommand } = await import('@aws-sdk/client-organizations')
  const { Organization } = await management.organizations.send(new DescribeOrganizationCommand({}))
  const role = await readCallerRole(source, crossing.from.arn)
  return {
    crossing,
    source,
    target,
    management,
    organizationId: Organization?.Id ?? '',
    role,
    statements: await readStatements(target.lambda, crossing.to.arn),
    unqualifiedStatements: await readStatements(target.lambda, crossing.to.unqualifiedArn),
    callerArn: `arn:aws:sts::${ACCOUNTS.source}:assumed-role/${role.name}/caller`,
    prefix: 'isthmus-prove-golden',
  }
}

/** Ids that differ from run to run, replaced by ones of the same length: text is folded to a width. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '00000000-0000-0000-0000-000000000000'],
  [/\bo-[a-z\d]{10}\b/g, 'o-organizat1'],
  [/\bp-(?!FullAWSAccess)[a-z\d]{8}\b/g, 'p-policyid'],
  [/\br-[a-z\d]{4}\b/g, 'r-root'],
]

export function withoutChangingIds(text: string): string {
  const uniqueIds = new Map<string, string>()
  return CHANGING.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text).replaceAll(
    /\b(AROA|AIDA)[A-Z\d]{17}\b/g,
    (id, prefix: string) => {
      const known = uniqueIds.get(id) ?? `${prefix}EXAMPLE${String(uniqueIds.size + 1).padStart(10, '0')}`
      uniqueIds.set(id, known)
      return known
    },
  )
}

/** The command as it was typed, what it printed, and its exit code. */
export async function expectTranscript(name: string, args: readonly string[], finished: Finished): Promise<void> {
  const typed = ['isthmus', 'explain', ...args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `"${arg}"`))].join(
    ' ',
  )
  const text = `$ ${typed}\n${finished.stdout}${finished.stderr}\nexit code ${finished.exitCode}\n`
  await expect(withoutChangingIds(text)).toMatchFileSnapshot(join(import.meta.dirname, `${name}.txt`))
}

/** The smallest change for every blocker. */
export function neededCommands({ fixes }: CallExplanation): readonly AwsCommand[] {
  return fixes.filter(({ kind }) => kind === 'needed').flatMap(({ commands }) => commands)
}

interface SdkClient {
  send(command: object): Promise<unknown>
}

/** Runs `aws --profile P SERVICE OPERATION --parameter value…` with the SDK. */
export async function runWithSdk({ argv }: AwsCommand, { clients }: Stage): Promise<void> {
  const [aws, flag, profile, service, operation = '', ...rest] = argv
  expect([aws, flag]).toEqual(['aws', '--profile'])
  const input: Record<string, unknown> = {}
  for (let i = 0; i < rest.length; i++) {
    const name = pascal((rest[i] ?? '').slice('--'.length))
    const value = rest[i + 1]
    const isFlag = value === undefined || value.startsWith('--')
    input[name] = isFlag ? true : value
    if (!isFlag) i++
  }
  const sdk = (await import(`@aws-sdk/client-${service}`)) as Record<string, new (input: object) => object>
  const Command = sdk[`${pascal(operation)}Command`]
  if (!Command) throw new Error(`no operation ${operation}`)
  const client = (clients[profile as keyof typeof ACCOUNTS] as unknown as Record<string, SdkClient>)[service ?? '']
  await client?.send(new Command(input))
}

function pascal(kebab: string): string {
  return kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** Pastes the command into a shell. */
export function runInShell({ shell }: AwsCommand, { place, cloud }: Stage): Promise<void> {
  const environment = {
    ...place.environment,
    AWS_CONFIG_FILE: cloud.ready.awsConfigFile,
    AWS_SHARED_CREDENTIALS_FILE: cloud.ready.awsCredentialsFile,
    AWS_ENDPOINT_URL: cloud.ready.endpoint,
    AWS_PAGER: '',
  }
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', shell], { env: environment }, (error, _stdout, stderr) => {
      if (error) reject(new Error(stderr))
      else resolve()
    })
  })
}

/** Profiles of other principals, as a person has them for AWS: the environment for commands with `--aws`. */
export function writeProfiles(
  { place, cloud }: Stage,
  profiles: Readonly<Record<string, { readonly id: string; readonly secret: string }>>,
): Readonly<Record<string, string>> {
  const config = join(place.folder, 'readers.config')
  const credentials = join(place.folder, 'readers.credentials')
  const names = Object.entries(profiles)
  writeFileSync(config, names.map(([name]) => `[profile ${name}]\nregion = us-east-1\n`).join('\n'))
  writeFileSync(
    credentials,
    names
      .map(([name, { id, secret }]) => `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`)
      .join('\n'),
  )
  return { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_ENDPOINT_URL: cloud.ready.endpoint }
}
