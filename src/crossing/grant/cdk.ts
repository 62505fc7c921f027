/**
 * A grant as one CDK app in TypeScript with a stack for each account. The constructs are CloudFormation's own: `grantInvoke` would also grant
 * every qualifier of the function. https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html
 */
import type { GrantFile } from './formats.ts'
import type { Grant, IdentityGrant, ResourceGrant } from './grant.ts'

export function cdkFiles({ identity, resource, request }: Grant): readonly GrantFile[] {
  const { region } = request.callee
  const uses = [...(identity ? ['aws_iam as iam'] : []), ...(resource ? ['aws_lambda as lambda'] : [])]
  const parts = [
    `import { App, Stack, ${uses.join(', ')} } from 'aws-cdk-lib'`,
    'const app = new App()',
    ...(identity ? [callerStack(identity, region)] : []),
    ...(resource ? [calleeStack(resource, region)] : []),
  ]
  return [{ name: 'grant.ts', content: `${parts.join('\n\n')}\n` }]
}

function callerStack({ account, roleName, policyName, sid, action, resource }: IdentityGrant, region: string): string {
  return `const caller = new Stack(app, 'CallerMayInvoke', { env: ${environment(account, region)} })

new iam.CfnRolePolicy(caller, 'RolePolicy', {
  roleName: ${text(roleName)},
  policyName: ${text(policyName)},
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: ${text(sid)},
        Effect: 'Allow',
        Action: ${text(action)},
        Resource: ${text(resource)},
      },
    ],
  },
})`
}

function calleeStack(resource: ResourceGrant, region: string): string {
  const { callee, principalOrgId, sourceArn, sourceAccount } = resource
  const properties = [
    ['functionName', callee.arn],
    ['action', resource.action],
    ['principal', resource.principal],
    ['principalOrgId', principalOrgId],
    ['sourceArn', sourceArn],
    ['sourceAccount', sourceAccount],
  ].flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [`  ${name}: ${text(value)},`]))
  return `const callee = new Stack(app, 'CalleeAdmitsCaller', { env: ${environment(callee.account, region)} })

new lambda.CfnPermission(callee, 'Permission', {
${properties.join('\n')}
})`
}

function environment(account: string, region: string): string {
  return `{ account: ${text(account)}, region: ${text(region)} }`
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
