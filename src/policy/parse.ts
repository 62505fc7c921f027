/** Policy text to syntax tree, refusing what AWS refuses, in AWS's words. */
import { AwsError } from '../core/aws-error.ts'
import type { ListElement, PolicyDocument, PolicyKind } from './document.ts'
import { findGrammarProblem } from './grammar-rules.ts'
import { isRcpStatement, ORGANIZATION_PROBLEM } from './organization-rules.ts'
import { JsonProblem, readDocument, SyntaxProblem, type WrittenDocument } from './syntax.ts'

export type { PolicyDocument, PolicyKind } from './document.ts'

const SYNTAX = 'Syntax errors in policy.'
const JSON_SYNTAX = 'This policy contains invalid Json'

/** Throws `MalformedPolicyDocumentException`, with the message of IAM or, for SCPs and RCPs, of AWS Organizations; never anything else. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const result = read(text, kind, false)
  const problem = typeof result === 'string' ? result : findProblem(result)
  if (typeof result === 'string' || problem !== undefined) throw malformed(problem ?? SYNTAX)
  return complete(result)
}

/** AWS's message for a policy that it would refuse. */
export function validatePolicy(text: string, kind: PolicyKind): string | undefined {
  const result = read(text, kind, false)
  return typeof result === 'string' ? result : findProblem(result)
}

/**
 * Reads a policy that AWS has accepted before, from an account or from a file: rules for writing are not applied, and a condition operator that
 * we do not know is kept, to be reported when the statement is evaluated. Throws as `parsePolicy` when there is no policy in the text.
 */
export function readPolicy(text: string, kind: PolicyKind): PolicyDocument {
  const result = read(text, kind, true)
  if (typeof result === 'string') throw malformed(result)
  return complete(result)
}

function read(text: string, kind: PolicyKind, lenient: boolean): WrittenDocument | string {
  try {
    return readDocument(text, kind, lenient)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    if (kind === 'scp' || kind === 'rcp') return ORGANIZATION_PROBLEM
    // IAM says so of trust policies; of identity policies it only says that there is an error.
    return error instanceof JsonProblem && kind !== 'identity' && kind !== 'managed' ? JSON_SYNTAX : SYNTAX
  }
}

function findProblem(document: WrittenDocument): string | undefined {
  const problem = findGrammarProblem(document)
  if (document.kind !== 'scp' && document.kind !== 'rcp') return problem
  const fits = document.kind === 'scp' || document.statements.every(isRcpStatement)
  return problem === undefined && fits ? undefined : ORGANIZATION_PROBLEM
}

/** A document without a version is of the first one. */
function complete(document: WrittenDocument): PolicyDocument {
  return {
    ...document,
    version: document.version ?? '2008-10-17',
    statements: document.statements.map((statement) => ({
      ...statement,
      effect: statement.effect.toLowerCase() === 'allow' ? 'Allow' : 'Deny',
      action: statement.action ?? NO_ACTIONS,
    })),
  }
}

const NO_ACTIONS: ListElement = { negated: false, values: [] }

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocumentException', message)
}
