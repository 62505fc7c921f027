/** The AWS a command works on: a cloud of its own, the one that `isthmus up` runs, or AWS itself. */
import { resolve } from 'node:path'

import type { AwsAccess, Signer } from '../crossing/access.ts'
import { UserError } from '../core/user-error.ts'
import type { VpcMode } from '../network/open-network.ts'
import { readAwsProfiles } from './aws-profiles.ts'
import type { Project } from './project.ts'

export interface AwsAtHand {
  readonly access: AwsAccess
  /** Account name → id. */
  readonly accounts: ReadonlyMap<string, string>
  /** Why the cloud carries no packets of functions but judges their calls to AWS; absent where packets are real. */
  readonly modelled?: string
  close(): Promise<void>
}

interface Wanted {
  readonly project: Project | undefined
  readonly options: {
    readonly state: string
    readonly aws?: true
    readonly profile?: readonly string[]
    readonly region?: string
    /** Of a cloud of its own; what the machine allows when absent. */
    readonly vpc?: VpcMode
  }
  readonly onNotice: (text: string) => void
  /** A step was done, in so many milliseconds. */
  readonly onStep: (text: string, durationMs: number) => void
}

export async function findAws(wanted: Wanted): Promise<AwsAtHand> {
  if (wanted.options.aws) return awsItself(wanted)
  return wanted.project ? cloudOfItsOwn(wanted.project, wanted) : runningCloud(wanted)
}

async function cloudOfItsOwn(project: Project, { options, onNotice, onStep }: Wanted): Promise<AwsAtHand> {
  const started = performance.now()
  const { startCloud } = await import('../start-cloud.ts')
  const cloud = await startCloud({
    host: '127.0.0.1',
    port: 0,
    auth: 'strict',
    ...(options.vpc !== undefined && { vpc: options.vpc }),
    project: project.file,
    notice: onNotice,
  })
  onStep(`a cloud of its own at ${cloud.endpoint}`, performance.now() - started)
  return {
    access: {
      endpoint: cloud.endpoint,
      region: cloud.region,
      signers: new Map(
        cloud.accounts.map(({ id, accessKeyId, secretAccessKey }) => [id, { keys: { accessKeyId, secretAccessKey } }]),
      ),
      ...managementOf(cloud.accounts),
    },
    accounts: new Map(cloud.accounts.map(({ name, id }) => [name, id])),
    ...(cloud.dataPlane.kind === 'modelled' && { modelled: cloud.dataPlane.reason }),
    close: () => cloud.close(),
  }
}

async function runningCloud({ options }: Wanted): Promise<AwsAtHand> {
  const profiles = readAwsProfiles(resolve(options.state))
  const [first] = profiles
  if (!first) throw new UserError(`\`${options.state}\` holds no profiles`)
  const modelled = await whyModelled(first.endpointUrl)
  const named = profiles.map(({ name, accountId }) => ({ name, id: accountId }))
  return {
    access: {
      endpoint: first.endpointUrl,
      region: options.region ?? first.region,
      signers: new Map(
        profiles.map(({ accountId, accessKeyId, secretAccessKey }) => [
          accountId,
          { keys: { accessKeyId, secretAccessKey } },
        ]),
      ),
      ...managementOf(named),
    },
    accounts: new Map(named.map(({ name, id }) => [name, id])),
    ...(modelled !== undefined && { modelled }),
    close: () => Promise.resolve(),
  }
}

/** Undefined where its packets are real. */
async function whyModelled(endpoint: string): Promise<string | undefined> {
  try {
    const { dataPlane = '' } = (await (await fetch(`${endpoint}/_isthmus/health`)).json()) as { dataPlane?: string }
    return /^modelled \((?<reason>.*)\)$/.exec(dataPlane)?.groups?.['reason']
  } catch (error) {
    throw new UserError(`No cloud answers at ${endpoint}`, { hint: 'Start it with `isthmus up`', cause: error })
  }
}

function awsItself({ project, options }: Wanted): AwsAtHand {
  const signers = new Map<string, Signer>()
  const accounts = new Map<string, string>()
  for (const [name, { id, profile }] of Object.entries(project?.file.accounts ?? {})) {
    accounts.set(name, id)
    signers.set(id, { profile: profile ?? name })
  }
  for (const pair of options.profile ?? []) {
    const [account = '', profile] = pair.split('=')
    if (profile === undefined || profile === '') throw new UserError(`\`${pair}\` is not account=profile`)
    signers.set(accounts.get(account) ?? account, { profile })
  }
  const management = accounts.get('management')
  return {
    access: {
      region: options.region ?? project?.file.region ?? process.env['AWS_REGION'] ?? 'us-east-1',
      signers,
      ...(management !== undefined && { managementAccount: management }),
    },
    accounts,
    close: () => Promise.resolve(),
  }
}

function managementOf(accounts: readonly { readonly name: string; readonly id: string }[]): {
  managementAccount?: string
} {
  const management = accounts.find(({ name }) => name === 'management')
  return management ? { managementAccount: management.id } : {}
}
