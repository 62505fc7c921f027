/**
 * The policy simulator: what the engine would decide, asked without making the request.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
import type * as sdk from '@aws-sdk/client-iam'

import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { principalFromArn } from '../../policy/case-principal.ts'
import { contextKeysOf } from '../../policy/context-keys.ts'
import type { Principal, RequestContext } from '../../policy/model.ts'
import { createMatcher, wildcardTokens } from '../../policy/wildcard.ts'
import type { Caller } from '../caller.ts'
import { onAll, onEntity } from './access.ts'
import { pageOf, type PageRequest } from './paging.ts'
import type { Entity } from './records.ts'
import type { IamOperations, IamService } from './service.ts'
import { missingKeys, simulateRequest, type SimulatedRequest, type Simulation } from './simulate.ts'
import {
  exclusionsFrom,
  inputBoundary,
  inputLevels,
  inputPolicies,
  principalPolicies,
  simulatedPolicy,
  type SimulatedPolicy,
} from './simulated-policies.ts'
import { checkActions, contextFrom, invalidInput, parseInput, policySource, resourceOwner } from './simulation-input.ts'

export const simulation: IamOperations = {
  SimulateCustomPolicy: {
    permissions: () => onAll('iam:SimulateCustomPolicy'),
    refuses: ['ResourceHandlingOption'],
    handle(input, { account }) {
      const context = contextFrom(input.ContextEntries)
      return answer(input, {
        ...callerOf(input, context, `arn:aws:iam::${account}:user/simulated`),
        identity: inputPolicies(input.PolicyInputList),
        boundary: inputBoundary(input.PermissionsBoundaryPolicyInputList),
        scps: inputLevels(input.OrderedOrganizationPolicyInputList),
        resource: resourcePolicy(input.ResourcePolicy),
        resourceOwner: resourceOwner(input.ResourceOwner),
        context,
      })
    },
  },

  SimulatePrincipalPolicy: {
    permissions: ({ PolicySourceArn }, caller, iam) => [
      onSource(iam, caller, 'iam:SimulatePrincipalPolicy', PolicySourceArn),
    ],
    refuses: ['ResourceHandlingOption'],
    handle(input, { account }, iam) {
      const source = policySource(iam, account, input.PolicySourceArn)
      const excluded = exclusionsFrom(input.PolicyExclusionList)
      const own = principalPolicies(iam, source, excluded)
      const context = contextFrom(input.ContextEntries)
      return answer(input, {
        ...callerOf(input, context, source.arn),
        identity: [...own.identity, ...inputPolicies(input.PolicyInputList)],
        boundary: inputBoundary(input.PermissionsBoundaryPolicyInputList) ?? own.boundary,
        scps: excluded.hasType('scp') ? undefined : iam.scpsOf(account),
        resource: resourcePolicy(input.ResourcePolicy),
        resourceOwner: resourceOwner(input.ResourceOwner),
        context,
      })
    },
  },

  GetContextKeysForCustomPolicy: {
    permissions: () => onAll('iam:GetContextKeysForCustomPolicy'),
    handle: ({ PolicyInputList }) => ({ ContextKeyNames: keysOf(inputPolicies(PolicyInputList)) }),
  },

  GetContextKeysForPrincipalPolicy: {
    permissions: ({ PolicySourceArn }, caller, iam) => [
      onSource(iam, caller, 'iam:GetContextKeysForPrincipalPolicy', PolicySourceArn),
    ],
    handle({ PolicySourceArn, PolicyInputList }, { account }, iam) {
      const source: Entity = policySource(iam, account, PolicySourceArn)
      const { identity } = principalPolicies(iam, source, exclusionsFrom())
      return { ContextKeyNames: keysOf([...identity, ...inputPolicies(PolicyInputList)]) }
    },
  },
}

function onSource(iam: IamService, caller: Caller, action: string, arn: string) {
  const [kind = '', ...path] = (parseArn(arn)?.resource ?? '').split('/')
  const isEntity = kind === 'user' || kind === 'group' || kind === 'role'
  return isEntity ? onEntity(iam, caller, action, [kind, path.at(-1) ?? '']) : { action, resource: arn }
}

function keysOf(policies: readonly SimulatedPolicy[]): string[] {
  return [...contextKeysOf(policies.map(({ document }) => document))]
}

function resourcePolicy(text: string | undefined): SimulatedPolicy | undefined {
  if (text === undefined) return undefined
  return simulatedPolicy(parseInput(text, 'resource', 'ResourcePolicy'), 'ResourcePolicy', 'Resource Policy')
}

interface CallerInput {
  readonly CallerArn?: string | undefined
  readonly ResourcePolicy?: string | undefined
}

/** A resource's policy is simulated for IAM users only. */
function callerOf(
  { CallerArn, ResourcePolicy }: CallerInput,
  context: RequestContext,
  sourceArn: string,
): Pick<Simulation, 'principal' | 'account'> {
  const arn = CallerArn ?? sourceArn
  const parsed = parseArn(arn)
  const kind = parsed?.service === 'iam' ? parsed.resource.split('/', 1)[0] : undefined
  if (ResourcePolicy !== undefined && (kind !== 'user' || arn.endsWith(':user/simulated'))) {
    throw invalidInput('Invalid caller - Caller must be an IAM user in this context.')
  }
  if (!parsed || (kind !== 'user' && kind !== 'role' && kind !== 'group')) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
  }
  // A group makes no requests: what is simulated is a member without policies of its own.
  const principal: Principal = principalFromArn(kind === 'group' ? arn.replace(':group/', ':user/') : arn, context)
  return { principal, account: parsed.account }
}

interface Asked extends PageRequest {
  readonly ActionNames: readonly string[]
  readonly ResourceArns?: readonly string[] | undefined
}

/** One result for each action, in the order asked. */
async function answer(input: Asked, simulated: Simulation): Promise<Omit<sdk.SimulatePolicyResponse, '$metadata'>> {
  const actions = checkActions(input.ActionNames).map((name, index) => ({ name, index }))
  const resources = input.ResourceArns && input.ResourceArns.length > 0 ? input.ResourceArns : ['*']
  for (const resource of resources) {
    if (resource !== '*' && !resource.startsWith('arn:')) throw invalidInput(`Invalid resource ARN: ${resource}`)
  }
  const { items, end } = pageOf(actions, ({ index }) => String(index).padStart(INDEX_DIGITS, '0'), input)
  const missing = missingKeys(simulated)
  const results = await Promise.all(items.map(({ name }) => resultOf(name, resources, simulated, missing)))
  return { EvaluationResults: results, ...end }
}

const INDEX_DIGITS = 6

async function resultOf(
  action: string,
  resources: readonly string[],
  simulated: Simulation,
  missing: readonly string[],
): Promise<sdk.EvaluationResult> {
  const requests = resources.map((resource) => ({ resource, ...simulateRequest(simulated, action, resource) }))
  const [first] = requests
  if (!first) throw new AwsError('PolicyEvaluationException', `There is nothing to evaluate for ${action}`)
  const isSpecific = resources.some((resource) => resource !== '*')
  const decision = mostRestrictive(requests.map((request) => request.decision))
  const boundaries = requests.flatMap(({ allowedByBoundary }) => allowedByBoundary ?? [])
  const organizations = requests.flatMap(({ allowedByOrganizations }) => allowedByOrganizations ?? [])
  return {
    EvalActionName: action,
    EvalResourceName: await resourceTemplate(action, resources),
    EvalDecision: decision,
    MatchedStatements: distinct(
      requests.filter((request) => request.decision === decision).flatMap(({ matched }) => matched),
    ),
    MissingContextValues: [...missing],
    ...(organizations.length > 0 && {
      OrganizationsDecisionDetail: { AllowedByOrganizations: organizations.every(Boolean) },
    }),
    ...(boundaries.length > 0 && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: boundaries.every(Boolean) },
    }),
    ...(isSpecific && {
      EvalDecisionDetails: combined(requests),
      ResourceSpecificResults: requests.map((request) => specificResult(request, missing)),
    }),
  }
}

function specificResult(
  { resource, decision, matched, details, allowedByBoundary }: SimulatedRequest & { readonly resource: string },
  missing: readonly string[],
): sdk.ResourceSpecificResult {
  return {
    EvalResourceName: resource,
    EvalResourceDecision: decision,
    MatchedStatements: [...matched],
    MissingContextValues: [...missing],
    EvalDecisionDetails: { ...details },
    ...(allowedByBoundary !== undefined && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: allowedByBoundary },
    }),
  }
}

function combined(requests: readonly SimulatedRequest[]): Record<string, sdk.PolicyEvaluationDecisionType> {
  const kinds = new Set(requests.flatMap(({ details }) => Object.keys(details ?? {})))
  return Object.fromEntries(
    [...kinds].map((kind) => [kind, mostRestrictive(requests.flatMap(({ details }) => details?.[kind] ?? []))]),
  )
}

function mostRestrictive(decisions: readonly sdk.PolicyEvaluationDecisionType[]): sdk.PolicyEvaluationDecisionType {
  if (decisions.includes('explicitDeny')) return 'explicitDeny'
  return decisions.includes('implicitDeny') ? 'implicitDeny' : 'allowed'
}

function distinct(statements: readonly sdk.Statement[]): sdk.Statement[] {
  return [...new Map(statements.map((statement) => [JSON.stringify(statement), statement])).values()]
}

/**
 * The form of the action's resources: `arn:${Partition}:s3:::${BucketName}/${ObjectName}`. Of several the one that was asked about.
 * FIDELITY: for services beyond the table, the first resource as it was given.
 */
async function resourceTemplate(action: string, resources: readonly string[]): Promise<string> {
  const { serviceAuthorizations } = await import('../../policy/data/iam-data.ts')
  const [service = '', name = ''] = action.split(':')
  const known = serviceAuthorizations[service.toLowerCase()]
  const found = Object.entries(known?.actions ?? {}).find(
    ([candidate]) => candidate.toLowerCase() === name.toLowerCase(),
  )
  if (!known || !found) return resources[0] ?? '*'
  const templates = (found[1].on ?? []).flatMap((type) => known.resources[type]?.arn ?? [])
  const asked = templates.find((template) => {
    const matches = createMatcher(wildcardTokens(template.replaceAll(/\$\{[^}]+\}/g, '*')))
    return resources.some((resource) => matches(resource))
  })
  return asked ?? templates[0] ?? '*'
}
