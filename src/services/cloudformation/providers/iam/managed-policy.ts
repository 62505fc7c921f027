/** AWS::IAM::ManagedPolicy. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
import { formatArn } from '../../../../core/arn.ts'
import { unlessMissing } from '../handler-error.ts'
import { droppedTargets, policyTargets } from './policy-targets.ts'
import { document, list, object, string } from '../property-schema.ts'
import { documentOf, textOf } from '../property-values.ts'
import type { CallService, ResourceProvider } from '../provider.ts'

const POLICY_NAME_LENGTH_MAX = 128

/** IAM keeps this many versions of a policy; the oldest that is not the default makes room. */
const POLICY_VERSIONS_MAX = 5

export const managedPolicy: ResourceProvider = {
  type: 'AWS::IAM::ManagedPolicy',
  schema: object(
    {
      Description: string,
      Groups: list(string),
      ManagedPolicyName: string,
      Path: string,
      PolicyDocument: document,
      Roles: list(string),
      Users: list(string),
    },
    ['PolicyDocument'],
  ),
  replacedBy: new Set(['ManagedPolicyName', 'Description', 'Path']),
  nameProperty: 'ManagedPolicyName',
  attributes: ['PolicyArn', 'PolicyId'],
  taggable: false,

  async create(properties, { account, call, generateName }, initiated) {
    const path = textOf(properties, 'Path') ?? '/'
    const toArn = (name: string) => formatArn({ service: 'iam', region: '', account, resource: `policy${path}${name}` })
    const { Policy: created } = await call('iam', 'CreatePolicy', {
      PolicyName: textOf(properties, 'ManagedPolicyName') ?? generateName(POLICY_NAME_LENGTH_MAX, toArn),
      PolicyDocument: documentOf(properties, 'PolicyDocument') ?? '',
      Path: textOf(properties, 'Path'),
      Description: textOf(properties, 'Description'),
    })
    const physicalId = created?.Arn ?? ''
    initiated(physicalId)
    for (const holder of policyTargets(properties, call).values()) await holder.attach(physicalId)
    return { physicalId, attributes: { PolicyArn: physicalId, PolicyId: created?.PolicyId ?? '' } }
  },

  async update(next, previous, resource, { call }) {
    const PolicyArn = resource.physicalId
    const PolicyDocument = documentOf(next, 'PolicyDocument') ?? ''
    if (PolicyDocument !== documentOf(previous.properties, 'PolicyDocument')) {
      await makeRoomForVersion(PolicyArn, call)
      await call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true })
    }
    const before = policyTargets(previous.properties, call)
    const after = policyTargets(next, call)
    for (const holder of droppedTargets(after, before)) await holder.attach(PolicyArn)
    for (const holder of droppedTargets(before, after)) await unlessMissing(holder.detach(PolicyArn))
    return resource
  },

  async delete(properties, { physicalId: PolicyArn }, { call }) {
    for (const holder of policyTargets(properties, call).values()) await unlessMissing(holder.detach(PolicyArn))
    await unlessMissing(deleteVersions(PolicyArn, call))
    await unlessMissing(call('iam', 'DeletePolicy', { PolicyArn }))
  },
}

async function makeRoomForVersion(PolicyArn: string, call: CallService): Promise<void> {
  const { Versions: versions = [] } = await call('iam', 'ListPolicyVersions', { PolicyArn })
  if (versions.length < POLICY_VERSIONS_MAX) return
  const oldest = versions
    .filter(({ IsDefaultVersion }) => !IsDefaultVersion)
    .sort((a, b) => versionNumber(a.VersionId) - versionNumber(b.VersionId))[0]
  if (oldest?.VersionId) await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: oldest.VersionId })
}

async function deleteVersions(PolicyArn: string, call: CallService): Promise<void> {
  const { Versions: versions = [] } = await call('iam', 'ListPolicyVersions', { PolicyArn })
  for (const { VersionId, IsDefaultVersion } of versions) {
    if (!IsDefaultVersion && VersionId) await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId })
  }
}

function versionNumber(versionId: string | undefined): number {
  return Number(versionId?.slice(1) ?? 0)
}
