/** Requests to a function URL, explained: by nobody known, and by a caller who signs. */
import { CreateFunctionUrlConfigCommand, UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { send, sign } from '../../sdk/authentication/wire.ts'
import type { TestCredentials } from '../../sdk/cloud.ts'
import { CALLEE_ARN } from '../../system/deployments.ts'
import { createStage, expectTranscript, neededCommands, runWithSdk, type Stage } from './stage.ts'

const CALLEE = { FunctionName: 'callee', Qualifier: 'prod' } as const

describe('isthmus explain, of a request to a function URL', () => {
  let stage: Stage
  let url: URL

  beforeAll(async () => {
    stage = await createStage()
  })
  beforeEach(async () => {
    await stage.reset()
    const created = await stage.clients.target.lambda.send(
      new CreateFunctionUrlConfigCommand({ ...CALLEE, AuthType: 'NONE' }),
    )
    url = new URL(created.FunctionUrl ?? '')
  })
  afterAll(async () => {
    await stage.close()
  })

  async function request(keys?: TestCredentials): Promise<{ readonly status: number; readonly requestId: string }> {
    const draft = { method: 'GET', path: url.pathname, headers: { host: url.host }, body: '' }
    const signing = keys && { keys, service: 'lambda', atMs: Date.now() }
    const { status, headers } = await send(url.origin, signing ? sign(draft, signing) : draft)
    return { status, requestId: String(headers['x-amzn-requestid']) }
  }

  it('names both grants that everyone needs, and they make the request work', async () => {
    const refused = await request()
    expect(refused.status).toBe(403)
    await expectTranscript('url-refused', [refused.requestId], await stage.explain(refused.requestId))
    const explanation = await stage.explanation(refused.requestId)
    expect(explanation).toMatchObject({ verdict: 'denied', call: { caller: 'anonymous' }, unread: [] })
    expect(explanation.blockers.map(({ layer, outcome }) => `${layer} ${outcome}`)).toEqual(['resource implicit_deny'])
    expect(explanation.facts.map(({ id }) => id)).toEqual(['function-url'])

    const [first, second, ...others] = neededCommands(explanation)
    if (!first || !second) throw new Error('two commands were expected')
    expect(others).toEqual([])
    await runWithSdk(first, stage)
    const halfway = await request()
    expect(halfway.status).toBe(403)
    expect(neededCommands(await stage.explanation(halfway.requestId))).toEqual([second])

    await runWithSdk(second, stage)
    const answered = await request()
    expect(answered.status).toBe(200)
    await expectTranscript('url-answered', [answered.requestId], await stage.explain(answered.requestId))
    expect(await stage.explanation(answered.requestId)).toMatchObject({ verdict: 'allowed', blockers: [], fixes: [] })
  })

  it('is told also of a caller who is only described', async () => {
    const asked = ['--principal', 'anonymous', '--action', 'lambda:InvokeFunctionUrl', '--resource', CALLEE_ARN]
    const closed = await stage.explanation(...asked, '--context', 'lambda:FunctionUrlAuthType=NONE')
    expect(closed.verdict).toBe('denied')
    for (const command of neededCommands(closed)) await runWithSdk(command, stage)
    expect((await stage.explanation(...asked)).verdict).toBe('undecided')
    expect((await stage.explanation(...asked, '--context', 'lambda:FunctionUrlAuthType=NONE')).verdict).toBe('allowed')
    expect((await stage.explanation(...asked, '--context', 'lambda:FunctionUrlAuthType=AWS_IAM')).verdict).toBe(
      'denied',
    )
  })

  it('names the one grant that a caller lacks who signs and may invoke the function', async () => {
    const { lambda } = stage.clients.target
    await lambda.send(new UpdateFunctionUrlConfigCommand({ ...CALLEE, AuthType: 'AWS_IAM' }))
    const keys = await stage.callerKeys()
    const refused = await request(keys)
    expect(refused.status).toBe(403)
    const explanation = await stage.explanation(refused.requestId)
    expect(explanation.blockers.map(({ layer, outcome }) => `${layer} ${outcome}`)).toEqual(['resource implicit_deny'])
    const commands = neededCommands(explanation)
    expect(commands).toHaveLength(1)
    expect(commands[0]?.argv.slice(-2)).toEqual(['--function-url-auth-type', 'AWS_IAM'])
    for (const command of commands) await runWithSdk(command, stage)
    expect((await request(keys)).status).toBe(200)
  })
})
