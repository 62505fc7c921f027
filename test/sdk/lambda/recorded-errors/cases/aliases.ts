/** Aliases, and the versions behind them. */
import {
  CreateAliasCommand,
  GetAliasCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  type CreateAliasCommandInput,
} from '@aws-sdk/client-lambda'

import { codeSha256, type Cases } from './case.ts'

const create = (
  FunctionVersion: string,
  weights: Record<string, number>,
  input: Partial<CreateAliasCommandInput> = {},
) =>
  new CreateAliasCommand({
    FunctionName: 'fn',
    Name: 'new',
    FunctionVersion,
    RoutingConfig: { AdditionalVersionWeights: weights },
    ...input,
  })
const values = { '<function-name:1>': 'fn' }

export const aliases: Cases = {
  'alias-two-weights': { calls: [create('1', { '1': 0.8, '2': 0.2 })] },
  'alias-weight-above-one': { calls: [create('1', { '2': 2 })] },
  'alias-weight-negative': { calls: [create('1', { '2': -1 })] },
  'alias-weight-of-own-version': { calls: [create('1', { '1': 0.5 })] },
  'alias-weight-of-latest': { calls: [create('1', { $LATEST: 0.5 })] },
  'alias-latest-with-weights': { calls: [create('$LATEST', { '1': 0.5 })] },
  'alias-create-no-version': { values, calls: [create('10', { '2': 0.5 }), create('1', { '10': 0.5 })] },
  'alias-create-no-function': { values, calls: [create('1', { '2': 0.5 }, { FunctionName: 'fn-unknown' })] },
  'alias-exists': { values, calls: [create('1', { '2': 0.5 }, { Name: 'custom' })] },
  'alias-name-numeric': { calls: [create('1', {}, { Name: '2024' })] },
  'alias-get-none': { values, calls: [new GetAliasCommand({ FunctionName: 'fn', Name: 'non-existent' })] },
  'alias-update-none': {
    values,
    calls: [new UpdateAliasCommand({ FunctionName: 'fn', Name: 'non-existent', FunctionVersion: '1' })],
  },
  'publish-wrong-sha': {
    values: { '<code-sha256:1>': codeSha256 },
    calls: [new PublishVersionCommand({ FunctionName: 'fn', CodeSha256: 'somenonexistentsha256' })],
  },
  'publish-wrong-sha-of-image': {
    values: { '<code-sha256:1>': codeSha256, '<sha of another>': 'a'.repeat(64) },
    calls: [new PublishVersionCommand({ FunctionName: 'fn', CodeSha256: 'a'.repeat(64) })],
  },
}
