/**
 * A function's resource-based policy: the statement that AddPermission makes of its parameters, and the document of a qualifier.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import { parseArn } from '../../../core/arn.ts'
import { isAccountId } from '../../../core/account.ts'
import { compilePolicy, type CompiledPolicy } from '../../../policy/compile.ts'
import { readPolicy } from '../../../policy/parse.ts'
import type { IdentityDirectory } from '../../directories.ts'
import { asDisplayed, withUniqueIds } from '../../principal-ids.ts'
import type { JsonObject, PolicyRecord } from '../records.ts'

export interface Grant {
  readonly sid: string
  readonly action: string
  readonly principal: string
  /** The function's ARN with the qualifier the policy belongs to. */
  readonly resource: string
  readonly sourceArn?: string | undefined
  readonly sourceAccount?: string | undefined
  readonly eventSourceToken?: string | undefined
  readonly functionUrlAuthType?: string | undefined
  readonly invokedViaFunctionUrl?: boolean | undefined
  readonly principalOrgId?: string | undefined
}

/** Undefined when Lambda would not take the principal. Key order is AWS's, since clients compare the text. */
export function statementFrom(grant: Grant): JsonObject | undefined {
  const principal = principalElement(grant.principal)
  if (principal === undefined) return undefined
  const condition = conditionElement(grant)
  return {
    Sid: grant.sid,
    Effect: 'Allow',
    Principal: principal,
    Action: grant.action,
    Resource: grant.resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  }
}

function principalElement(principal: string): JsonObject | '*' | undefined {
  if (principal === '*') return '*'
  if (isAccountId(principal)) return { AWS: `arn:aws:iam::${principal}:root` }
  if (SERVICE_PRINCIPAL.test(principal)) return { Service: principal }
  return isPrincipalArn(principal) ? { AWS: principal } : undefined
}

/** `s3.amazonaws.com`, and the older `alexa-appkit.amazon.com`. */
const SERVICE_PRINCIPAL = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com|amazonaws\.com\.cn|amazon\.com)$/

function isPrincipalArn(text: string): boolean {
  const arn = parseArn(text)
  if (!arn || arn.region !== '' || !isAccountId(arn.account)) return false
  switch (arn.service) {
    case 'iam':
      return /^(?:root|(?:user|role)\/[^*?]+)$/.test(arn.resource)
    case 'sts':
      return /^(?:assumed-role\/[^*?/]+\/[^*?/]+|federated-user\/[^*?]+)$/.test(arn.resource)
    default:
      return false
  }
}

function conditionElement(grant: Grant): JsonObject {
  const equals = {
    ...(grant.sourceAccount !== undefined && { 'AWS:SourceAccount': grant.sourceAccount }),
    ...(grant.eventSourceToken !== undefined && { 'lambda:EventSourceToken': grant.eventSourceToken }),
    ...(grant.functionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': grant.functionUrlAuthType }),
    ...(grant.principalOrgId !== undefined && { 'aws:PrincipalOrgID': grant.principalOrgId }),
  }
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(grant.invokedViaFunctionUrl !== undefined && {
      Bool: { 'lambda:InvokedViaFunctionUrl': String(grant.invokedViaFunctionUrl) },
    }),
    ...(grant.sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': grant.sourceArn } }),
  }
}

/** The document as AWS shows it: a principal that is gone appears as the unique id it had. */
export function policyText(record: PolicyRecord, identities: Pick<IdentityDirectory, 'uniqueIdOf'>): string {
  const displayed = record.statements.map(({ document, bindings }) =>
    onlyStatement(asDisplayed({ Statement: [document] }, bindings, identities)),
  )
  return documentText(displayed)
}

/** The size that counts against the quota. */
export function policyBytes(record: PolicyRecord): number {
  return Buffer.byteLength(documentText(record.statements.map(({ document }) => document)))
}

export function compileResourcePolicy(record: PolicyRecord, name = 'function policy'): CompiledPolicy {
  const bound = record.statements.map(({ document, bindings }) =>
    onlyStatement(withUniqueIds({ Statement: [document] }, bindings)),
  )
  return compilePolicy(readPolicy(documentText(bound), 'resource'), { name })
}

function documentText(statements: readonly JsonObject[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements })
}

function onlyStatement(document: { readonly Statement: readonly JsonObject[] }): JsonObject {
  const [statement] = document.Statement
  if (!statement) throw new Error('a document of one statement has none')
  return statement
}
