/** Sessions are found, expire and are forgotten; those of STS survive the process. */
import { describe, expect, test } from 'vitest'

import type { Clock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import type { Principal } from '../../policy/model.ts'
import { createState } from '../../state/state.ts'
import type { Session } from '../caller.ts'
import { accountOfId } from '../iam/unique-id.ts'
import { SessionStore } from './session-store.ts'

const HOUR_MS = 3_600_000
const ACCOUNT = '111122223333'
const principal: Principal = {
  kind: 'role-session',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
  roleId: 'AROA',
  roleName: 'r',
  sessionName: 's',
  serviceLinked: false,
}

function setUp() {
  let nowMs = 1_700_000_000_000
  const clock: Clock = { now: () => nowMs, after: () => ({ cancel: () => undefined }) }
  const state = createState()
  const store = new SessionStore({ state, clock, ids: randomIds })
  const create = (durable: boolean) => {
    const session: Session = {
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + HOUR_MS,
      policies: [],
      tags: {},
      transitiveTagKeys: [],
      chained: false,
    }
    return store.create(ACCOUNT, principal, session, { durable })
  }
  return { state, clock, store, create, pass: (ms: number) => (nowMs += ms) }
}

describe.each([
  ['of STS', true],
  ['of a service', false],
])('a session %s', (_, durable) => {
  test('is found by its key, each time as the same object', () => {
    const { store, create } = setUp()
    const { accessKeyId, sessionToken, secretAccessKey } = create(durable)
    const found = store.find(accessKeyId)
    expect(found).toMatchObject({ accessKeyId, sessionToken, secretAccessKey, account: ACCOUNT, principal })
    expect(store.find(accessKeyId)).toBe(found)
    expect(sessionToken.length).toBeGreaterThanOrEqual(100)
    expect(accountOfId(accessKeyId)).toBe(ACCOUNT)
  })

  test('is known for a while after it expired, then forgotten', () => {
    const { store, create, pass } = setUp()
    const { accessKeyId } = create(durable)
    pass(2 * HOUR_MS)
    create(durable)
    expect(store.find(accessKeyId)).toBeDefined()
    pass(24 * HOUR_MS)
    create(durable)
    expect(store.find(accessKeyId)).toBeUndefined()
  })
})

test('sessions of STS are part of the state, sessions of services are not', () => {
  const { state, clock, create } = setUp()
  const durable = create(true)
  const inMemory = create(false)
  const restarted = new SessionStore({ state, clock, ids: randomIds })
  expect(restarted.find(durable.accessKeyId)).toBeDefined()
  expect(restarted.find(inMemory.accessKeyId)).toBeUndefined()
})
