/** Layers: published, shared and given to functions. */
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionConfigurationCommand,
  type AddLayerVersionPermissionCommandInput,
} from '@aws-sdk/client-lambda'

import { LAYER, LAYERS, ROLE } from '../world.ts'
import { code, type Cases } from './case.ts'

/** What both operations say of the layers a function is given. */
const giving = (...Layers: string[]) => [
  new CreateFunctionCommand({
    FunctionName: 'new',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile: code },
    Layers,
  }),
  new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', Layers }),
]
const publish = (runtimes: readonly string[], architectures: readonly string[]) =>
  new PublishLayerVersionCommand({
    LayerName: 'new',
    Content: { ZipFile: code },
    CompatibleRuntimes: runtimes as 'nodejs22.x'[],
    CompatibleArchitectures: architectures as 'arm64'[],
  })
const share = (input: Partial<AddLayerVersionPermissionCommandInput> = {}) =>
  new AddLayerVersionPermissionCommand({
    LayerName: 'layer',
    VersionNumber: 1,
    StatementId: 'new',
    Action: 'lambda:GetLayerVersion',
    Principal: '*',
    ...input,
  })
const unshare = (
  StatementId: string,
  input: { LayerName?: string; VersionNumber?: number; RevisionId?: string } = {},
) => new RemoveLayerVersionPermissionCommand({ LayerName: 'layer', VersionNumber: 1, StatementId, ...input })
/** What all three operations on a policy say of a layer version. */
const policyOf = (LayerName: string, VersionNumber: number) => [
  share({ LayerName, VersionNumber }),
  new GetLayerVersionPolicyCommand({ LayerName, VersionNumber }),
  unshare('s1', { LayerName, VersionNumber }),
]
const RUNTIME = 'runtimedoesnotexist' as 'nodejs22.x'
const ARCHITECTURE = 'archdoesnotexist' as 'arm64'
const values = { '<resource:1>': 'layer' }

export const layers: Cases = {
  'layers-more-than-five': { calls: giving(...LAYERS) },
  'layer-no-version': { values, calls: giving(`${LAYER}:9`) },
  'layer-no-layer': { calls: giving(`${LAYER.replace(/layer$/, 'doesnotexist')}:1`) },
  'layer-other-region': { calls: giving(`${LAYER.replace('us-east-1', 'eu-central-1')}:1`) },
  'layer-twice': { values, calls: giving(`${LAYER}:1`, `${LAYER}:1`) },
  'layer-two-versions': {
    values,
    calls: [...giving(`${LAYER}:1`, `${LAYER}:2`), ...giving(`${LAYER}:1`, `${LAYER}:2`, `${LAYER}:3`)],
  },
  'layer-arn-unversioned': { values, calls: giving(LAYER) },
  'layer-by-arn-unversioned': { values, calls: [new GetLayerVersionByArnCommand({ Arn: LAYER })] },
  'layer-version-zero': {
    calls: [0, -1].flatMap((VersionNumber) => [
      new GetLayerVersionCommand({ LayerName: 'layer', VersionNumber }),
      new DeleteLayerVersionCommand({ LayerName: 'layer', VersionNumber }),
    ]),
  },
  'layer-runtime-unknown': {
    calls: [
      new ListLayersCommand({ CompatibleRuntime: RUNTIME }),
      new ListLayerVersionsCommand({ LayerName: 'layer', CompatibleRuntime: RUNTIME }),
    ],
  },
  'layer-architecture-unknown': {
    calls: [
      new ListLayersCommand({ CompatibleArchitecture: ARCHITECTURE }),
      new ListLayerVersionsCommand({ LayerName: 'layer', CompatibleArchitecture: ARCHITECTURE }),
    ],
  },
  'layer-runtimes-unknown': { calls: [publish(['invalidruntime'], ['invalidarch'])] },
  'layer-runtimes-some-unknown': {
    calls: [publish(['invalidruntime', 'invalidruntime2', 'nodejs20.x'], ['invalidarch', 'x86_64'])],
  },
  'layer-policy-action': { calls: [share({ Action: '*' })] },
  'layer-policy-no-layer': { values, calls: policyOf('layer-doesnotexist', 1) },
  'layer-policy-no-version': { values: { '<resource:1>': 'layer-1' }, calls: policyOf('layer-1', 2) },
  'layer-policy-no-statement': { calls: [unshare('doesnotexist')] },
  'layer-statement-exists': { calls: [share({ StatementId: 's1' })] },
  'revision-of-layer-policy': {
    calls: [share({ RevisionId: 'wrong' }), unshare('s1', { RevisionId: 'wrong' })],
  },
}
