/**
 * Services of this machine in subnets: `hosts` of isthmus.yaml. Each is a network interface at a fixed address with a security group of its
 * own, there as soon as its subnet is and gone with it, so that a database on the developer's machine is 10.0.2.10:5432 to a function.
 */
import type { AccountId } from '../../../core/account.ts'
import type { Region } from '../../../core/region.ts'
import { createInterface } from './interface-creation.ts'
import type { NetworkInterfaceRecord, RulePeer, SecurityGroupRecord, SubnetRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

export interface HostAttachment {
  readonly name: string
  readonly account: AccountId
  readonly region: Region
  /** An id, or the value of its tag `Name`. */
  readonly subnet: string
  readonly address: string
  readonly ports: readonly { readonly port: number; readonly hostPort: number }[]
  /** Who reaches it: IPv4 blocks, and ids or names of security groups of the VPC. Empty: the VPC's own blocks. */
  readonly from: readonly string[]
}

/** Marks what this file made, by the name of the host. */
const HOST_TAG = 'isthmus:host'

/**
 * Makes what is missing and removes what is no longer asked for or asked for differently; answers what could not be made, in a sentence for
 * each host. A subnet that is not there yet is no failure.
 */
export function attachHosts(ec2: Ec2Service, hosts: readonly HostAttachment[]): readonly string[] {
  const wanted = new Map(hosts.map((host) => [host.name, host]))
  for (const found of ec2.all('network-interface')) {
    const name = found.role.kind === 'host' ? found.tags[HOST_TAG] : undefined
    if (name === undefined) continue
    const host = wanted.get(name)
    if (host && isAsWanted(ec2, found, host)) wanted.delete(name)
    else detach(ec2, found)
  }
  return [...wanted.values()].flatMap((host) => {
    try {
      attach(ec2, host)
      return []
    } catch (error) {
      return [
        `the host \`${host.name}\` is not in its subnet: ${error instanceof Error ? error.message : String(error)}`,
      ]
    }
  })
}

/** Before a subnet goes. */
export function detachHostsOf(ec2: Ec2Service, subnet: SubnetRecord): void {
  for (const found of ec2.list('network-interface', subnet)) {
    if (found.subnetId === subnet.id && found.role.kind === 'host') detach(ec2, found)
  }
}

function attach(ec2: Ec2Service, host: HostAttachment): void {
  const subnet = ec2.list('subnet', host).find(({ id, tags }) => id === host.subnet || tags['Name'] === host.subnet)
  if (!subnet) return
  const tags = { Name: host.name, [HOST_TAG]: host.name }
  const group: SecurityGroupRecord = {
    id: ec2.newId('sg'),
    account: subnet.account,
    region: subnet.region,
    vpcId: subnet.vpcId,
    name: `isthmus-host-${host.name}`,
    description: `Who reaches ${host.name} on this machine`,
    tags,
    rules: host.ports.flatMap(({ port }) =>
      peersOf(ec2, subnet, host).map((peer) => ({
        id: ec2.newId('sgr'),
        egress: false,
        protocol: 'tcp',
        fromPort: port,
        toPort: port,
        peer,
        tags: {},
      })),
    ),
  }
  ec2.put('security-group', group)
  try {
    createInterface(ec2, subnet, {
      description: `${host.name} on this machine`,
      groupIds: [group.id],
      privateIp: host.address,
      role: { kind: 'host', listeners: host.ports },
      interfaceType: 'interface',
      requesterManaged: true,
      attachment: {
        id: `eni-attach-${ec2.ids.hex(17)}`,
        deviceIndex: 0,
        instanceOwnerId: subnet.account,
        deleteOnTermination: true,
        attachedMs: ec2.clock.now(),
      },
      tags,
    })
  } catch (error) {
    ec2.delete('security-group', group)
    throw error
  }
}

function peersOf(ec2: Ec2Service, subnet: SubnetRecord, { from }: HostAttachment): readonly RulePeer[] {
  if (from.length === 0) {
    const blocks = ec2.find('vpc', subnet, subnet.vpcId)?.cidrs ?? []
    return blocks.map(({ cidr }) => ({ kind: 'ipv4', cidr }))
  }
  return from.map((peer): RulePeer => {
    if (peer.includes('/')) return { kind: 'ipv4', cidr: peer }
    const group = ec2
      .list('security-group', subnet)
      .find(({ id, name, vpcId }) => vpcId === subnet.vpcId && (id === peer || name === peer))
    if (!group) throw new Error(`${subnet.vpcId} has no security group \`${peer}\``)
    return { kind: 'group', id: group.id, account: group.account }
  })
}

/** INVARIANT: who reaches it is changed by a person through its security group, so that the file's `from` counts when it is made only. */
function isAsWanted(ec2: Ec2Service, found: NetworkInterfaceRecord, host: HostAttachment): boolean {
  const subnet = ec2.find('subnet', found, found.subnetId)
  return (
    found.account === host.account &&
    found.region === host.region &&
    found.address === host.address &&
    (found.subnetId === host.subnet || subnet?.tags['Name'] === host.subnet) &&
    found.role.kind === 'host' &&
    JSON.stringify(found.role.listeners) === JSON.stringify(host.ports)
  )
}

function detach(ec2: Ec2Service, found: NetworkInterfaceRecord): void {
  ec2.delete('network-interface', found)
  for (const id of found.groupIds) {
    const group = ec2.find('security-group', found, id)
    if (group?.tags[HOST_TAG] !== undefined) ec2.delete('security-group', group)
  }
}
