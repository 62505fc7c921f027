/** How asynchronous invocations are configured, and what an invocation itself is refused for. */
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'

import { ARN } from '../world.ts'
import type { Cases } from './case.ts'

const ON_SUCCESS = (Destination: string) =>
  new PutFunctionEventInvokeConfigCommand({
    FunctionName: 'fn',
    DestinationConfig: { OnSuccess: { Destination } },
  })
const get = (FunctionName: string, Qualifier?: string) =>
  new GetFunctionEventInvokeConfigCommand({ FunctionName, ...(Qualifier !== undefined && { Qualifier }) })
const update = (FunctionName: string) =>
  new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 })
const values = { '<function-name:1>': 'fn' }

export const eventConfigs: Cases = {
  'event-config-empty': {
    calls: [
      new PutFunctionEventInvokeConfigCommand({ FunctionName: 'doesnotexist' }),
      new PutFunctionEventInvokeConfigCommand({ FunctionName: 'fn' }),
    ],
  },
  'event-config-none': {
    values,
    calls: [new DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'fn' }), update(ARN('fn')), get('fn')],
  },
  'event-config-none-published': { values, calls: [get('fn', '1')] },
  'event-config-none-of-version': { values: { '<fn-name>': 'fn' }, calls: [get('fn', '1221')] },
  'event-config-none-of-qualifier': { values, calls: [get('fn', 'doesnotexist')] },
  'event-config-none-of-alias': {
    values,
    calls: [get(ARN('fn', 'eventinvokealias')), update(ARN('fn', 'eventinvokealias'))],
  },
  'destination-no-function': { calls: [ON_SUCCESS(ARN('doesnotexist'))] },
  'destination-itself': { calls: [ON_SUCCESS(ARN('fn'))] },
  'destination-of-no-service': { values, calls: [ON_SUCCESS(ARN('fn').replace(':lambda:', ':iam:'))] },
  'destination-malformed': {
    values,
    calls: [
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'fn',
        DestinationConfig: { OnFailure: { Destination: ARN('fn').replace(':lambda:', ':_-/!lambda:') } },
      }),
    ],
  },
  'payload-not-utf8': { calls: invocations('n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt') },
  'payload-not-json': { calls: invocations('\x99\xeb,j\x07\xa1zYh') },
  throttled: {
    calls: [
      new InvokeCommand({ FunctionName: 'stopped' }),
      new InvokeCommand({ FunctionName: 'stopped', Qualifier: '$LATEST' }),
    ],
  },
}

function invocations(latin1: string): readonly object[] {
  const Payload = Buffer.from(latin1, 'latin1')
  return (['RequestResponse', 'Event'] as const).map(
    (InvocationType) => new InvokeCommand({ FunctionName: 'fn', InvocationType, Payload }),
  )
}
