/** What lies beyond the gateways, as far as a verdict depends on it: who answers at which address. */
import { AWS_SERVICE_PORTS, awsServiceAt, TEST_INTERNET_HOST } from './addresses.ts'
import type { PacketContent } from './flow.ts'
import type { Destination } from './verdict.ts'

export interface Internet {
  /** Undefined where nobody has the address. */
  hostAt(address: string): InternetHost | undefined
}

export interface InternetHost {
  readonly destination: Destination
  /** What becomes of a packet that arrives. */
  response(content: PacketContent): 'answers' | 'refuses' | 'silent'
}

/** The one inside the data plane: a host that answers, and AWS. */
export const TEST_INTERNET: Internet = {
  hostAt(address) {
    if (address === TEST_INTERNET_HOST.address) {
      return { destination: { kind: 'internet', address }, response: testHostResponse }
    }
    const service = awsServiceAt(address)
    return service && { destination: { kind: 'aws-service', ...service }, response: awsResponse }
  },
}

/** The real one: whatever leaves for it counts as having arrived. */
export const OPEN_INTERNET: Internet = {
  hostAt: (address) =>
    TEST_INTERNET.hostAt(address) ?? { destination: { kind: 'internet', address }, response: () => 'answers' },
}

function testHostResponse(content: PacketContent): 'answers' | 'refuses' {
  if (content.protocol === 'icmp') return 'answers'
  return content.protocol === 'tcp' && content.destinationPorts.from === TEST_INTERNET_HOST.port ? 'answers' : 'refuses'
}

function awsResponse(content: PacketContent): 'answers' | 'silent' {
  return content.protocol === 'tcp' && AWS_SERVICE_PORTS.includes(content.destinationPorts.from) ? 'answers' : 'silent'
}
