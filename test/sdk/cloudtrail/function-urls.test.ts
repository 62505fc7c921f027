/** Requests to function URLs are data events: in the file of the function's account, without what was sent, and not in the event history. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS } from '../cloud.ts'
import { arnOf } from '../lambda/support.ts'
import { startUrlCloud, type UrlCloud } from '../lambda/url-cloud.ts'
import { lineWith } from './trail-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-trail-'))
let urls: UrlCloud

beforeAll(async () => {
  urls = await startUrlCloud(['open'], { stateDirectory: folder })
})
afterAll(async () => {
  await urls.cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

it('tell who called which function, and nothing of what was sent', async () => {
  const url = (await urls.create('open')).FunctionUrl ?? ''
  await urls.openToAll('open')
  const answer = await urls.call(url, {
    method: 'POST',
    path: '/path?token=in-the-query',
    headers: { authorization: 'Bearer in-a-header', 'user-agent': 'a test' },
    body: 'in the body',
  })
  const text = await lineWith(folder, 'target', answer.headers['x-amzn-requestid'] as string)
  expect(JSON.parse(text)).toMatchObject({
    eventName: 'InvokeFunctionUrl',
    userIdentity: { type: 'AWSAccount', accountId: 'ANONYMOUS_PRINCIPAL' },
    userAgent: 'a test',
    requestParameters: { functionName: arnOf('target', 'open') },
    responseElements: null,
    resources: [{ accountId: ACCOUNTS.target, type: 'AWS::Lambda::Function', ARN: arnOf('target', 'open') }],
    managementEvent: false,
    eventCategory: 'Data',
    recipientAccountId: ACCOUNTS.target,
  })
  expect(text).not.toMatch(/in-the-query|in-a-header|in the body/)
  const { Events = [] } = await urls.cloud.client(CloudTrailClient, 'target').send(new LookupEventsCommand({}))
  const names = Events.map(({ EventName }) => EventName)
  expect(names).toContain('CreateFunctionUrlConfig')
  expect(names).not.toContain('InvokeFunctionUrl')
})
