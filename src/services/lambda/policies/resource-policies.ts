/**
 * PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: the whole policy of a function, version or alias at once, denies and any
 * condition included. Added to Lambda's API in July 2026.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import { readPolicy, validatePolicy } from '../../../policy/parse.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { bindPrincipals } from '../../principal-ids.ts'
import { invalidParameter } from '../errors.ts'
import { functionArn } from '../function-name.ts'
import { requireQualifier } from './permissions.ts'
import { requirePolicySize, requireRevision } from './policy-statements.ts'
import type { JsonObject, PolicyRecord } from '../records.ts'
import { policyText } from './resource-policy.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from '../service.ts'
import { targetOf, type Target } from '../target.ts'

export const resourcePolicies: LambdaOperations = {
  PutResourcePolicy: {
    permissions: (input, caller, lambda) =>
      needed(
        ['PutResourcePolicy', 'AddPermission', 'RemovePermission'],
        targetOf(caller, input.ResourceArn),
        principalsIn(input.Policy),
        caller,
        lambda,
      ),
    handle(input, caller, lambda) {
      const target = existing(caller, input.ResourceArn, lambda)
      const next = recordFrom(input.Policy, target, lambda)
      requireRevision(input.RevisionId, lambda.store.policy(target))
      requirePolicySize(next)
      lambda.store.putPolicy(target, next)
      return { Policy: policyText(next, lambda.identities), RevisionId: next.revisionId }
    },
  },

  GetResourcePolicy: {
    permissions: (input, caller, lambda) => {
      const target = targetOf(caller, input.ResourceArn)
      return ['GetResourcePolicy', 'GetPolicy'].map((action) =>
        functionPermission(`lambda:${action}`, target, caller, lambda),
      )
    },
    handle(input, caller, lambda) {
      const policy = requirePolicy(existing(caller, input.ResourceArn, lambda), lambda)
      return { Policy: policyText(policy, lambda.identities), RevisionId: policy.revisionId }
    },
  },

  DeleteResourcePolicy: {
    permissions(input, caller, lambda) {
      const target = targetOf(caller, input.ResourceArn)
      const policy = lambda.store.policy(target)
      const principals = policy ? principalsIn(policyText(policy, lambda.identities)) : []
      return needed(['DeleteResourcePolicy', 'RemovePermission'], target, principals, caller, lambda)
    },
    handle(input, caller, lambda) {
      const target = existing(caller, input.ResourceArn, lambda)
      requireRevision(input.RevisionId, requirePolicy(target, lambda))
      lambda.store.deletePolicy(target)
      return {}
    },
  },
}

function needed(
  actions: readonly string[],
  target: Target,
  principals: readonly string[],
  caller: Caller,
  lambda: LambdaService,
): readonly Permission[] {
  const context = principals.length > 0 ? { 'lambda:principal': principals } : {}
  return actions.map((action) =>
    functionPermission(`lambda:${action}`, target, caller, lambda, { grantable: false, context }),
  )
}

/**
 * Everyone a policy names, for `lambda:Principal`; nobody when AWS will refuse the document.
 * FIDELITY: AWS documents the key for whole policies too, not what it holds when they name several principals: here all of them.
 */
function principalsIn(text: string): readonly string[] {
  if (validatePolicy(text, 'resource') !== undefined) return []
  return readPolicy(text, 'resource').statements.flatMap(({ principal }) =>
    principal ? [...(principal.anyone ? ['*'] : []), ...principal.aws, ...principal.service] : [],
  )
}

function existing(caller: Caller, resourceArn: string, lambda: LambdaService): Target {
  const target = targetOf(caller, resourceArn)
  lambda.store.require(target)
  requireQualifier(target, lambda)
  return target
}

function requirePolicy(target: Target, lambda: LambdaService): PolicyRecord {
  const policy = lambda.store.policy(target)
  if (!policy) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.')
  return policy
}

/** FIDELITY: what AWS says to a document it refuses has not been seen; these are the sentences of the neighbouring operations. */
function recordFrom(text: string, target: Target, lambda: LambdaService): PolicyRecord {
  const problem = validatePolicy(text, 'resource')
  if (problem !== undefined) throw invalidParameter(problem)
  const document = JSON.parse(text) as { readonly Statement: JsonObject | readonly JsonObject[] }
  const statements = [document.Statement].flat() as readonly JsonObject[]
  return {
    revisionId: lambda.ids.uuid(),
    statements: statements.map((statement, index) => {
      requireOwnResource(statement, target)
      const { bindings, missing } = bindPrincipals({ Statement: [statement] }, lambda.identities)
      if (missing.length > 0) {
        throw invalidParameter('The provided principal was invalid. Please check the principal and try again.')
      }
      return {
        sid: typeof statement['Sid'] === 'string' ? statement['Sid'] : `statement-${index + 1}`,
        document: statement,
        bindings,
      }
    }),
  }
}

/** A policy applies to a single resource, so its statements name that one. */
function requireOwnResource(statement: JsonObject, target: Target): void {
  const arn = functionArn(target)
  const resources = [statement['Resource']].flat()
  if (resources.length > 0 && resources.every((resource) => resource === arn)) return
  throw invalidParameter(`The policy's statements must name the resource ${arn} and no other.`)
}
