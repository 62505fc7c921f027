/** Every scenario of a proof, explained: what stands in the way is found, and the commands that are printed make the call work again. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { scenarios } from '../../../src/crossing/prove/scenarios.ts'
import { CALLEE_ARN } from '../../system/deployments.ts'
import { ACCOUNTS } from '../../system/isthmus.ts'
import { createStage, expectTranscript, FROM_TO, neededCommands, runWithSdk, type Stage } from './stage.ts'

const UNQUALIFIED = ['--from', 'source:caller', '--to', 'target:callee']
const BY_LOGS = [
  '--principal',
  'logs.amazonaws.com',
  '--action',
  'lambda:InvokeFunction',
  '--resource',
  CALLEE_ARN,
  '--context',
  `aws:SourceArn=arn:aws:logs:us-east-1:${ACCOUNTS.target}:log-group:/isthmus/isthmus-prove-golden:*`,
  `aws:SourceAccount=${ACCOUNTS.target}`,
]

interface Expectation {
  readonly args?: readonly string[]
  /** Layer and outcome of everything that stands in the way. */
  readonly blockers: readonly string[]
  readonly facts?: readonly string[]
}

const EXPECTED: Readonly<Record<string, Expectation>> = {
  'no-identity-policy': { blockers: ['identity implicit_deny'] },
  'no-resource-policy': { blockers: ['resource implicit_deny'] },
  'grant-to-another-role': { blockers: ['resource implicit_deny'] },
  'grant-on-unqualified-function': { blockers: ['resource implicit_deny'], facts: ['sibling-grant'] },
  'call-to-unqualified-function': {
    args: UNQUALIFIED,
    blockers: ['resource implicit_deny', 'identity implicit_deny'],
    facts: ['sibling-grant'],
  },
  'invoke-async-api': {
    args: [...FROM_TO, '--type', 'invoke-async'],
    blockers: ['resource implicit_deny'],
    facts: ['invoke-async'],
  },
  'explicit-deny-in-identity-policy': { blockers: ['identity explicit_deny'] },
  'explicit-deny-in-resource-policy': { blockers: ['resource explicit_deny'] },
  'service-control-policy': { blockers: ['scp explicit_deny'] },
  'permissions-boundary': { blockers: ['boundary implicit_deny'] },
  'grant-to-account': { blockers: [] },
  'grant-to-role': { blockers: [] },
  'grant-to-organization': { blockers: [] },
  'grant-to-service': { args: BY_LOGS, blockers: [] },
  'grant-to-service-for-another-source': { args: BY_LOGS, blockers: ['resource implicit_deny'] },
}

describe('isthmus explain, on every scenario of a proof', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await createStage()
  })
  beforeEach(async () => {
    await stage.reset()
  })
  afterAll(async () => {
    await stage.close()
  })

  it('has an expectation for each', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(scenarios.map(({ id }) => id).sort())
  })

  it.each(scenarios)('$id: $title', async (scenario) => {
    const { id, expected } = scenario
    const { args = FROM_TO, blockers, facts = [] } = EXPECTED[id] ?? { blockers: [] }
    const scene = await stage.scene()
    const { call, perform = () => stage.call(call) } = await scenario.change(scene)
    const before = await perform()
    expect(before.outcome).toBe(expected === 'allowed' ? 'allowed' : 'failed')

    await expectTranscript(id, args, await stage.explain(...args))
    const explanation = await stage.explanation(...args)
    expect(explanation.verdict).toBe(expected)
    expect(explanation.blockers.map(({ layer, outcome }) => `${layer} ${outcome}`)).toEqual(blockers)
    expect(explanation.facts.map((fact) => fact.id)).toEqual(facts)
    expect(explanation.unread).toEqual([])
    if (expected === 'allowed') return

    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(await perform()).toMatchObject({ outcome: 'allowed' })
    expect((await stage.explanation(...args)).verdict).toBe('allowed')
  })
})
