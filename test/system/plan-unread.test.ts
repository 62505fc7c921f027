/** `isthmus plan --aws` where nobody may look at the callee's account: nothing is called a limit that holds. No cloud runs, and AWS is not asked. */
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { Plan } from '../../src/crossing/plan/plan-data.ts'
import { ACCOUNTS, createWorkplace, type Workplace } from './isthmus.ts'

const ARN = `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:callee`
const ARGS = ['plan', '--aws', '--to', ARN, '--rate', '5', '--duration', '2s', '--type', 'async']

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.close())

it('says of each limit that it is assumed and why, and so in its last line and its exit code', async () => {
  const { stdout, exitCode } = await place.run(ARGS)
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/\n {2}\? unreserved concurrency +\d+ +1,000 /)
  const text = stdout.replaceAll(/\s+/g, ' ')
  expect(text).toContain(
    `assumed: AWS's default of 1,000, for its own could not be read: there are no credentials of account ${ACCOUNTS.target}`,
  )
  expect(text).toContain(`? not judged: its reserved concurrency (${ARN}) could not be read`)
  expect(text).toMatch(/\? no limit that could be read breaks, but 2 are assumed, 2 not judged: [^✓✗]*$/)
  expect(stdout).not.toContain('every limit holds')
})

it('says so to machines', async () => {
  const { stdout, exitCode } = await place.run([...ARGS, '--json'])
  const plan = JSON.parse(stdout) as Plan
  expect([exitCode, plan.ok, plan.verdict]).toEqual([1, false, 'assumed'])
  const sources = new Map(plan.limits.map(({ kind, source }) => [kind, source]))
  expect(sources).toEqual(
    new Map([
      ['account-concurrency', 'default'],
      // Nobody has another.
      ['scaling-rate', 'read'],
      ['event-age', 'default'],
    ]),
  )
  expect(plan.limits.every(({ source, because }) => source === 'read' || because?.includes('--profile'))).toBe(true)
})
