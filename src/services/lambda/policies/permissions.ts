/** AddPermission, RemovePermission, GetPolicy: who may use a function, per qualifier. */
import { AwsError } from '../../../core/aws-error.ts'
import { bindPrincipals } from '../../principal-ids.ts'
import { functionNotFound, invalidParameter } from '../errors.ts'
import { functionArn, isVersionNumber, LATEST } from '../function-name.ts'
import { requireRevision, withoutStatement, withStatement } from './policy-statements.ts'
import type { PolicyStatement } from '../records.ts'
import { policyText, statementFrom } from './resource-policy.ts'
import { onQualifier } from '../function-permissions.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from '../service.ts'
import { targetOf, type Target } from '../target.ts'

export const permissions: LambdaOperations = {
  AddPermission: {
    permissions: (input, caller, lambda) => [
      functionPermission(
        'lambda:AddPermission',
        targetOf(caller, input.FunctionName, input.Qualifier),
        caller,
        lambda,
        {
          grantable: false,
          context: {
            'lambda:principal': input.Principal,
            ...(input.FunctionUrlAuthType !== undefined && { 'lambda:functionurlauthtype': input.FunctionUrlAuthType }),
          },
        },
      ),
    ],
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      lambda.store.require(target)
      requireQualifier(target, lambda)
      if (input.FunctionUrlAuthType !== undefined && input.Action !== 'lambda:InvokeFunctionUrl') {
        throw invalidParameter('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action')
      }
      const document = statementFrom({
        sid: input.StatementId,
        action: input.Action,
        principal: input.Principal,
        resource: functionArn(target),
        sourceArn: input.SourceArn,
        sourceAccount: input.SourceAccount,
        eventSourceToken: input.EventSourceToken,
        functionUrlAuthType: input.FunctionUrlAuthType,
        invokedViaFunctionUrl: input.InvokedViaFunctionUrl,
        principalOrgId: input.PrincipalOrgID,
      })
      const bound = document && bindPrincipals({ Statement: [document] }, lambda.identities)
      if (!document || !bound || bound.missing.length > 0) {
        throw invalidParameter('The provided principal was invalid. Please check the principal and try again.')
      }
      const current = lambda.store.policy(target)
      requireRevision(input.RevisionId, current)
      const statement = { sid: input.StatementId, document, bindings: bound.bindings }
      lambda.store.putPolicy(target, withStatement(current, statement, lambda))
      return { Statement: JSON.stringify(document) }
    },
  },

  RemovePermission: {
    permissions(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      const statement = lambda.store.policy(target)?.statements.find(({ sid }) => sid === input.StatementId)
      const principal = statement && principalOf(statement)
      const urlAuthType = statement && urlAuthTypeOf(statement)
      return [
        functionPermission('lambda:RemovePermission', target, caller, lambda, {
          grantable: false,
          context: {
            ...(principal !== undefined && { 'lambda:principal': principal }),
            ...(urlAuthType !== undefined && { 'lambda:functionurlauthtype': urlAuthType }),
          },
        }),
      ]
    },
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      if (!lambda.store.find(target)) {
        throw new AwsError('ResourceNotFoundException', `No policy found for: ${functionArn(target)}`)
      }
      requireQualifier(target, lambda)
      const current = lambda.store.policy(target)
      if (!current) {
        throw new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.')
      }
      requireRevision(input.RevisionId, current)
      const left = withoutStatement(current, input.StatementId, lambda)
      if (left) lambda.store.putPolicy(target, left)
      else lambda.store.deletePolicy(target)
      return {}
    },
  },

  GetPolicy: {
    permissions: onQualifier('lambda:GetPolicy'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      if (lambda.store.find(target)) requireQualifier(target, lambda)
      const policy = lambda.store.policy(target)
      if (!policy) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.')
      return { Policy: policyText(policy, lambda.identities), RevisionId: policy.revisionId }
    },
  },
}

/** Policies hang on the function, on published versions and on aliases that exist. */
export function requireQualifier(target: Target, lambda: LambdaService): void {
  const { qualifier } = target
  if (qualifier === undefined) return
  if (qualifier === LATEST) throw invalidParameter('We currently do not support adding policies for $LATEST.')
  if (isVersionNumber(qualifier)) {
    if (!lambda.store.version(target, qualifier)) throw functionNotFound(target)
    return
  }
  if (lambda.store.alias(target, qualifier)) return
  // No alias can have a `$` in its name.
  if (qualifier.includes('$')) throw functionNotFound(target)
  throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${functionArn(target)}`)
}

/** As it was given to AddPermission, near enough for `lambda:Principal`. */
function principalOf({ document }: PolicyStatement): string | undefined {
  const principal = document['Principal']
  if (typeof principal === 'string') return principal
  const [value] = Object.values(principal ?? {})
  return typeof value === 'string' ? value : undefined
}

function urlAuthTypeOf({ document }: PolicyStatement): string | undefined {
  const value = (document as StatementWithUrlAuthType).Condition?.StringEquals?.['lambda:FunctionUrlAuthType']
  return typeof value === 'string' ? value : undefined
}

interface StatementWithUrlAuthType {
  readonly Condition?: { readonly StringEquals?: { readonly 'lambda:FunctionUrlAuthType'?: unknown } }
}
