/**
 * The reachability cases with real packets: each flow is sent, and has to end as its case says. The evaluator's run of the same cases is
 * `test/network/reachability.test.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { NetworkModel } from '../../../src/network/plan/model.ts'
import { type Expected, loadReachabilityWorlds, type ReachabilityCase } from '../../network/reachability-cases.ts'
import { asSender, canBeSent, groupBy, kindOf, type Observed, sendFlows } from './flows.ts'
import { createWorld, isRefusedHere } from './world.ts'

const refused = await isRefusedHere()
const worlds = loadReachabilityWorlds()
/** So many at once as leave the machine time to answer before a probe gives up. */
const NETWORKS = 3

/** Flows that can be sent in one and the same model. */
interface Round {
  readonly model: NetworkModel
  readonly cases: readonly ReachabilityCase[]
}

describe.skipIf(refused)('real packets', () => {
  const observed = new Map<ReachabilityCase, Observed>()
  const running = Array.from({ length: NETWORKS }, createWorld)

  beforeAll(async () => {
    const rounds = worlds.flatMap(({ model, cases }) => roundsOf(model, cases))
    const work = async (network: (typeof running)[number]['network']): Promise<void> => {
      for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
        const { model, cases } = round
        const results = await sendFlows(
          network,
          model,
          cases.map(({ flow }) => flow),
        )
        for (const [position, one] of cases.entries()) observed.set(one, results[position] ?? { outcome: 'timeout' })
      }
    }
    await Promise.all(running.map(({ network }) => work(network)))
  })

  afterAll(() => Promise.all(running.map((world) => world[Symbol.asyncDispose]())))

  describe.each(worlds)('$name', ({ model, cases }) => {
    test.each(cases.filter((one) => !isToItself(model, one)))('$name', (one) => {
      const seen = observed.get(one)
      expect(seen).toMatchObject(asSeen(one, seen))
    })
  })
})

/** What the senders are functions in anyway, and for each host that sends a model in which it does. */
function roundsOf(model: NetworkModel, cases: readonly ReachabilityCase[]): readonly Round[] {
  const sendable = cases.filter((one) => !isToItself(model, one))
  const byHost = groupBy(
    sendable.filter(({ flow }) => !canBeSent(model, flow)),
    ({ flow }) => (flow.from.kind === 'network-interface' ? flow.from.id : ''),
  )
  return [
    { model, cases: sendable.filter(({ flow }) => canBeSent(model, flow)) },
    ...[...byHost].map(([id, ofHost]) => ({ model: asSender(model, id), cases: ofHost })),
  ]
}

/** What a host sends to itself never leaves it: no packet of ours. */
function isToItself(model: NetworkModel, { flow: { from, to } }: ReachabilityCase): boolean {
  if (from.kind !== 'network-interface' || kindOf(model, from.id) === 'lambda') return false
  return model.networkInterfaces.find(({ id }) => id === from.id)?.address === to
}

/** An answer to a ping or from the resolver does not say whose it is, and a host's does not say whom it saw. */
function asSeen({ flow, expected }: ReachabilityCase, seen: Observed | undefined): Partial<Expected> {
  if (expected.outcome !== 'connects' || seen?.outcome !== 'connects') return { outcome: expected.outcome }
  const { destination, sourceAddress } = expected
  return {
    outcome: 'connects',
    ...(flow.protocol === 'icmp' || destination === 'resolver' ? {} : { destination }),
    ...(seen.sourceAddress === undefined ? {} : { sourceAddress }),
  }
}
