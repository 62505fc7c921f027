/** Prints a value as AWS's validation messages do: in the manner of Java's `toString`. */
import { scalarText } from './scalar.ts'
import type { Constraint, Shape } from './shape.ts'

export function printValue(shape: Shape, value: unknown, constraint?: Constraint): string {
  if (value === null || value === undefined) return 'null'
  switch (shape.kind) {
    case 'structure': {
      const parts = shape.members.map(({ name, shape: part, constraint: inner }) => {
        return `${lowerFirst(name)}=${printValue(part, (value as Record<string, unknown>)[name], inner)}`
      })
      return `${shape.name}(${parts.join(', ')})`
    }
    case 'list':
      return `[${Array.from(value as Iterable<unknown>, (element) => printValue(shape.element, element, constraint?.element)).join(', ')}]`
    case 'map': {
      const parts = Object.entries(value).map(
        ([key, part]) => `${key}=${printValue(shape.value, part, constraint?.value)}`,
      )
      return `{${parts.join(', ')}}`
    }
    case 'blob': {
      const size = (value as Uint8Array).length
      return `java.nio.HeapByteBuffer[pos=0 lim=${size} cap=${size}]`
    }
    case 'number': {
      const decimal = constraint?.number === 'double' || constraint?.number === 'float'
      return decimal && Number.isInteger(value) ? `${scalarText(value)}.0` : scalarText(value)
    }
    case 'timestamp':
      return value instanceof Date ? value.toISOString() : scalarText(value)
    case 'string':
    case 'boolean':
    case 'document':
      return scalarText(value)
  }
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
