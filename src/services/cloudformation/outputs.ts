/** A stack's outputs, and the rules about exports: one name, one stack, and no change under an importer. */
import { evaluate, evaluateText, type Scope } from './template/intrinsics.ts'
import { isScalar } from './template/json.ts'
import type { ResolvedTemplate } from './template/resolved-template.ts'
import { formatError } from './template/validation-error.ts'
import type { StackOutput, StackRecord } from './records.ts'
import { exportsOf, type StackStore } from './stack-store.ts'

export function evaluateOutputs({ template, conditions }: ResolvedTemplate, scope: Scope): readonly StackOutput[] {
  return Object.entries(template.outputs)
    .filter(([, { condition }]) => condition === undefined || conditions[condition] === true)
    .map(([key, output]) => {
      const value = evaluate(output.value, scope)
      if (!isScalar(value)) {
        throw formatError(`The Value field of every Outputs member must evaluate to a String. Output ${key} does not.`)
      }
      return {
        key,
        value: String(value),
        ...(output.description !== undefined && { description: output.description }),
        ...(output.exportName !== undefined && {
          exportName: evaluateText(output.exportName, scope, `the export of output ${key}`),
        }),
      }
    })
}

/** Why the stack may not have these outputs; undefined when it may. */
export function exportProblem(
  stack: StackRecord,
  outputs: readonly StackOutput[],
  store: StackStore,
): string | undefined {
  const others = store.exports(stack)
  for (const { exportName: name } of outputs) {
    const owner = name === undefined ? undefined : others.get(name)?.stack
    if (owner && owner.id !== stack.id) return `Export with name ${name} is already exported by stack ${owner.name}.`
  }
  return exportInUse(stack, outputs, store)
}

/** An export that another stack imports can be neither removed nor changed. */
export function exportInUse(
  stack: StackRecord,
  outputs: readonly StackOutput[],
  store: StackStore,
): string | undefined {
  for (const { exportName: name, value } of exportsOf(stack)) {
    const importers = store.importers(stack, name)
    if (importers.length === 0) continue
    const next = outputs.find(({ exportName }) => exportName === name)
    const verb = next === undefined ? 'deleted' : 'updated'
    if (next?.value !== value) {
      return `Export ${name} cannot be ${verb} as it is in use by ${importers.map((importer) => importer.name).join(' and ')}`
    }
  }
  return undefined
}
