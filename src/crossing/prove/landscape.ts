/** Where both functions of a crossing are: organization, account, VPC, subnets and interfaces, read through AWS's own APIs. */
import { loadPackage } from '../../core/load-package.ts'
import { isRegion } from '../../core/region.ts'
import { TEST_INTERNET_HOST } from '../../network/plan/addresses.ts'
import { awsHostName } from '../../network/plan/names.ts'
import type { AwsAccess } from '../access.ts'
import type { Crossing, FunctionReference } from '../crossing.ts'
import { lambdaInterface, networkPath, type NetworkPath, type NetworkTarget } from '../explain/network-path.ts'
import { placementOf } from '../explain/read-function.ts'
import { readNetwork } from '../explain/read-network.ts'
import { createOrganizationReader, type OrganizationReader } from '../explain/read-organization.ts'
import { createReader, orMissing, type Reader } from '../explain/reading.ts'

const { GetFunctionConfigurationCommand } = loadPackage('@aws-sdk/client-lambda')

export interface Landscape {
  readonly caller: Site
  readonly callee: Site
  /** What could not be read, in words. */
  readonly unread: readonly string[]
}

export interface Site {
  readonly function: FunctionReference
  /** Absent where there is none, or it could not be read. */
  readonly organization?: OrganizationPlace
  /** Absent for a function outside any VPC. */
  readonly vpc?: VpcSite
}

export interface OrganizationPlace {
  readonly id: string
  /** Names of the levels between the organization and the account, the uppermost first: `root`, `unit workloads`. */
  readonly levels: readonly string[]
}

export interface VpcSite {
  readonly id: string
  /** Unknown where the network could not be read. */
  readonly cidrs: readonly string[]
  /** Those that the function is in. */
  readonly subnets: readonly SubnetSite[]
  readonly securityGroupIds: readonly string[]
  /** Where calls of the function get from here, hop by hop; of the caller the crossing's own call is the first. */
  readonly paths: readonly NetworkPath[]
}

export interface SubnetSite {
  readonly id: string
  readonly cidr?: string
  /** Lambda's interface, once it is there. */
  readonly interface?: { readonly id: string; readonly address: string }
}

const HTTPS_PORT = 443

export async function readLandscape(access: AwsAccess, { from, to }: Crossing): Promise<Landscape> {
  const reader = createReader(access)
  const organizations = createOrganizationReader(reader)
  const callOfLambda = serviceTargets(['lambda'], to.region)
  const callee = [...serviceTargets(['s3', 'lambda'], to.region), anyPage(HTTPS_PORT)]
  const siteOf = async (reference: FunctionReference, targets: readonly NetworkTarget[]): Promise<Site> => {
    const organization = await readPlace(reference.account, organizations)
    const vpc = await readVpc(reference, targets, reader)
    return { function: reference, ...(organization && { organization }), ...(vpc && { vpc }) }
  }
  return {
    caller: await siteOf(from, callOfLambda),
    callee: await siteOf(to, callee),
    unread: [...new Set(reader.unread.map(({ input, why }) => `${input}: ${why}`))],
  }
}

/** An address of the internet: every route to the internet leads to it. */
export function anyPage(port: number): NetworkTarget {
  return { host: TEST_INTERNET_HOST.address, port }
}

export function serviceTargets(services: readonly string[], region: string): readonly NetworkTarget[] {
  return isRegion(region)
    ? services.map((service) => ({ host: awsHostName({ service, region }), port: HTTPS_PORT }))
    : []
}

async function readPlace(account: string, organizations: OrganizationReader): Promise<OrganizationPlace | undefined> {
  const membership = await organizations.membershipOf(account)
  if (!membership.known || membership.value === undefined) return undefined
  const { organizationId: id, path } = membership.value
  const guardrails = await organizations.guardrailsOf(account, 'SERVICE_CONTROL_POLICY')
  if (guardrails.status === 'read') {
    return { id, levels: guardrails.levels.filter((level) => level.id !== account).map(({ title }) => title) }
  }
  return { id, levels: path.known ? path.value.split('/').slice(1, -1) : [] }
}

async function readVpc(
  reference: FunctionReference,
  targets: readonly NetworkTarget[],
  reader: Reader,
): Promise<VpcSite | undefined> {
  const { account, region, name, arn } = reference
  const configuration = await reader.read({ account, region, input: `function ${name}` }, ({ lambda }) =>
    orMissing(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn }))),
  )
  const { placement } = placementOf(configuration.known ? configuration.value?.VpcConfig : undefined)
  if (placement === undefined) return undefined
  const { vpcId, subnetIds, securityGroupIds } = placement
  const read = await readNetwork({ vpcId, account, region }, undefined, reader)
  const network = read.known ? read.value : undefined
  const subnets = subnetIds.map((id): SubnetSite => {
    const cidr = network?.model.subnets.find((subnet) => subnet.id === id)?.cidr
    const found = network && lambdaInterface(network.model, placement, id)
    return {
      id,
      ...(cidr !== undefined && { cidr }),
      ...(found && { interface: { id: found.id, address: found.address } }),
    }
  })
  return {
    id: vpcId,
    cidrs: network?.model.vpcs[0]?.cidrs ?? [],
    subnets,
    securityGroupIds,
    paths: network
      ? followed(
          targets.map((target) => networkPath(network.model, placement, target)),
          network,
        )
      : [],
  }
}

/** Nobody can tell what lies beyond a transit gateway or a peering connection. */
function followed(
  paths: readonly NetworkPath[],
  { unfollowed }: { readonly unfollowed: ReadonlySet<string> },
): readonly NetworkPath[] {
  return paths.filter(({ ways }) => !ways.some(({ blockedBy }) => unfollowed.has(blockedBy?.targetId ?? '')))
}

/** Where a function's call gets in its network as it is now. Undefined outside any VPC, and where it cannot be told. */
export async function readPath(
  access: AwsAccess,
  reference: FunctionReference,
  target: NetworkTarget,
): Promise<NetworkPath | undefined> {
  const vpc = await readVpc(reference, [target], createReader(access))
  return vpc?.paths[0]
}
