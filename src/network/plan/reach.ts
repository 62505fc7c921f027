/** Whether a flow arrives: follows the packet there and its answer back, and says which rule decides at each hop. Pure. */
import assert from 'node:assert/strict'

import { proceed, type Next } from './arrival.ts'
import { depart } from './departure.ts'
import type { Flow } from './flow.ts'
import { drop } from './hops.ts'
import { TEST_INTERNET, type Internet } from './internet.ts'
import type { NetworkModel } from './model.ts'
import { indexNetwork, type NetworkIndex } from './network-index.ts'
import type { Segment } from './segment.ts'
import type { Destination, Hop, Verdict } from './verdict.ts'

export function reach(model: NetworkModel, flow: Flow, internet: Internet = TEST_INTERNET): Verdict {
  return createReach(model, internet)(flow)
}

/** For many flows through one model. */
export function createReach(model: NetworkModel, internet: Internet = TEST_INTERNET): (flow: Flow) => Verdict {
  const index = indexNetwork(model)
  return (flow) => verdictOf(journey(index, internet, flow))
}

/** The whole way, as far as it goes. */
interface Journey {
  readonly request: readonly Hop[]
  /** INVARIANT: without it something in `request` drops. */
  readonly arrival?: { readonly destination: Destination; readonly sourceAddress: string }
  readonly reply: readonly Hop[]
}

function journey(index: NetworkIndex, internet: Internet, flow: Flow): Journey {
  const segments: Segment[] = []
  let next: Next = depart(index, internet, flow)
  while (next.kind === 'segment') {
    const { segment } = next
    const circle = circleThrough(segments, segment)
    segments.push(segment)
    next = circle ?? proceed(index, internet, segment)
  }
  const request = [...segments.flatMap(({ hops }) => hops), ...next.hops]
  if (next.kind === 'lost') return { request, reply: [] }
  const outcome = next.hops.some(({ decision }) => decision === 'refuse') ? 'refusal' : 'answer'
  return {
    request,
    arrival: { destination: next.destination, sourceAddress: next.sourceAddress },
    reply: segments.toReversed().flatMap((segment) => segment.answer(outcome)),
  }
}

/** NAT gateways whose subnets route to each other send a packet round until it dies. */
function circleThrough(before: readonly Segment[], { end }: Segment): Next | undefined {
  if (end.kind !== 'nat-gateway') return undefined
  const isBack = before.some((segment) => segment.end.kind === 'nat-gateway' && segment.end.id === end.id)
  return isBack ? { kind: 'lost', hops: [drop('nat-gateway', end.id, 'the way leads back to it')] } : undefined
}

function verdictOf({ request, arrival, reply }: Journey): Verdict {
  const hops = [...request, ...reply]
  const [blockedBy, ...alsoBlockedBy] = hops.filter(({ decision }) => decision === 'drop')
  if (blockedBy !== undefined) {
    return { outcome: 'dropped', hops: hops.slice(0, hops.indexOf(blockedBy) + 1), blockedBy, alsoBlockedBy }
  }
  assert(arrival)
  const refusal = request.find(({ decision }) => decision === 'refuse')
  return refusal === undefined
    ? { outcome: 'reached', ...arrival, hops }
    : { outcome: 'refused', ...arrival, hops: request, blockedBy: refusal }
}
