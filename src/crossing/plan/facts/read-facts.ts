/** Reads what a plan needs to know of a callee, with the caller's own permissions. What could not be read is said, and AWS's default taken. */
import {
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  paginateListProvisionedConcurrencyConfigs,
} from '@aws-sdk/client-lambda'
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
} from '@aws-sdk/client-service-quotas'

import { createClients, type AwsAccess, type Clients, type Signer } from '../../access.ts'
import { awsProblem } from '../../aws-problem.ts'
import type { FunctionReference } from '../../crossing.ts'
import type { FunctionFacts, Known, Unread, VersionFacts } from './facts.ts'
import { QUOTAS, type Quota } from '../limits/quotas.ts'
import { readNetwork } from './read-network.ts'
import { UserError } from '../../../core/user-error.ts'

/** One account, as somebody sees it who may not see everything. */
export interface Reader {
  readonly clients: Clients
  readonly isLocal: boolean
  /** Noted when it could not be read. */
  attempt<T>(what: string, read: () => Promise<T>): Promise<Attempt<T>>
  /** The same of what has no default; undefined, and among `unread`, when it could not be read. */
  fact<T>(what: string, read: () => Promise<T>): Promise<T | undefined>
  readonly unread: readonly Unread[]
  quota(quota: Quota): Promise<Known>
}

export type Attempt<T> = { readonly value: T } | { readonly because: string }

const EVENT_AGE_MS_DEFAULT = 6 * 3_600_000
const MEMORY_MB_DEFAULT = 128

/** Throws `UserError` where there is no such function. */
export async function readFunctionFacts(
  access: AwsAccess,
  to: FunctionReference,
  note: (text: string) => void,
): Promise<FunctionFacts> {
  const reader = readerOf(access, to, note)
  if (!reader) {
    const because = `there are no credentials of account ${to.account}: --profile ${to.account}=NAME`
    note(`${to.arn}: ${because}; AWS's defaults are taken for all of its limits`)
    return unreadFacts(to, because)
  }
  const { lambda } = reader.clients
  const configuration = await reader.fact('its configuration', () =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: to.arn })),
  )
  const concurrency = await reader.fact('its reserved concurrency', () =>
    lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: to.unqualifiedArn })),
  )
  const account = await reader.attempt(
    "its account's concurrency",
    async () => (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit,
  )
  const eventAge = await reader.attempt('how long its events may wait', () => eventAgeOf(lambda, to))
  const network =
    configuration?.VpcConfig?.VpcId && (configuration.VpcConfig.SubnetIds ?? []).length > 0
      ? await readNetwork(reader, configuration.VpcConfig)
      : undefined
  return {
    to,
    accountLimit: known(account, (limit) => limit?.ConcurrentExecutions, QUOTAS.concurrency.defaultValue),
    unreserved: known(account, (limit) => limit?.UnreservedConcurrentExecutions, QUOTAS.concurrency.defaultValue),
    environmentsPerInterval: await reader.quota(QUOTAS.scaling),
    ...(concurrency?.ReservedConcurrentExecutions !== undefined && {
      reserved: concurrency.ReservedConcurrentExecutions,
    }),
    memoryMb: configuration?.MemorySize ?? MEMORY_MB_DEFAULT,
    ...(configuration?.Timeout !== undefined && { timeoutMs: configuration.Timeout * 1000 }),
    architecture: configuration?.Architectures?.[0] ?? 'x86_64',
    eventAgeMs: known(eventAge, (ms) => ms, EVENT_AGE_MS_DEFAULT),
    isActive: configuration?.State === 'Active',
    ...(reader.isLocal && { hostEnvironments: (await reader.quota(QUOTAS.hostEnvironments)).value }),
    ...(network && { network }),
    unread: reader.unread,
  }
}

/** The version that a qualifier stands for. Throws `UserError` where there is none. */
export async function readVersion(
  access: AwsAccess,
  to: FunctionReference,
  note: (text: string) => void,
): Promise<VersionFacts> {
  const unread = { version: to.qualifier ?? LATEST, provisioned: 0 }
  const reader = readerOf(access, to, note)
  if (!reader || to.qualifier === undefined || to.qualifier === LATEST) return unread
  const { lambda } = reader.clients
  const read = await reader.attempt('its provisioned concurrency', () => versionOf(lambda, to))
  return 'value' in read ? read.value : unread
}

const LATEST = '$LATEST'

/** A function of which nothing is known but its name, in AWS itself. */
function unreadFacts(to: FunctionReference, because: string): FunctionFacts {
  const concurrency: Known = { value: QUOTAS.concurrency.defaultValue, source: 'default', because }
  return {
    to,
    accountLimit: concurrency,
    unreserved: concurrency,
    environmentsPerInterval: { value: QUOTAS.scaling.defaultValue, source: 'read' },
    memoryMb: MEMORY_MB_DEFAULT,
    architecture: 'x86_64',
    eventAgeMs: { value: EVENT_AGE_MS_DEFAULT, source: 'default', because },
    unread: ['its reserved concurrency', 'its network'].map((what) => ({ what, because })),
    isActive: true,
  }
}

/** `of` the answer that has it. */
function known<T>(answer: Attempt<T>, of: (value: T) => number | undefined, byDefault: number): Known {
  if ('because' in answer) return { value: byDefault, source: 'default', because: answer.because }
  const value = of(answer.value)
  return value === undefined
    ? { value: byDefault, source: 'default', because: 'AWS answered without it' }
    : { value, source: 'read' }
}

/** Undefined when there are no credentials of the account. */
function readerOf(access: AwsAccess, to: FunctionReference, note: (text: string) => void): Reader | undefined {
  const signer = access.signers.get(to.account)
  return signer && createReader(access, signer, to, note)
}

function createReader(
  access: AwsAccess,
  signer: Signer,
  { arn, account }: FunctionReference,
  onNote: (text: string) => void,
): Reader {
  const clients = createClients(access, signer)
  const note = (text: string) => onNote(`${arn}: ${text}`)
  const isLocal = access.endpoint !== undefined
  const unread: Unread[] = []
  const attempt: Reader['attempt'] = async (what, read) => {
    try {
      return { value: await read() }
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') {
        throw new UserError(error.message, { cause: error })
      }
      const problem = awsProblem(error, account)
      if (problem) throw problem
      const because = error instanceof Error ? error.message : String(error)
      note(`${what} could not be read: ${because}`)
      return { because }
    }
  }
  return {
    clients,
    isLocal,
    attempt,
    async fact(what, read) {
      const answer = await attempt(what, read)
      if ('value' in answer) return answer.value
      unread.push({ what, because: answer.because })
      return undefined
    },
    unread,
    async quota({ serviceCode: ServiceCode, quotaCode: QuotaCode, defaultValue, isLocal: isOurs }) {
      // What is no quota of AWS has the value that AWS documents.
      if (isOurs && !isLocal) return { value: defaultValue, source: 'read' }
      const answer = await attempt(`the quota ${QuotaCode}`, () =>
        quotaOf(clients.serviceQuotas, { ServiceCode, QuotaCode }),
      )
      return known(answer, (value) => value, defaultValue)
    },
  }
}

/** AWS has no value of an account that never asked for another than everybody has. */
async function quotaOf(
  client: Clients['serviceQuotas'],
  quota: { readonly ServiceCode: string; readonly QuotaCode: string },
): Promise<number | undefined> {
  try {
    return (await client.send(new GetServiceQuotaCommand(quota))).Quota?.Value
  } catch (error) {
    if (!(error instanceof NoSuchResourceException)) throw error
    return (await client.send(new GetAWSDefaultServiceQuotaCommand(quota))).Quota?.Value
  }
}

type Lambda = Clients['lambda']

async function eventAgeOf(lambda: Lambda, to: FunctionReference): Promise<number> {
  try {
    const { MaximumEventAgeInSeconds: seconds } = await lambda.send(
      new GetFunctionEventInvokeConfigCommand({ FunctionName: to.arn }),
    )
    return seconds === undefined ? EVENT_AGE_MS_DEFAULT : seconds * 1000
  } catch (error) {
    // A function that has no configuration of its own.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return EVENT_AGE_MS_DEFAULT
    throw error
  }
}

/** Provisioned concurrency may have been asked for by the version or by the alias. A weighted alias counts as its main version. */
async function versionOf(lambda: Lambda, to: FunctionReference): Promise<VersionFacts> {
  const { qualifier = LATEST } = to
  const alias = /^\d+$/.test(qualifier)
    ? undefined
    : await lambda.send(new GetAliasCommand({ FunctionName: to.unqualifiedArn, Name: qualifier }))
  const version = alias?.FunctionVersion ?? qualifier
  let provisioned = 0
  const pages = paginateListProvisionedConcurrencyConfigs({ client: lambda }, { FunctionName: to.unqualifiedArn })
  for await (const { ProvisionedConcurrencyConfigs: configs = [] } of pages) {
    for (const { FunctionArn = '', RequestedProvisionedConcurrentExecutions: requested = 0 } of configs) {
      const of = FunctionArn.split(':').at(-1)
      if (of === qualifier || of === version) provisioned += requested
    }
  }
  return { version, provisioned }
}
