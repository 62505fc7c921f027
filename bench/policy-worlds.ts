/** The situations that policy decisions are measured on: documents, as one would write them, and requests. */
import { compilePolicy, type CompiledPolicy } from '../src/policy/compile.ts'
import type { PolicyKind } from '../src/policy/document.ts'
import type { ApplicablePolicies, AuthorizationRequest } from '../src/policy/model.ts'
import { parsePolicy } from '../src/policy/parse.ts'

export interface WorldDocuments {
  readonly identity: object
  readonly scps: readonly (readonly object[])[]
  readonly resource: object
}

export const CALLER = '111122223333'
export const OWNER = '444455556666'
export const FUNCTION = `arn:aws:lambda:us-east-1:${OWNER}:function:orders`
export const CONTEXT = {
  'aws:PrincipalOrgID': 'o-example',
  'aws:RequestedRegion': 'us-east-1',
  'aws:SecureTransport': 'true',
}

const FULL_ACCESS = documentOf({ Effect: 'Allow', Action: '*', Resource: '*' })

/** Role → function of another account, under two levels of SCPs, each side with the statements such policies have. */
export const TYPICAL: WorldDocuments = {
  identity: documentOf(
    { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
    { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `arn:aws:lambda:*:${OWNER}:function:orders*` },
    { Effect: 'Deny', Action: 'lambda:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ),
  scps: [
    [FULL_ACCESS],
    [
      FULL_ACCESS,
      documentOf({
        Effect: 'Deny',
        NotAction: ['iam:*', 'sts:*'],
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
      }),
    ],
  ],
  resource: documentOf({ Sid: 'caller', ...grantTo('caller') }),
}

/** 20 identity statements against a resource policy of 100, of which the last one grants. */
export const LARGE: WorldDocuments = {
  identity: documentOf(
    ...Array.from({ length: 20 }, (_, index) => ({
      Effect: 'Allow',
      Action: index === 19 ? 'lambda:Invoke*' : `service${index}:*`,
      Resource: `arn:aws:lambda:*:${OWNER}:function:*`,
    })),
  ),
  scps: [],
  resource: documentOf(
    ...Array.from({ length: 100 }, (_, index) => ({
      Sid: `grant${index}`,
      ...grantTo(index === 99 ? 'caller' : `other${index}`),
    })),
  ),
}

export function compiled({ identity, scps, resource }: WorldDocuments): ApplicablePolicies {
  return {
    identity: [compile('identity', identity)],
    ...(scps.length === 0 ? {} : { scps: scps.map((level) => level.map((document) => compile('scp', document))) }),
    resource: compile('resource', resource),
  }
}

export function requestOf(role: string, resource: string): AuthorizationRequest {
  return {
    principal: {
      kind: 'role-session',
      account: CALLER,
      arn: sessionArn(role),
      roleArn: `arn:aws:iam::${CALLER}:role/${role}`,
      roleId: 'AROAEXAMPLEEXAMPLE000',
      roleName: role,
      sessionName: 'caller-function',
      serviceLinked: false,
    },
    action: 'lambda:InvokeFunction',
    resource,
    resourceAccount: OWNER,
    context: new Map(Object.entries(CONTEXT).map(([key, value]) => [key.toLowerCase(), value])),
  }
}

export function sessionArn(role: string): string {
  return `arn:aws:sts::${CALLER}:assumed-role/${role}/caller-function`
}

function grantTo(role: string): object {
  return {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${CALLER}:role/${role}` },
    Action: 'lambda:InvokeFunction',
    Resource: FUNCTION,
    Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } },
  }
}

function documentOf(...statements: readonly object[]): object {
  return { Version: '2012-10-17', Statement: statements }
}

function compile(kind: PolicyKind, document: object): CompiledPolicy {
  return compilePolicy(parsePolicy(JSON.stringify(document), kind), { name: kind })
}
