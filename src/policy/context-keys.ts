/** The condition keys that a policy refers to, in conditions and as policy variables. */
import type { PolicyDocument, Statement } from './document.ts'
import { isVariable, parseTemplate } from './template.ts'

/** As written first, in the order of the statements: resources, then conditions. Names are not case-sensitive. */
export function contextKeysOf(documents: readonly PolicyDocument[]): readonly string[] {
  const keys = new Map<string, string>()
  for (const { statements, version } of documents) {
    for (const key of statements.flatMap((statement) => keysOfStatement(statement, version !== '2008-10-17'))) {
      if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key)
    }
  }
  return [...keys.values()]
}

function keysOfStatement({ resource, conditions }: Statement, variables: boolean): readonly string[] {
  const inText = (text: string) => (variables ? variablesOf(text) : [])
  return [
    ...(resource?.values ?? []).flatMap(inText),
    ...conditions.flatMap(({ key, values }) => [key, ...values.flatMap(inText)]),
  ]
}

function variablesOf(text: string): readonly string[] {
  return parseTemplate(text, { variables: true, wildcards: false })
    .filter(isVariable)
    .map((variable) => (variable.text.slice(2, -1).split(',')[0] ?? '').trim())
}
