/** The assignment of a blank runtime carries a function's credentials, so only that runtime may ask for it. */
import { expect, it } from 'vitest'

import { listenForRuntime } from './server.ts'
import { Session } from './session.ts'

it('is given only to whoever knows the key of the blank runtime', async () => {
  const session = new Session('Blank')
  const api = await listenForRuntime(session)
  try {
    for (const path of ['/isthmus/assignment', '/isthmus/assignment/', `/isthmus/assignment/${'0'.repeat(32)}`]) {
      expect((await fetch(`http://${api.address}${path}`)).status).toBe(404)
    }
    expect(session.isWaiting).toBe(false)
    expect(new Session('Blank').assignmentKey).not.toBe(session.assignmentKey)
  } finally {
    api.close()
  }
})
