/**
 * AddLayerVersionPermission, RemoveLayerVersionPermission, GetLayerVersionPolicy: which other accounts may use a layer version.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import { bindPrincipals } from '../../principal-ids.ts'
import { invalidParameter } from '../errors.ts'
import { requireRevision, withoutStatement, withStatement } from '../policies/policy-statements.ts'
import { policyText, statementFrom } from '../policies/resource-policy.ts'
import type { LambdaOperations, LambdaService } from '../service.ts'
import { layerArn, layerVersionTarget, type LayerVersionTarget } from './layer-name.ts'
import type { LayerVersionRecord } from './layer-store.ts'
import { findVersion, versionPermissions, type NamedVersion } from './layers.ts'

export const layerPermissions: LambdaOperations = {
  AddLayerVersionPermission: {
    permissions: (input, caller, lambda) => versionPermissions('AddLayerVersionPermission', input, caller, lambda),
    handle(input, caller, lambda) {
      const { target, record } = existing(input, caller, lambda)
      const document = statementFrom({
        sid: input.StatementId,
        action: input.Action,
        principal: principalOf(input.Principal),
        resource: layerArn(target),
        principalOrgId: input.OrganizationId,
      })
      if (!document) {
        throw invalidParameter('The provided principal was invalid. Please check the principal and try again.')
      }
      const { bindings } = bindPrincipals({ Statement: [document] }, lambda.identities)
      requireRevision(input.RevisionId, record.policy, 'GetLayerPolicy')
      const policy = withStatement(record.policy, { sid: input.StatementId, document, bindings }, lambda)
      lambda.layers.put(target, { ...record, policy })
      return { Statement: JSON.stringify(document), RevisionId: policy.revisionId }
    },
  },

  RemoveLayerVersionPermission: {
    permissions: (input, caller, lambda) => versionPermissions('RemoveLayerVersionPermission', input, caller, lambda),
    handle(input, caller, lambda) {
      const { target, record } = existing(input, caller, lambda)
      const { policy, ...rest } = record
      requireRevision(input.RevisionId, policy, 'GetLayerPolicy')
      const left = withoutStatement(policy, input.StatementId, lambda)
      lambda.layers.put(target, { ...rest, ...(left && { policy: left }) })
      return {}
    },
  },

  GetLayerVersionPolicy: {
    permissions: (input, caller, lambda) => versionPermissions('GetLayerVersionPolicy', input, caller, lambda),
    handle(input, caller, lambda) {
      const { policy } = existing(input, caller, lambda).record
      if (!policy) {
        throw new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.')
      }
      return { Policy: policyText(policy, lambda.identities), RevisionId: policy.revisionId }
    },
  },
}

function existing(
  input: NamedVersion,
  caller: Caller,
  lambda: LambdaService,
): { readonly target: LayerVersionTarget; readonly record: LayerVersionRecord } {
  const target = layerVersionTarget(caller, input.LayerName, input.VersionNumber)
  const record = findVersion(target, caller, lambda)
  if (!record) {
    throw new AwsError('ResourceNotFoundException', `Layer version ${layerArn(target)} does not exist.`)
  }
  return { target, record }
}

/** The API takes a whole account, as its number or as its root, or everyone. */
function principalOf(principal: string): string {
  return /^arn:aws[a-zA-Z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal
}
