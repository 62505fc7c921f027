/** A grant as two CloudFormation templates, one for each account. */
import type { GrantFile } from './formats.ts'
import type { Grant, IdentityGrant, ResourceGrant } from './grant.ts'

export function cloudFormationFiles({ identity, resource, request }: Grant): readonly GrantFile[] {
  const callee = request.callee.arn
  return [
    ...(identity
      ? [{ name: `caller-${identity.account}.yaml`, account: identity.account, content: callerTemplate(identity) }]
      : []),
    ...(resource
      ? [
          {
            name: `callee-${resource.callee.account}.yaml`,
            account: resource.callee.account,
            content: calleeTemplate(resource, callee),
          },
        ]
      : []),
  ]
}

function callerTemplate({ roleName, policyName, sid, action, resource }: IdentityGrant): string {
  return `AWSTemplateFormatVersion: '2010-09-09'
Description: ${text(`The role ${roleName} may invoke ${resource}`)}

Resources:
  CallerMayInvoke:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: ${text(policyName)}
      Roles:
        - ${text(roleName)}
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Sid: ${text(sid)}
            Effect: Allow
            Action: ${text(action)}
            Resource: ${text(resource)}
`
}

function calleeTemplate(resource: ResourceGrant, callee: string): string {
  const { principalOrgId, sourceArn, sourceAccount } = resource
  const properties = [
    ['FunctionName', callee],
    ['Action', resource.action],
    ['Principal', resource.principal],
    ['PrincipalOrgID', principalOrgId],
    ['SourceArn', sourceArn],
    ['SourceAccount', sourceAccount],
  ].flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [`      ${name}: ${text(value)}`]))
  return `AWSTemplateFormatVersion: '2010-09-09'
Description: ${text(`${callee} admits its caller`)}

Resources:
  CalleeAdmitsCaller:
    Type: AWS::Lambda::Permission
    Properties:
${properties.join('\n')}
`
}

/** A YAML string, quoted: account ids would be numbers. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
