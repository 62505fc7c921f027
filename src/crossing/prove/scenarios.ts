/** What a proof tries: each permission taken away in turn, then the grants that must work. */
import {
  addStatement,
  attachServiceControlPolicy,
  createOtherRole,
  NOTHING_TO_UNDO,
  putIdentityPolicy,
  removeIdentityGrants,
  replaceBoundary,
  replaceGrants,
  reversibly,
  type Undo,
} from './changes.ts'
import type { CallRequest, CallResult } from './call.ts'
import { deniedSentence, explicitDeny, noPolicyAllows } from './expected-words.ts'
import { allowsAction, namesAccount, type Scene } from './scene.ts'
import { LOGS_MAY_NOT_INVOKE, subscribeCallee } from './service-grant.ts'

export interface Change {
  readonly undo: Undo
  /** How the call differs from the crossing's own. */
  readonly call?: Partial<CallRequest>
  /** Another way of making the call altogether. */
  readonly perform?: () => Promise<CallResult>
  /** AWS's exact sentence, where the call must be denied. */
  readonly message?: string
}

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly expected: 'allowed' | 'denied'
  /** Why it cannot be tried on this crossing; undefined when it can. */
  inapplicable(scene: Scene): string | undefined
  change(scene: Scene): Promise<Change>
}

const INVOKE = 'lambda:InvokeFunction'
const always = () => undefined
const needsQualifier = ({ crossing }: Scene) =>
  crossing.to.qualifier === undefined ? 'the crossing has no qualifier' : undefined
const needsOrganization = ({ management }: Scene) =>
  management === undefined ? 'the organization is not within reach' : undefined

export const scenarios: readonly Scenario[] = [
  {
    id: 'no-identity-policy',
    title: "no identity policy on the caller's role",
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      undo: await removeIdentityGrants(scene),
      message: denied(scene, noPolicyAllows(blamedWithoutIdentityPolicy(scene), INVOKE)),
    }),
  },
  {
    id: 'no-resource-policy',
    title: 'no resource-based policy on the callee',
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      undo: await replaceGrants(scene, scene.crossing.to.arn, []),
      message: denied(scene, noPolicyAllows('resource-based policy', INVOKE)),
    }),
  },
  {
    id: 'grant-to-another-role',
    title: 'the grant given to another role',
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => {
      const undo = await reversibly(async (undos) => {
        const other = await createOtherRole(scene)
        undos.push(other.undo)
        undos.push(await replaceGrants(scene, scene.crossing.to.arn, [{ Principal: other.arn }]))
      })
      return {
        undo,
        message: denied(scene, noPolicyAllows('resource-based policy', INVOKE)),
      }
    },
  },
  {
    id: 'grant-on-unqualified-function',
    title: 'the grant on the unqualified function instead of the alias',
    expected: 'denied',
    inapplicable: needsQualifier,
    change: async (scene) => {
      const { to } = scene.crossing
      const undo = await reversibly(async (undos) => {
        undos.push(await replaceGrants(scene, to.arn, []))
        undos.push(await replaceGrants(scene, to.unqualifiedArn, [{ Principal: scene.role.arn }]))
      })
      return {
        undo,
        message: denied(scene, noPolicyAllows('resource-based policy', INVOKE)),
      }
    },
  },
  {
    id: 'call-to-unqualified-function',
    title: 'calling the unqualified function, only the alias granted',
    expected: 'denied',
    inapplicable: (scene) =>
      needsQualifier(scene) ??
      (scene.unqualifiedStatements.some((statement) => allowsAction(statement, INVOKE))
        ? 'the unqualified function is granted too'
        : undefined),
    change: (scene) => {
      const functionName = scene.crossing.to.unqualifiedArn
      return Promise.resolve({
        undo: NOTHING_TO_UNDO,
        call: { functionName },
        message: denied(scene, noPolicyAllows('resource-based policy', INVOKE), { resource: functionName }),
      })
    },
  },
  {
    id: 'invoke-async-api',
    title: 'InvokeAsync without lambda:InvokeAsync',
    expected: 'denied',
    inapplicable: ({ statements }) =>
      statements.some((statement) => allowsAction(statement, 'lambda:InvokeAsync'))
        ? 'the callee grants lambda:InvokeAsync'
        : undefined,
    change: (scene) =>
      Promise.resolve({
        undo: NOTHING_TO_UNDO,
        call: { api: 'InvokeAsync' },
        message: denied(scene, noPolicyAllows('resource-based policy', 'lambda:InvokeAsync'), {
          action: 'lambda:InvokeAsync',
        }),
      }),
  },
  {
    id: 'explicit-deny-in-identity-policy',
    title: "an explicit deny in the caller's identity policy",
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      undo: await putIdentityPolicy(scene, denyInvoke(scene)),
      message: denied(scene, explicitDeny('an identity-based policy')),
    }),
  },
  {
    id: 'explicit-deny-in-resource-policy',
    title: "an explicit deny in the callee's resource-based policy",
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      undo: await addStatement(scene, scene.crossing.to.arn, {
        Sid: `${scene.prefix}-deny`,
        Effect: 'Deny',
        Principal: { AWS: scene.role.arn },
        Action: INVOKE,
      }),
      message: denied(scene, explicitDeny('a resource-based policy')),
    }),
  },
  {
    id: 'service-control-policy',
    title: "a service control policy on the caller's account",
    expected: 'denied',
    inapplicable: needsOrganization,
    change: async (scene) => {
      if (!scene.management) return { undo: NOTHING_TO_UNDO }
      const { arn, undo } = await attachServiceControlPolicy(scene.management.organizations, scene, denyInvoke(scene))
      return { undo, message: denied(scene, explicitDeny('a service control policy', arn)) }
    },
  },
  {
    id: 'permissions-boundary',
    title: 'a permissions boundary that leaves the call out',
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      undo: await replaceBoundary(scene, allow('logs:*', '*')),
      message: denied(scene, noPolicyAllows('permissions boundary', INVOKE)),
    }),
  },
  {
    id: 'grant-to-account',
    title: "granted to the caller's account",
    expected: 'allowed',
    inapplicable: always,
    change: async (scene) => ({
      undo: await replaceGrants(scene, scene.crossing.to.arn, [{ Principal: scene.crossing.from.account }]),
    }),
  },
  {
    id: 'grant-to-role',
    title: "granted to the caller's role",
    expected: 'allowed',
    inapplicable: always,
    change: async (scene) => ({
      undo: await replaceGrants(scene, scene.crossing.to.arn, [{ Principal: scene.role.arn }]),
    }),
  },
  {
    id: 'grant-to-organization',
    title: 'granted to the organization (--principal-org-id)',
    expected: 'allowed',
    inapplicable: needsOrganization,
    change: async (scene) => ({
      undo: await replaceGrants(scene, scene.crossing.to.arn, [
        { Principal: '*', PrincipalOrgID: scene.organizationId },
      ]),
    }),
  },
  {
    id: 'grant-to-service',
    title: 'granted to a service principal with SourceArn',
    expected: 'allowed',
    inapplicable: always,
    change: (scene) => subscribeCallee(scene, 'the same log group'),
  },
  {
    id: 'grant-to-service-for-another-source',
    title: 'granted to that service principal for another SourceArn',
    expected: 'denied',
    inapplicable: always,
    change: async (scene) => ({
      ...(await subscribeCallee(scene, 'another log group')),
      message: LOGS_MAY_NOT_INVOKE,
    }),
  },
]

/** AWS blames the resource-based policy where it grants only to the caller's whole account, measured on AWS; else the identity policy. */
function blamedWithoutIdentityPolicy({ statements, crossing }: Scene): string {
  const others = statements.filter(
    (statement) => allowsAction(statement, INVOKE) && !namesAccount(statement, crossing.from.account),
  )
  return others.length > 0 ? 'identity-based policy' : 'resource-based policy'
}

function denied(
  scene: Scene,
  why: string,
  other: { readonly action?: string; readonly resource?: string } = {},
): string {
  return deniedSentence({
    callerArn: scene.callerArn,
    action: other.action ?? INVOKE,
    resource: other.resource ?? scene.crossing.to.arn,
    why,
  })
}

function denyInvoke({ crossing }: Scene): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: INVOKE, Resource: crossing.to.arn }] }
}

function allow(action: string, resource: string): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] }
}
