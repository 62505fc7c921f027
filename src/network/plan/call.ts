/** A call by name: what the resolver answers, and whether a connection to that address arrives. Pure. */
import { parseIpv4 } from '../../core/cidr.ts'
import type { FlowSource } from './flow.ts'
import { TEST_INTERNET, type Internet } from './internet.ts'
import type { NetworkModel } from './model.ts'
import { resolveName, type Answer, type Resolver } from './names.ts'
import { reach } from './reach.ts'
import type { Verdict } from './verdict.ts'

export interface Call {
  readonly from: FlowSource
  /** A name, or an address: `lambda.us-east-1.amazonaws.com`, `10.0.2.10`. */
  readonly host: string
  readonly port: number
}

export type CallVerdict =
  /** The name has no address, or nobody answers what it has. */
  | {
      readonly answer: Exclude<Answer, { readonly kind: 'addresses' }>
      readonly address?: undefined
      readonly verdict?: undefined
    }
  /** The first of the addresses decides: it is the one that a client tries. */
  | {
      readonly answer?: Extract<Answer, { readonly kind: 'addresses' }>
      readonly address: string
      readonly verdict: Verdict
    }

export function judgeCall(model: NetworkModel, call: Call, internet: Internet = TEST_INTERNET): CallVerdict {
  const { from, host, port } = call
  const verdictFor = (to: string): Verdict => reach(model, { from, to, port, protocol: 'tcp' }, internet)
  if (parseIpv4(host) !== undefined) return { address: host, verdict: verdictFor(host) }
  const answer = resolveName(model, resolverFor(model, from), host)
  if (answer.kind !== 'addresses') return { answer }
  const [address] = answer.addresses
  return address === undefined
    ? { answer: { kind: 'no-such-name' } }
    : { answer, address, verdict: verdictFor(address) }
}

/** Outside of VPCs everybody has the same names. */
function resolverFor(model: NetworkModel, from: FlowSource): Resolver {
  if (from.kind !== 'network-interface') return { kind: 'lambda-service' }
  const networkInterface = model.networkInterfaces.find(({ id }) => id === from.id)
  const subnet = model.subnets.find(({ id }) => id === networkInterface?.subnetId)
  return { kind: 'vpc', vpcId: subnet?.vpcId ?? '' }
}
