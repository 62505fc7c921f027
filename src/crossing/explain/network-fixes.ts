/** What would let a function's call out of its VPC: the least change at the first thing that stops it. */
import { hopName, type Hop } from '../../network/plan/verdict.ts'
import { awsCommand } from './aws-command.ts'
import type { Fix } from './explanation.ts'
import type { NetworkPath, Placement, Way } from './network-path.ts'
import type { Situation } from './situation.ts'

type Change = Omit<Fix, 'blocker'>

export interface BlockedCall {
  readonly path: NetworkPath
  readonly way: Way
  readonly placement: Placement
  readonly account: string
}

export function networkFixes(call: BlockedCall, situation: Situation): readonly Change[] {
  const { blockedBy } = call.way
  const by = { kind: 'needed', account: call.account, by: `an administrator of ${call.account}` } as const
  if (blockedBy === undefined) {
    return [
      { ...by, text: `repair the resolution of ${call.path.host} in ${call.placement.vpcId}`, commands: [], opens: [] },
    ]
  }
  const isWithoutWay = blockedBy.kind === 'route-table' || blockedBy.kind === 'internet-gateway'
  if (isWithoutWay && blockedBy.leg === 'request') {
    return [
      { ...by, ...addEndpoint(call, situation) },
      { ...by, kind: 'alternative', ...addDefaultRoute(call) },
    ]
  }
  if (blockedBy.kind === 'security-group') return [{ ...by, ...openGroup(blockedBy, call, situation) }]
  return [{ ...by, text: `change what ${hopName(blockedBy)} decides`, commands: [], opens: [] }]
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-endpoints.html */
function addEndpoint(
  { path, placement, account }: BlockedCall,
  situation: Situation,
): Pick<Change, 'text' | 'commands' | 'opens'> {
  const [service = '', region = ''] = path.host.split('.')
  const { vpcId, subnetIds, securityGroupIds } = placement
  const argv = ['ec2', 'create-vpc-endpoint', '--vpc-endpoint-type', 'Interface', '--vpc-id', vpcId]
  const name = `com.amazonaws.${region}.${service}`
  const places = ['--subnet-ids', ...subnetIds, '--security-group-ids', ...securityGroupIds, '--private-dns-enabled']
  return {
    text: `give ${vpcId} an interface endpoint of ${service} with private DNS; its security group has to let in tcp ${path.port} from the function's`,
    commands: [awsCommand(situation, account, [...argv, '--service-name', name, ...places])],
    opens: [
      `${service} to everything in ${vpcId} that the endpoint's security group lets in, until the endpoint's policy says otherwise`,
    ],
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html */
function addDefaultRoute({ way, placement }: BlockedCall): Pick<Change, 'text' | 'commands' | 'opens'> {
  return {
    text: `give ${way.subnetId ?? placement.vpcId} a default route to a NAT gateway in a subnet that has one to an internet gateway`,
    commands: [],
    opens: ['the internet, outwards, to everything in the subnet whose security group lets it out'],
  }
}

function openGroup(
  { resourceId, direction }: Hop,
  { path, way, account }: BlockedCall,
  situation: Situation,
): Pick<Change, 'text' | 'commands' | 'opens'> {
  const isEgress = direction === 'egress'
  const peer = `${(isEgress ? way.address : way.sourceAddress) ?? '0.0.0.0'}/32`
  const verb = isEgress ? 'authorize-security-group-egress' : 'authorize-security-group-ingress'
  const permission = `IpProtocol=tcp,FromPort=${path.port},ToPort=${path.port},IpRanges=[{CidrIp=${peer}}]`
  const argv = ['ec2', verb, '--group-id', resourceId, '--ip-permissions', permission]
  return {
    text: `let tcp ${path.port} ${isEgress ? 'out to' : 'in from'} ${peer} in ${resourceId}`,
    commands: [awsCommand(situation, account, argv)],
    opens: [`the same for whatever else has ${resourceId}`],
  }
}
