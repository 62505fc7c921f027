/** The callee as Lambda knows it: whether it is there and may run, its tags, and the policies of its qualifiers. */
import type { LambdaClient, VpcConfigResponse } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import type { FunctionReference } from '../crossing.ts'
import { functionReference } from '../crossing.ts'
import type { Placement } from './network-path.ts'
import { namedPolicy, type NamedPolicy } from './policy-sources.ts'
import { known, orMissing, type Read, type Reader } from './reading.ts'

const {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListTagsCommand,
  paginateListAliases,
} = loadPackage('@aws-sdk/client-lambda')

export interface CalleeFunction {
  readonly reference: FunctionReference
  /** `value` is undefined when there is no such function. */
  readonly state: Read<FunctionState | undefined>
  readonly reservedConcurrency: Read<number | undefined>
  readonly tags: Read<Readonly<Record<string, string>>>
  /** Of the very qualifier that is called; undefined when it has no policy. */
  readonly policy: Read<NamedPolicy | undefined>
}

export interface FunctionState {
  /** False: the function is there, the qualifier is not. */
  readonly hasQualifier: boolean
  /** Lambda's word for it: `Active`, `Pending`, … */
  readonly state: string
  readonly reason?: string
  /** Absent outside any VPC. */
  readonly placement?: Placement
}

export async function readFunction(reference: FunctionReference, reader: Reader): Promise<CalleeFunction> {
  const { account, region, name, unqualifiedArn, arn } = reference
  const state = await reader.read(
    { account, region, input: `function ${titleOf(reference)}`, leaves: 'whether it is there and Active' },
    ({ lambda }) => readState(lambda, reference),
  )
  const policy = await readPolicyOf(reference, reader, 'whether it grants the call')
  const isThere = !state.known || state.value !== undefined
  if (!isThere) return { reference, state, policy, reservedConcurrency: known(undefined), tags: known({}) }
  const reservedConcurrency = await reader.read(
    { account, region, input: `the reserved concurrency of ${name}`, leaves: 'whether it is zero' },
    async ({ lambda }) =>
      (await orMissing(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: unqualifiedArn }))))
        ?.ReservedConcurrentExecutions,
  )
  const tags = await reader.read(
    { account, region, input: `the tags of ${name}` },
    async ({ lambda }) =>
      (await orMissing(lambda.send(new ListTagsCommand({ Resource: reference.unqualifiedArn }))))?.Tags ?? {},
  )
  return { reference: { ...reference, arn }, state, reservedConcurrency, tags, policy }
}

async function readState(lambda: LambdaClient, reference: FunctionReference): Promise<FunctionState | undefined> {
  const get = (FunctionName: string) => orMissing(lambda.send(new GetFunctionConfigurationCommand({ FunctionName })))
  const found = await get(reference.arn)
  const configuration = found ?? (reference.qualifier === undefined ? undefined : await get(reference.unqualifiedArn))
  if (!configuration) return undefined
  return {
    hasQualifier: found !== undefined,
    state: configuration.State ?? 'Active',
    ...(configuration.StateReason !== undefined && { reason: configuration.StateReason }),
    ...placementOf(configuration.VpcConfig),
  }
}

/** A function that was taken out of its VPC keeps an empty VpcConfig. */
export function placementOf(config: VpcConfigResponse | undefined): { readonly placement?: Placement } {
  const { VpcId: vpcId = '', SubnetIds: subnetIds = [], SecurityGroupIds: securityGroupIds = [] } = config ?? {}
  return vpcId === '' ? {} : { placement: { vpcId, subnetIds, securityGroupIds } }
}

function readPolicyOf(
  reference: FunctionReference,
  reader: Reader,
  leaves?: string,
): Promise<Read<NamedPolicy | undefined>> {
  const { account, region, arn } = reference
  return reader.read(
    { account, region, input: `the policy of ${titleOf(reference)}`, ...(leaves !== undefined && { leaves }) },
    async ({ lambda }) => {
      const text = (await orMissing(lambda.send(new GetPolicyCommand({ FunctionName: arn }))))?.Policy
      if (text === undefined) return undefined
      const name = `the policy of ${titleOf(reference)}`
      return namedPolicy(text, 'resource', { name, owner: { kind: 'function', account, arn } })
    },
  )
}

/** A grant made on one of these does not hold for the other: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
export interface Sibling {
  readonly reference: FunctionReference
  readonly policy: NamedPolicy
}

const SIBLINGS_MAX = 50

/** The other qualifiers of the function that have policies: the function itself, its aliases, and the versions they point at. */
export async function readSiblings({ reference }: CalleeFunction, reader: Reader): Promise<readonly Sibling[]> {
  const { account, name, region, qualifier } = reference
  const aliases = await reader.read({ account, region, input: `the aliases of ${name}` }, async ({ lambda }) => {
    const names = new Set<string>()
    const pages = paginateListAliases({ client: lambda }, { FunctionName: reference.unqualifiedArn })
    try {
      for await (const { Aliases = [] } of pages) {
        for (const { Name, FunctionVersion } of Aliases) {
          for (const found of [Name, FunctionVersion]) if (found !== undefined && found !== '$LATEST') names.add(found)
        }
      }
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error
    }
    return [...names]
  })
  const others = [undefined, ...(aliases.known ? aliases.value : [])].filter((other) => other !== qualifier)
  const siblings: Sibling[] = []
  for (const other of others.slice(0, SIBLINGS_MAX)) {
    const sibling = functionReference({ account, name, region, qualifier: other })
    const policy = await readPolicyOf(sibling, reader)
    if (policy.known && policy.value) siblings.push({ reference: sibling, policy: policy.value })
  }
  return siblings
}

/** `callee:prod`, `callee` */
export function titleOf({ name, qualifier }: Pick<FunctionReference, 'name' | 'qualifier'>): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`
}
