/**
 * AWS keeps the unique id of a user or role named in a resource-based policy, not its ARN: deleting and recreating the principal breaks the
 * grant, and the policy then shows the dead id.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { parseArn } from '../core/arn.ts'
import type { IdentityDirectory } from './directories.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** User or role ARN → the unique id it had when the policy was saved. */
export type PrincipalBindings = Readonly<Record<string, string>>

/** Looks up every user and role ARN among the document's principals. `missing` lists those that do not exist. */
export function bindPrincipals(
  document: unknown,
  directory: Pick<IdentityDirectory, 'uniqueIdOf'>,
): { readonly bindings: PrincipalBindings; readonly missing: readonly string[] } {
  const bindings: Record<string, string> = {}
  const missing: string[] = []
  mapPrincipals(document as Json, (value) => {
    if (isUserOrRoleArn(value)) {
      const id = directory.uniqueIdOf(value)
      if (id === undefined) missing.push(value)
      else bindings[value] = id
    }
    return value
  })
  return { bindings, missing }
}

/** The document as it is evaluated: bound ARNs replaced by their ids. */
export function withUniqueIds<T>(document: T, bindings: PrincipalBindings): T {
  return mapPrincipals(document as Json, (value) => bindings[value] ?? value) as T
}

/** The document as AWS shows it: an ARN whose principal is gone or was recreated appears as the id that was bound. */
export function asDisplayed<T>(
  document: T,
  bindings: PrincipalBindings,
  directory: Pick<IdentityDirectory, 'uniqueIdOf'>,
): T {
  return mapPrincipals(document as Json, (value) => {
    const bound = bindings[value]
    return bound !== undefined && directory.uniqueIdOf(value) !== bound ? bound : value
  }) as T
}

function isUserOrRoleArn(value: string): boolean {
  const arn = parseArn(value)
  return arn?.service === 'iam' && (arn.resource.startsWith('user/') || arn.resource.startsWith('role/'))
}

function mapPrincipals(document: Json, map: (value: string) => string): Json {
  if (!isObject(document)) return document
  const statements = document['Statement']
  if (statements === undefined) return document
  const mapped = Array.isArray(statements)
    ? statements.map((statement: Json) => mapStatement(statement, map))
    : mapStatement(statements, map)
  return { ...document, Statement: mapped }
}

function mapStatement(statement: Json, map: (value: string) => string): Json {
  if (!isObject(statement)) return statement
  const copy: Record<string, Json> = { ...statement }
  for (const element of ['Principal', 'NotPrincipal']) {
    const principal = copy[element]
    if (principal === undefined || !isObject(principal) || principal['AWS'] === undefined) continue
    const value = principal['AWS']
    const mapped =
      typeof value === 'string'
        ? map(value)
        : Array.isArray(value)
          ? value.map((entry: Json) => (typeof entry === 'string' ? map(entry) : entry))
          : value
    copy[element] = { ...principal, AWS: mapped }
  }
  return copy
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
