/** Recorded errors that no call here is answered with, and why. */
import { CreateFunctionCommand, type CreateFunctionCommandInput } from '@aws-sdk/client-lambda'

import type { Outside } from '../../recorded-error.ts'
import type { RecordingName } from './recordings.ts'
import { ROLE } from './world.ts'

const MAPPINGS: Outside = { notImplemented: ['CreateEventSourceMapping', 'UpdateEventSourceMapping'] }
const CODE_SIGNING: Outside = {
  notImplemented: ['PutFunctionCodeSigningConfig', 'GetCodeSigningConfig', 'ListFunctionsByCodeSigningConfig'],
}
const create = (input: Partial<CreateFunctionCommandInput>) =>
  new CreateFunctionCommand({
    FunctionName: 'new',
    Role: ROLE,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: {},
    ...input,
  })
const FROM_S3: Outside = {
  refused: 'Code.S3Bucket of CreateFunction',
  by: create({ Code: { S3Bucket: 'bucket', S3Key: 'key' } }),
}

export const outside: Readonly<Partial<Record<RecordingName, Outside>>> = {
  'no-security-group': { test: 'test/sdk/lambda/vpc.test.ts' },
  // 50 MB once is enough.
  'zip-too-large': { test: 'test/sdk/lambda/create-function.test.ts' },

  'code-no-bucket': FROM_S3,
  'code-no-key': FROM_S3,
  'zip-of-image': { refused: 'PackageType Image of CreateFunction', by: create({ PackageType: 'Image' }) },

  'code-signing-put-none': CODE_SIGNING,
  'code-signing-none': CODE_SIGNING,

  'mapping-without-start': MAPPINGS,
  'mapping-no-queue': MAPPINGS,
  'mapping-no-function': MAPPINGS,
  'mapping-filter': MAPPINGS,
  'mapping-batch-window': MAPPINGS,
  'mapping-no-source-access': MAPPINGS,
  'mapping-no-table-stream': MAPPINGS,
  'mapping-no-stream': MAPPINGS,
  'mapping-unrecognized': MAPPINGS,
  'mapping-destination': MAPPINGS,
  'mapping-start-unsupported': MAPPINGS,
  'mapping-start-unknown': MAPPINGS,
  'mapping-queue-twice': MAPPINGS,
  'mapping-kafka-twice': MAPPINGS,
  'mapping-kafka-list-twice': MAPPINGS,
  'mapping-table-stream-twice': MAPPINGS,
  'mapping-stream-twice': MAPPINGS,
}
