/** Making and changing functions. */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda'

import { ROLE } from '../world.ts'
import { code, type Cases } from './case.ts'

const create = (input: Partial<CreateFunctionCommandInput>) =>
  new CreateFunctionCommand({
    FunctionName: 'new',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile: code },
    ...input,
  })
const configure = (input: Partial<CreateFunctionCommandInput>) =>
  new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', ...input })
/** Both operations say the same of a setting. */
const both = (input: Partial<CreateFunctionCommandInput>) => [create(input), configure(input)]
const runtime = (name: string) => both({ Runtime: name as 'nodejs22.x' })
const variables = (Variables: Record<string, string>) => both({ Environment: { Variables } })

const LARGE = 'x'.repeat(4096)
const NOBODY = `arn:aws:lambda:us-east-1:111122223333:function:nobodys`
const RUNTIMES: Cases = {
  'runtime-dotnetcore31': { calls: runtime('dotnetcore3.1') },
  'runtime-go1x': { calls: runtime('go1.x') },
  'runtime-java8': { calls: runtime('java8') },
  'runtime-nodejs12': { calls: runtime('nodejs12.x') },
  'runtime-nodejs14': { calls: runtime('nodejs14.x') },
  'runtime-provided': { calls: runtime('provided') },
  'runtime-python37': { calls: runtime('python3.7') },
  'runtime-ruby27': { calls: runtime('ruby2.7') },
  'runtime-unknown': { calls: runtime('non-existent-runtime') },
  'runtime-wrong-case': { calls: runtime('PYTHON3.9') },
}

export const functions: Cases = {
  ...RUNTIMES,
  'create-name-too-long': {
    values: { '<name of 65 characters>': 'a'.repeat(65) },
    calls: [create({ FunctionName: 'a'.repeat(65) })],
  },
  'create-arn-too-long': {
    values: { '<function-name>': 'a'.repeat(100) },
    calls: [create({ FunctionName: `arn:aws:lambda:us-east-1:444455556666:function:${'a'.repeat(100)}` })],
  },
  'create-name-malformed': { calls: [create({ FunctionName: 'invalid:function:name' })] },
  'create-in-other-account': { calls: [create({ FunctionName: NOBODY })] },
  'create-other-region': {
    calls: [create({ FunctionName: 'arn:aws:lambda:ap-southeast-1:444455556666:function:new' })],
  },
  'role-malformed': { calls: both({ Role: 'r1' }) },
  'architecture-unknown': { calls: [create({ Architectures: ['X86_64' as 'x86_64'] })] },
  'architectures-two': { calls: [create({ Architectures: ['x86_64', 'arm64'] })] },
  'snap-start-unknown': { calls: both({ SnapStart: { ApplyOn: 'invalidOption' as 'None' } }) },
  'environment-too-large': {
    values: { '<4096 characters>': LARGE },
    calls: variables({ LARGE_VAR: LARGE }),
  },
  'environment-too-large-in-all': {
    values: { '<4096 characters>': LARGE },
    calls: variables({ SMALL_VAR: 'ok', LARGE_VAR: LARGE }),
  },
  'no-subnet': {
    values: { '<subnet_id_1>': 'subnet-12345678' },
    calls: both({ VpcConfig: { SubnetIds: ['subnet-12345678'], SecurityGroupIds: ['sg-12345678'] } }),
  },
  'subnet-malformed': {
    values: { '<subnet_id_2>': 'bad-subnet' },
    calls: both({ VpcConfig: { SubnetIds: ['bad-subnet'], SecurityGroupIds: ['sg-12345678'] } }),
  },
  'security-group-malformed': {
    values: { '<security_group_id_2>': 'bad-sg' },
    calls: both({ VpcConfig: { SubnetIds: ['subnet-12345678'], SecurityGroupIds: ['bad-sg'] } }),
  },
  'unreadable-zip': {
    calls: [
      create({ Code: { ZipFile: Buffer.from('this is not a zipfile, just a random string') } }),
      new UpdateFunctionCodeCommand({ FunctionName: 'fn', ZipFile: Buffer.from('this is not a zipfile') }),
    ],
  },
  'unzipped-too-large': {
    calls: [
      create({ Code: { ZipFile: claimingMegabytes(300) } }),
      new UpdateFunctionCodeCommand({ FunctionName: 'fn', ZipFile: claimingMegabytes(300) }),
    ],
  },
  'request-too-large': { calls: [create({ Code: { ZipFile: Buffer.alloc(52_625_409) } })] },
  'image-uri-of-zip': { calls: [new UpdateFunctionCodeCommand({ FunctionName: 'fn', ImageUri: 'image' })] },
  'delete-latest': {
    calls: [
      new DeleteFunctionCommand({ FunctionName: 'fn:$LATEST' }),
      new DeleteFunctionCommand({ FunctionName: 'fn', Qualifier: '$LATEST' }),
    ],
  },
  'list-version-unknown': { calls: [new ListFunctionsCommand({ FunctionVersion: 'invalid' as 'ALL' })] },
  'update-in-progress': {
    values: { '<function-name:1>': 'busy' },
    calls: [
      new UpdateFunctionCodeCommand({ FunctionName: 'busy', ZipFile: code }),
      new UpdateFunctionConfigurationCommand({ FunctionName: 'busy', Description: 'again' }),
      new PublishVersionCommand({ FunctionName: 'busy' }),
    ],
  },
  'revision-of-function': {
    calls: [
      new UpdateFunctionCodeCommand({ FunctionName: 'fn', ZipFile: code, RevisionId: 'wrong' }),
      new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', Description: 'x', RevisionId: 'wrong' }),
      new PublishVersionCommand({ FunctionName: 'fn', RevisionId: 'wrong' }),
      new UpdateAliasCommand({ FunctionName: 'fn', Name: 'custom', RevisionId: 'wrong' }),
    ],
  },
}

/** An archive that says of an entry that it is so large; nothing has to be unpacked to find that out. */
function claimingMegabytes(megabytes: number): Buffer {
  const claim = Buffer.from(code)
  const sizeOfEntry = claim.lastIndexOf('index.js') - 46 + 24
  claim.writeUInt32LE(megabytes * 1024 * 1024, sizeOfEntry)
  return claim
}
