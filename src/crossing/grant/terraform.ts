/** A grant as one Terraform configuration with a provider for each account, laid out as `terraform fmt` does. */
import type { GrantFile, Profiles } from './formats.ts'
import type { Grant, IdentityGrant, ResourceGrant } from './grant.ts'

export function terraformFiles(grant: Grant, profiles: Profiles): readonly GrantFile[] {
  const { identity, resource, request } = grant
  const { region } = request.callee
  const blocks = [
    `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}`,
    ...(identity ? [provider('caller', identity.account, region, profiles)] : []),
    ...(resource ? [provider('callee', resource.callee.account, region, profiles)] : []),
    ...(identity ? [rolePolicy(identity)] : []),
    ...(resource ? [permission(resource)] : []),
  ]
  return [{ name: 'grant.tf', content: `${blocks.join('\n\n')}\n` }]
}

function provider(alias: string, account: string, region: string, profiles: Profiles): string {
  const profile = profiles.get(account)
  return block('provider "aws"', [
    ['alias', text(alias)],
    ['region', text(region)],
    ...(profile === undefined ? [] : [['profile', text(profile)] as const]),
    ['allowed_account_ids', `[${text(account)}]`],
  ])
}

function rolePolicy({ roleName, policyName, sid, action, resource }: IdentityGrant): string {
  const attributes = aligned(
    [
      ['provider', 'aws.caller'],
      ['role', text(roleName)],
      ['name', text(policyName)],
    ],
    '  ',
  )
  const statement = aligned(
    [
      ['Sid', text(sid)],
      ['Effect', text('Allow')],
      ['Action', text(action)],
      ['Resource', text(resource)],
    ],
    '      ',
  )
  return `resource "aws_iam_role_policy" "caller_may_invoke" {
${attributes}

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
${statement}
    }]
  })
}`
}

function permission(resource: ResourceGrant): string {
  const { callee, principalOrgId, sourceArn, sourceAccount } = resource
  const attributes = [
    ['function_name', callee.name],
    ['qualifier', callee.qualifier],
    ['statement_id', resource.statementId],
    ['action', resource.action],
    ['principal', resource.principal],
    ['principal_org_id', principalOrgId],
    ['source_arn', sourceArn],
    ['source_account', sourceAccount],
  ].flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, text(value)] as const]))
  return block('resource "aws_lambda_permission" "callee_admits_caller"', [['provider', 'aws.callee'], ...attributes])
}

type Attribute = readonly [name: string, value: string]

function block(header: string, attributes: readonly Attribute[]): string {
  return `${header} {\n${aligned(attributes, '  ')}\n}`
}

function aligned(attributes: readonly Attribute[], indent: string): string {
  const width = Math.max(...attributes.map(([name]) => name.length))
  return attributes.map(([name, value]) => `${indent}${name.padEnd(width)} = ${value}`).join('\n')
}

/** A string in which nothing is a template. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll(/([$%])\{/g, '$1$1{')
}
