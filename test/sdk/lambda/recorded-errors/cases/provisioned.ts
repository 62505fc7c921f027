/** Provisioned and reserved concurrency. */
import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
} from '@aws-sdk/client-lambda'

import { UNRESERVED } from '../world.ts'
import type { Cases } from './case.ts'

const put = (FunctionName: string, Qualifier: string, ProvisionedConcurrentExecutions = 1) =>
  new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions })
const get = (FunctionName: string, Qualifier: string) =>
  new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier })
const end = (FunctionName: string, Qualifier: string) =>
  new DeleteProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier })
const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions })
const values = { '<function-name:1>': 'fn' }

export const provisioned: Cases = {
  'provisioned-none': { calls: [get('fn', '1'), get('fn', 'custom')] },
  'provisioned-no-function-alias': { calls: [get('doesnotexist', 'noalias'), put('doesnotexist', 'noalias')] },
  'provisioned-no-function-version': { calls: [end('doesnotexist', '1'), put('doesnotexist', '1')] },
  'provisioned-no-alias': { values, calls: [get('fn', 'noalias'), end('fn', 'noalias')] },
  'provisioned-put-no-alias': { values, calls: [put('fn', 'doesnotexist')] },
  'provisioned-alias-deleted': {
    values: { '<function-name:1>': 'provisioned', '<alias-name>': 'gone' },
    calls: [get('provisioned', 'gone')],
  },
  'alias-create-no-version': { values, calls: [get('fn', '10'), end('fn', '10'), put('fn', '10')] },
  'provisioned-latest': { calls: [get('fn', '$LATEST'), end('fn', '$LATEST')] },
  'provisioned-put-latest': { calls: [put('fn', '$LATEST')] },
  'provisioned-zero': { calls: [put('fn', '1', 0)] },
  'provisioned-above-unreserved': {
    values: { '<unreserved_concurrency>': String(UNRESERVED) },
    calls: [put('fn', '1', UNRESERVED + 1), put('fn', '1', 1001)],
  },
  'provisioned-leaves-too-little': {
    values: { '<min_unreserved_concurrency>': '100' },
    calls: [put('fn', '1', UNRESERVED)],
  },
  'provisioned-above-reserved': { calls: [put('reserved', '1', 2)] },
  'provisioned-alias-on-version': { calls: [put('provisioned', 'same')] },
  'provisioned-version-of-alias': { calls: [put('provisioned', '2')] },
  'reserved-below-provisioned': { calls: [reserve('provisioned', 1)] },
  'reserved-leaves-too-little': {
    values: { '<min_unreserved_concurrency>': '100' },
    calls: [reserve('fn', 1001), reserve('fn', 1000)],
  },
}
