/** Resource-based policies. */
import {
  AddPermissionCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
  type AddPermissionCommandInput,
} from '@aws-sdk/client-lambda'

import { ACCOUNT } from '../world.ts'
import type { Cases } from './case.ts'

const add = (input: Partial<AddPermissionCommandInput>) =>
  new AddPermissionCommand({
    FunctionName: 'fn',
    StatementId: 'new',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    ...input,
  })
const remove = (FunctionName: string, StatementId: string, RevisionId?: string) =>
  new RemovePermissionCommand({ FunctionName, StatementId, ...(RevisionId !== undefined && { RevisionId }) })
const values = { '<function-name>': 'fn' }

export const permissions: Cases = {
  'statement-id-malformed': { calls: [add({ StatementId: 'example.com' })] },
  'statement-exists': { calls: [add({ StatementId: 's3' })] },
  'principal-invalid': { calls: [add({ Principal: 'invalid.nonaws.com', SourceAccount: ACCOUNT })] },
  'policy-of-latest': { calls: [add({ FunctionName: 'fn:$LATEST', Qualifier: '$LATEST' })] },
  'two-qualifiers': { calls: [add({ FunctionName: 'fn:alias-not-42', Qualifier: '42' })] },
  'qualifier-malformed': { calls: [add({ Qualifier: 'invalid-qualifier-with-?-char' })] },
  'policy-no-such-qualifier': { values, calls: [add({ Qualifier: 'valid-with-$-but-doesnotexist' })] },
  'policy-no-version': { values, calls: [add({ Qualifier: '42' }), add({ FunctionName: 'fn:42' })] },
  'policy-no-alias': {
    values,
    calls: [
      add({ FunctionName: 'fn:alias-doesnotexist' }),
      new GetPolicyCommand({ FunctionName: 'fn', Qualifier: 'alias-doesnotexist' }),
      remove('fn:alias-doesnotexist', 's3'),
    ],
  },
  'function-named-none': { calls: [add({ FunctionName: 'doesnotexist' })] },
  'remove-permission-no-function': { calls: [remove('doesnotexist', 's3')] },
  'remove-permission-no-policy': { calls: [remove('bare', 's3'), remove('fn:custom', 's3')] },
  'remove-permission-no-statement': { calls: [remove('fn', 'non-existent')] },
  'revision-of-policy': { calls: [add({ RevisionId: 'wrong' }), remove('fn', 's3', 'wrong')] },
}
