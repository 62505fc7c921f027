/** What a name and a qualifier lead to, or do not. */
import {
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListVersionsByFunctionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
} from '@aws-sdk/client-lambda'

import { ARN } from '../world.ts'
import type { Cases } from './case.ts'

/** Operations on one qualifier of a function. */
const qualified = (FunctionName: string, Qualifier: string) => [
  new DeleteFunctionCommand({ FunctionName, Qualifier }),
  new GetFunctionCommand({ FunctionName, Qualifier }),
  new GetFunctionConfigurationCommand({ FunctionName, Qualifier }),
]
const eventConfig = (FunctionName: string, Qualifier: string) =>
  new PutFunctionEventInvokeConfigCommand({ FunctionName, Qualifier, MaximumRetryAttempts: 1 })
const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions })

const NONE = 'i-dont-exist'
const ELSEWHERE = 'arn:aws:lambda:eu-central-1:444455556666:function:fn'
const OTHER_REGION = { FunctionName: ELSEWHERE }

export const names: Cases = {
  'two-qualifiers': {
    calls: [
      ...qualified(ARN('some-function', '1'), '$LATEST'),
      eventConfig(ARN('fn', 'eventinvokealias'), 'another'),
      eventConfig('fn:eventinvokealias', 'another'),
      eventConfig('fn:1', '$LATEST'),
      eventConfig('fn:$LATEST', '1'),
      eventConfig('fn:1', 'eventinvokealias'),
    ],
  },
  'get-no-function-latest': {
    calls: [
      new GetFunctionCommand({ FunctionName: ARN('some-function', '$LATEST'), Qualifier: '$LATEST' }),
      new GetFunctionConfigurationCommand({ FunctionName: ARN('some-function', '$LATEST'), Qualifier: '$LATEST' }),
    ],
  },
  'get-no-version': {
    values: { '<fn-name>': 'fn' },
    calls: [
      new GetFunctionCommand({ FunctionName: 'fn', Qualifier: '1221' }),
      new GetFunctionConfigurationCommand({ FunctionName: 'fn', Qualifier: '1221' }),
    ],
  },
  'get-no-alias': {
    values: { '<function-name:1>': 'fn' },
    calls: [
      new GetFunctionCommand({ FunctionName: 'fn', Qualifier: 'aliasdoesnotexist' }),
      new GetFunctionCommand({ FunctionName: ARN('fn', 'aliasdoesnotexist') }),
    ],
  },
  'invoke-no-alias': {
    values: { '<function-name:1>': 'fn' },
    calls: [new InvokeCommand({ FunctionName: 'fn', Qualifier: 'non-existent-alias' })],
  },
  'delete-deleted': {
    values: { '<fn-name>': 'deleted' },
    calls: [
      new DeleteFunctionCommand({ FunctionName: 'deleted' }),
      new DeleteFunctionCommand({ FunctionName: 'deleted', Qualifier: '1233' }),
    ],
  },
  'delete-after-delete': {
    values: { '<function-name:1>': 'deleted' },
    calls: [
      new DeleteFunctionCommand({ FunctionName: 'deleted' }),
      new GetFunctionCommand({ FunctionName: 'deleted' }),
    ],
  },
  'no-function': {
    values: { '<nonexisting-fn-name>': NONE },
    calls: [
      new DeleteFunctionCommand({ FunctionName: NONE }),
      new GetFunctionCommand({ FunctionName: NONE }),
      new GetFunctionConfigurationCommand({ FunctionName: NONE }),
      new GetFunctionCodeSigningConfigCommand({ FunctionName: NONE }),
      new GetFunctionConcurrencyCommand({ FunctionName: NONE }),
    ],
  },
  'function-named-none': {
    calls: [
      reserve('doesnotexist', 1),
      reserve('doesnotexist', 0),
      new ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'doesnotexist' }),
      new ListAliasesCommand({ FunctionName: 'doesnotexist' }),
      new ListVersionsByFunctionCommand({ FunctionName: 'doesnotexist' }),
    ],
  },
  'code-signing-no-function': {
    calls: [new GetFunctionCodeSigningConfigCommand({ FunctionName: 'csc-test-doesnotexist' })],
  },
  'invoke-no-function': {
    calls: [
      new InvokeCommand({ FunctionName: 'doesnotexist' }),
      new InvokeCommand({ FunctionName: 'doesnotexist', InvocationType: 'Event' }),
      new InvokeCommand({ FunctionName: 'doesnotexist', InvocationType: 'DryRun' }),
    ],
  },
  'invoke-name-malformed': {
    calls: [new InvokeCommand({ FunctionName: 'arn:aws:lambda:us-east-1:123400000000@function:myfn' })],
  },
  'other-region': {
    values: { '<wrong-region>': 'eu-central-1' },
    calls: [
      new GetFunctionCommand(OTHER_REGION),
      new GetFunctionConfigurationCommand(OTHER_REGION),
      new GetFunctionCodeSigningConfigCommand(OTHER_REGION),
      new GetFunctionEventInvokeConfigCommand(OTHER_REGION),
      new GetFunctionConcurrencyCommand(OTHER_REGION),
      new DeleteFunctionCommand(OTHER_REGION),
      new InvokeCommand(OTHER_REGION),
    ],
  },
  'unqualified-only': { calls: [reserve(ARN('fn', '$LATEST'), 0), reserve('fn:1', 1)] },
  'requested-resource-none': {
    calls: [new GetPolicyCommand({ FunctionName: 'doesnotexist' }), new GetPolicyCommand({ FunctionName: 'bare' })],
  },
  'recursion-unknown': {
    calls: [new PutFunctionRecursionConfigCommand({ FunctionName: 'fn', RecursiveLoop: 'InvalidValue' as 'Allow' })],
  },
  'event-config-put-no-function': {
    calls: [
      new PutFunctionEventInvokeConfigCommand({ FunctionName: 'doesnotexist', MaximumRetryAttempts: 1 }),
      new PutFunctionEventInvokeConfigCommand({ FunctionName: ARN('doesnotexist'), MaximumRetryAttempts: 1 }),
      eventConfig('fn', 'eventinvokealiasdoesnotexist'),
      new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'doesnotexist' }),
    ],
  },
  'event-config-no-function': {
    values: { '<nonexisting-fn-name>': NONE },
    calls: [new GetFunctionEventInvokeConfigCommand({ FunctionName: NONE })],
  },
  'event-config-function-named-none': {
    calls: [
      new DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'doesnotexist' }),
      new GetFunctionEventInvokeConfigCommand({ FunctionName: 'doesnotexist' }),
    ],
  },
}
