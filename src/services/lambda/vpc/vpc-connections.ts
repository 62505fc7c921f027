/**
 * Hyperplane network interfaces: one for each pair of a subnet and a set of security groups, shared by all functions and versions of the
 * account that use the pair, made when the first of them is created or updated and removed when the last has gone.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
 */
import type { AccountId } from '../../../core/account.ts'
import { AwsError } from '../../../core/aws-error.ts'
import type { Clock, Timer } from '../../../core/clock.ts'
import type { Ids } from '../../../core/ids.ts'
import type { Region } from '../../../core/region.ts'
import { scopeOf, type State } from '../../../state/state.ts'
import type { Caller } from '../../caller.ts'
import type { CallOperation } from '../../cloud-service.ts'
import type { IdentityDirectory, QuotaDirectory, SessionDirectory } from '../../directories.ts'
import type { Ec2Network } from '../../ec2/index.ts'
import type { FunctionStore } from '../function-store.ts'
import { LAMBDA_QUOTAS } from '../quotas.ts'
import type { HyperplaneInterface, VersionRecord, VpcFailure, VpcSettings } from '../records.ts'
import { ENI_LIMIT_REACHED, failureOf, ROLE_MAY_NOT, type Ec2Operation } from './vpc-connection.ts'

export interface VpcConnections {
  /** Makes what interfaces are missing, and waits until they carry packets. Answers why it could not. */
  connect(version: VersionRecord): Promise<VpcFailure | undefined>
  /** Removes the interfaces that no function of the account and Region needs any more. */
  reclaim(place: Place): Promise<void>
  /** One for each subnet of a connected version. */
  interfacesOf(version: VersionRecord): readonly string[]
  /** Why EC2 would refuse the role's call; undefined when it would not. */
  mayRole(roleArn: string, place: Place, operation: Ec2Operation, input: object): Promise<AwsError | undefined>
  stop(): void
}

interface Place {
  readonly account: AccountId
  readonly region: Region
}

/** An interface whose role may not delete it stays; how often that is tried again. */
const RECLAIM_RETRY_MS = 60_000
const ROLE_SESSION_MS = 3_600_000

export function createVpcConnections(options: {
  readonly state: State
  readonly store: FunctionStore
  readonly ec2: Ec2Network
  readonly identities: IdentityDirectory
  readonly sessions: SessionDirectory
  readonly quotas: QuotaDirectory
  readonly call: CallOperation
  readonly clock: Clock
  readonly ids: Ids
  /** Resolves when the data plane carries what EC2 has. */
  readonly networkSettled: () => Promise<void>
}): VpcConnections {
  const { state, store, ec2, identities, sessions, quotas, call, clock, ids } = options
  const collection = state.collection<HyperplaneInterface>('lambda.hyperplane-interfaces')
  const shelf = ({ account, region }: Place) => collection.in(scopeOf(account, region))
  /** Connecting and reclaiming take turns, so that neither acts on what the other is about to change. */
  let turn: Promise<unknown> = Promise.resolve()
  let retry: Timer | undefined

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = turn.then(action)
    turn = done.catch(() => {})
    return done
  }

  async function mayRole(roleArn: string, place: Place, operation: Ec2Operation, input: object) {
    const caller = roleCaller(roleArn, place)
    if (!caller) return new AwsError('UnauthorizedOperation', 'You are not authorized to perform this operation.')
    try {
      await call(caller, 'ec2', operation, { ...input, DryRun: true })
      return undefined
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      return error.name === 'DryRunOperation' ? undefined : error
    }
  }

  /** Lambda with the role's permissions: not the function, whose own sessions carry `lambda:SourceFunctionArn`. */
  function roleCaller(roleArn: string, { account, region }: Place): Caller | undefined {
    const role = identities.role(roleArn)
    if (!role) return undefined
    const now = clock.now()
    return {
      principal: sessions.rolePrincipal(role, account),
      account: role.account,
      region,
      requestId: ids.uuid(),
      session: {
        issuedAtMs: now,
        expiresAtMs: now + ROLE_SESSION_MS,
        policies: [],
        tags: {},
        transitiveTagKeys: [],
        chained: false,
      },
    }
  }

  async function connect(version: VersionRecord, vpc: VpcSettings): Promise<VpcFailure | undefined> {
    for (const subnetId of vpc.subnetIds) {
      const failure = existing(version, subnetId, vpc) ? undefined : await create(version, subnetId, vpc)
      if (failure) return failure
    }
    await options.networkSettled()
    return undefined
  }

  function existing(place: Place, subnetId: string, vpc: VpcSettings): HyperplaneInterface | undefined {
    const found = shelf(place).get(keyOf(subnetId, vpc))
    return found && ec2.networkInterface(place.region, found.id) ? found : undefined
  }

  async function create(version: VersionRecord, subnetId: string, vpc: VpcSettings): Promise<VpcFailure | undefined> {
    const { account, region, functionName } = version
    const { roleArn } = version.settings
    const inVpc = shelf(version)
      .values()
      .filter(({ vpcId }) => vpcId === vpc.vpcId).length
    if (inVpc >= quotas.valueOf(LAMBDA_QUOTAS.networkInterfacesPerVpc, version)) return ENI_LIMIT_REACHED
    const role = identities.role(roleArn)
    if (!role) return ROLE_MAY_NOT
    const Groups = vpc.securityGroupIds
    const refused = await mayRole(roleArn, version, 'CreateNetworkInterface', { SubnetId: subnetId, Groups })
    if (refused) return failureOf(refused)
    try {
      const { id } = ec2.createLambdaInterface({
        region,
        subnetId,
        securityGroupIds: Groups,
        description: `AWS Lambda VPC ENI-${functionName}-${ids.uuid()}`,
        requesterId: `${role.roleId}:${account}`,
      })
      shelf(version).put(keyOf(subnetId, vpc), { id, vpcId: vpc.vpcId, subnetId, securityGroupIds: Groups, roleArn })
    } catch (error) {
      if (error instanceof AwsError) return failureOf(error)
      throw error
    }
    return undefined
  }

  async function reclaim(place: Place): Promise<void> {
    const needed = new Set(store.functionsIn(place).flatMap((fn) => versionsOf(fn).flatMap(keysOf)))
    for (const record of shelf(place).values()) {
      const key = keyOf(record.subnetId, record)
      if (needed.has(key)) continue
      const NetworkInterfaceId = record.id
      // As on AWS, a role that was deleted first leaves the interface behind.
      if (await mayRole(record.roleArn, place, 'DeleteNetworkInterface', { NetworkInterfaceId })) {
        retry ??= clock.after(RECLAIM_RETRY_MS, () => {
          retry = undefined
          void inTurn(() => reclaim(place)).then(() => state.commit())
        })
        continue
      }
      ec2.deleteLambdaInterface(place.region, record.id)
      shelf(place).delete(key)
    }
  }

  function versionsOf(fn: ReturnType<FunctionStore['all']>[number]): readonly VersionRecord[] {
    return [fn.latest, ...(fn.serving ? [fn.serving] : []), ...store.versionsOf(fn)]
  }

  return {
    connect(version) {
      const { vpc } = version.settings
      if (!vpc || vpc.subnetIds.length === 0) return Promise.resolve(undefined)
      return inTurn(() => connect(version, vpc))
    },
    reclaim: (place) => inTurn(() => reclaim(place)),
    interfacesOf(version) {
      const { vpc } = version.settings
      return vpc ? vpc.subnetIds.flatMap((subnetId) => existing(version, subnetId, vpc)?.id ?? []) : []
    },
    mayRole,
    stop() {
      retry?.cancel()
      retry = undefined
    },
  }
}

function keyOf(subnetId: string, { securityGroupIds }: Pick<VpcSettings, 'securityGroupIds'>): string {
  return [subnetId, ...[...securityGroupIds].sort()].join('/')
}

/** The interfaces that a version needs: an inactive or failed one has given its own back, and a failed update never had them. */
function keysOf({ state, lastUpdate, settings: { vpc } }: VersionRecord): readonly string[] {
  if (!vpc || state === 'Inactive' || state === 'Failed' || lastUpdate === 'Failed') return []
  return vpc.subnetIds.map((subnetId) => keyOf(subnetId, vpc))
}
