/** How a flow sets out: into the VPC, onto the internet, or to what is beside both. */
import { formatIpv4, parseCidr } from '../../core/cidr.ts'
import { blockContains } from './blocks.ts'
import {
  LAMBDA_SERVICE_ADDRESS,
  LINK_LOCAL_ADDRESSES,
  LINK_LOCAL_RESOLVER,
  RESOLVER_OFFSET,
  RESOLVER_PORT,
  RUNTIME_API,
  TEST_INTERNET_HOST,
} from './addresses.ts'
import { atDevice, beyond, lostAt, type Next } from './arrival.ts'
import { packetOf, type Flow, type Packet } from './flow.ts'
import { pass } from './hops.ts'
import type { Internet } from './internet.ts'
import type { Vpc } from './model.ts'
import type { NetworkIndex, Place } from './network-index.ts'
import { leave } from './segment.ts'
import type { HopKind } from './verdict.ts'

export function depart(index: NetworkIndex, internet: Internet, flow: Flow): Next {
  switch (flow.from.kind) {
    case 'internet':
      return beyond(index, internet, packetOf(flow, TEST_INTERNET_HOST.address))
    case 'lambda-service': {
      const packet = packetOf(flow, LAMBDA_SERVICE_ADDRESS)
      return besideTheVpc(undefined, true, packet) ?? beyond(index, internet, packet)
    }
    case 'network-interface': {
      const networkInterface = index.networkInterfaces.get(flow.from.id)
      const place = networkInterface === undefined ? undefined : index.placeOf(networkInterface)
      if (place === undefined) return lostAt('network-interface', flow.from.id, 'is gone')
      const packet = packetOf(flow, place.networkInterface.address)
      return (
        besideTheVpc(place.vpc, place.networkInterface.kind.kind === 'lambda', packet) ??
        toItself(place, packet) ?? { kind: 'segment', segment: leave(index, place, packet) }
      )
    }
  }
}

/**
 * What neither route tables nor security groups nor network ACLs are asked about: the resolver, the Runtime API and other link-local addresses.
 * https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
 */
function besideTheVpc(vpc: Vpc | undefined, isEnvironment: boolean, packet: Packet): Next | undefined {
  const { destination, content } = packet
  const port = content.protocol === 'icmp' ? undefined : content.destinationPorts.from
  const here: readonly [HopKind, string] = vpc === undefined ? ['lambda-service', 'lambda-service'] : ['vpc', vpc.id]
  if (destination === LINK_LOCAL_RESOLVER || (vpc !== undefined && destination === resolverOf(vpc))) {
    if (vpc?.enableDnsSupport === false) return lostAt(...here, 'has no resolver: enableDnsSupport is off')
    if (port !== RESOLVER_PORT) return lostAt(...here, `the resolver answers on port ${RESOLVER_PORT} only`)
    return {
      kind: 'arrived',
      hops: [pass(...here, 'the resolver, which no security group and no network ACL filters')],
      destination: { kind: 'resolver' },
      sourceAddress: packet.source,
    }
  }
  if (!blockContains(LINK_LOCAL_ADDRESSES, destination)) return undefined
  if (isEnvironment && destination === RUNTIME_API.address && content.protocol === 'tcp' && port === RUNTIME_API.port) {
    return {
      kind: 'arrived',
      hops: [pass('lambda-service', 'lambda-service', 'the Runtime API, which is beside the VPC')],
      destination: { kind: 'runtime-api' },
      sourceAddress: packet.source,
    }
  }
  return lostAt(...here, `${destination} has a meaning on one link only`)
}

/** What an instance sends to its own address never leaves it. A Lambda environment does not have its interface's address. */
function toItself(place: Place, packet: Packet): Next | undefined {
  const { address, kind } = place.networkInterface
  return packet.destination !== address || kind.kind === 'lambda' ? undefined : atDevice(place, packet, [])
}

/** The reserved address of the resolver in the VPC's primary block. */
function resolverOf(vpc: Vpc): string | undefined {
  const primary = parseCidr(vpc.cidrs[0] ?? '')
  return primary && formatIpv4(primary.first + RESOLVER_OFFSET)
}
