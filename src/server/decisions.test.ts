/** The ring of recent requests. */
import { expect, test } from 'vitest'
import { parseAccountId } from '../core/account.ts'
import { parseRegion } from '../core/region.ts'
import { createDecisionLog, type RecordedRequest } from './decisions.ts'

function request(requestId: string, operation = 'Invoke'): RecordedRequest {
  const account = parseAccountId('111122223333')
  const caller = { principal: { kind: 'anonymous' }, account, region: parseRegion('us-east-1'), requestId } as const
  return { requestId, timeMs: 0, service: 'lambda', operation, caller, checked: [] }
}

test('a full log forgets its oldest request for each new one', () => {
  const log = createDecisionLog(2)
  for (const id of ['a', 'b', 'c', 'd', 'e']) log.record(request(id))
  expect(['a', 'b', 'c', 'd', 'e'].filter((id) => log.find(id) !== undefined)).toEqual(['d', 'e'])
})

test('a request id that is recorded again answers its newest record and takes no second place', () => {
  const log = createDecisionLog(2)
  log.record(request('a', 'AssumeRole'))
  log.record(request('a', 'Invoke'))
  log.record(request('b'))
  expect(log.find('a')?.operation).toBe('Invoke')
  expect(log.find('b')).toBeDefined()
})
