/** Random VPC worlds, in which the evaluator and the kernel have to agree about every flow. */
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

import type { Flow } from '../../../src/network/plan/flow.ts'
import { createReach } from '../../../src/network/plan/reach.ts'
import { asExpected } from '../../network/reachability-cases.ts'
import { modelOf } from '../../network/world.ts'
import { randomFlow, randomWorld } from '../../network/worlds.ts'
import { canBeSent, flowKey, sendFlows } from './flows.ts'
import { createWorld, isRefusedHere } from './world.ts'

const refused = await isRefusedHere()
const FLOWS_PER_WORLD = 60
/** A world takes a second or two, for what is silent has to be so for long enough. */
const WORLDS = 6

describe.skipIf(refused)('random worlds', () => {
  const world = createWorld()
  afterAll(() => world[Symbol.asyncDispose]())

  test('the kernel carries what the evaluator lets arrive, and nothing else', async () => {
    const drawn = randomWorld.chain((description) => {
      const model = modelOf(description)
      const flow = randomFlow(model).filter((candidate) => canBeSent(model, candidate))
      const flows = fc.uniqueArray(flow, { minLength: FLOWS_PER_WORLD, maxLength: FLOWS_PER_WORLD, selector: flowKey })
      return fc.record({ description: fc.constant(description), flows })
    })
    await fc.assert(
      fc.asyncProperty(drawn, async ({ description, flows }) => {
        const model = modelOf(description)
        const reach = createReach(model)
        const seen = await sendFlows(world.network, model, flows)
        const told = flows.map((flow, position) => [flowKey(flow), outcomeWithSource(seen[position])])
        const expected = flows.map((flow) => [flowKey(flow), expectedOf(reach, flow)])
        expect(told).toEqual(expected)
      }),
      { numRuns: WORLDS, endOnFailure: true },
    )
  })
})

/** Who answers is told apart too, and what of the sender's address is seen by somebody who can say so. */
function outcomeWithSource(seen: object | undefined): object {
  return { sourceAddress: undefined, destination: undefined, ...seen }
}

function expectedOf(reach: ReturnType<typeof createReach>, flow: Flow): object {
  const expected = asExpected(reach(flow))
  if (expected.outcome !== 'connects') return outcomeWithSource({ outcome: expected.outcome })
  const { outcome, destination, sourceAddress } = expected
  const isHost = destination.startsWith('eni-')
  return outcomeWithSource({ outcome, destination, ...(isHost ? {} : { sourceAddress }) })
}
