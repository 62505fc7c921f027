/** Function URLs. */
import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda'

import type { Cases } from './case.ts'

const create = (FunctionName: string, input: { Qualifier?: string; InvokeMode?: 'BUFFERED' } = {}) =>
  new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...input })
/** What all four operations on a URL say of a qualifier. */
const qualified = (Qualifier: string) => [
  create('fn', { Qualifier }),
  new GetFunctionUrlConfigCommand({ FunctionName: 'fn', Qualifier }),
  new UpdateFunctionUrlConfigCommand({ FunctionName: 'fn', Qualifier, AuthType: 'NONE' }),
  new DeleteFunctionUrlConfigCommand({ FunctionName: 'fn', Qualifier }),
]
const InvokeMode = 'UNKNOWN' as 'BUFFERED'

export const urls: Cases = {
  'url-latest': { calls: qualified('$LATEST') },
  'url-version-1': { calls: qualified('1') },
  'url-version-2': { calls: qualified('2') },
  'url-invoke-mode': {
    calls: [create('fn', { InvokeMode }), new UpdateFunctionUrlConfigCommand({ FunctionName: 'fn', InvokeMode })],
  },
  'url-list-no-function': {
    calls: [
      new ListFunctionUrlConfigsCommand({ FunctionName: 'doesnotexist' }),
      create('doesnotexist'),
      create('fn', { Qualifier: 'doesnotexist' }),
    ],
  },
  'url-twice': { values: { '<resource:1>': 'fn' }, calls: [create('fn')] },
}
