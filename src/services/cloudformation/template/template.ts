/**
 * The parts of a template, after its structure has been checked. What a name refers to is checked in `references.ts`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import { isList, isObject, isScalar, type Json, type JsonObject } from './json.ts'
import { parameterDeclarations, type ParameterDeclaration } from './parameters.ts'
import { parseTemplateText } from './parse.ts'
import { formatError, templateError, validationError } from './validation-error.ts'

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate'

export interface ResourceDeclaration {
  readonly type: string
  readonly properties: JsonObject
  readonly dependsOn: readonly string[]
  readonly condition?: string
  readonly metadata?: JsonObject
  readonly deletionPolicy: DeletionPolicy
  readonly updateReplacePolicy: 'Delete' | 'Retain'
}

export interface OutputDeclaration {
  readonly value: Json
  readonly description?: string
  readonly condition?: string
  readonly exportName?: Json
}

export type Mappings = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Json>>>>>>

export interface Template {
  readonly version?: string
  readonly description?: string
  readonly metadata?: JsonObject
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>
  readonly mappings: Mappings
  readonly conditions: Readonly<Record<string, Json>>
  readonly resources: Readonly<Record<string, ResourceDeclaration>>
  readonly outputs: Readonly<Record<string, OutputDeclaration>>
}

const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
])

/** Sections of AWS's that change what a template means, so they cannot be passed over. */
const SECTIONS_NOT_SUPPORTED = new Set(['Transform', 'Rules', 'Hooks'])

const DESCRIPTION_BYTES_MAX = 1024

/** Throws AWS's `ValidationError`. */
export function parseTemplate(text: string): Template {
  const root = parseTemplateText(text)
  checkSections(root)
  const version = root['AWSTemplateFormatVersion']
  if (version !== undefined && version !== '2010-09-09') {
    throw formatError(
      `Unsupported template version. Supported versions are: 2010-09-09. Found: ${JSON.stringify(version)}`,
    )
  }
  const description = root['Description']
  if (description !== undefined && typeof description !== 'string') {
    throw formatError('Template Description must be a string')
  }
  if (description !== undefined && Buffer.byteLength(description) > DESCRIPTION_BYTES_MAX) {
    throw formatError(`Template Description is too long: must be at most ${DESCRIPTION_BYTES_MAX} bytes`)
  }
  const metadata = root['Metadata']
  if (metadata !== undefined && !isObject(metadata)) throw formatError('Metadata must be an object.')
  return {
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
    parameters: parameterDeclarations(section(root, 'Parameters')),
    mappings: mappings(section(root, 'Mappings')),
    conditions: section(root, 'Conditions'),
    resources: resources(root['Resources']),
    outputs: outputs(section(root, 'Outputs')),
  }
}

function checkSections(root: JsonObject): void {
  const unsupported = Object.keys(root).find((name) => SECTIONS_NOT_SUPPORTED.has(name))
  if (unsupported !== undefined) throw templateError(`the section \`${unsupported}\` is not supported by Isthmus`)
  const unknown = Object.keys(root).filter((name) => !SECTIONS.has(name))
  if (unknown.length > 0) throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`)
}

/** A section maps names to declarations; names are alphanumeric. */
function section(root: JsonObject, name: string): JsonObject {
  const value = root[name] ?? {}
  if (!isObject(value)) throw formatError(`${name} must be an object.`)
  const noun = NOUN[name] ?? name
  for (const key of Object.keys(value)) {
    if (!/^[a-zA-Z0-9]+$/.test(key)) throw formatError(`${noun} name ${key} is non alphanumeric.`)
  }
  return value
}

const NOUN: Readonly<Record<string, string>> = {
  Parameters: 'Parameter',
  Mappings: 'Mapping',
  Conditions: 'Condition',
  Resources: 'Resource',
  Outputs: 'Output',
}

function mappings(value: JsonObject): Mappings {
  for (const [name, mapping] of Object.entries(value)) {
    if (!isObject(mapping)) throw formatError(`Every Mappings member ${name} must be a map`)
    for (const [key, attributes] of Object.entries(mapping)) {
      if (!isObject(attributes)) throw formatError(`Every Mappings member ${key} must be a map`)
      for (const attribute of Object.values(attributes)) {
        const isText = isScalar(attribute) || (isList(attribute) && attribute.every(isScalar))
        if (!isText) throw formatError('Every Mappings attribute must be a String or a List.')
      }
    }
  }
  return value as Mappings
}

function resources(value: Json | undefined): Record<string, ResourceDeclaration> {
  if (value !== undefined && !isObject(value)) throw formatError('Any Resources member must be an object.')
  if (value === undefined || Object.keys(value).length === 0) {
    throw formatError('At least one Resources member must be defined.')
  }
  const declared = section({ Resources: value }, 'Resources')
  return Object.fromEntries(Object.entries(declared).map(([id, body]) => [id, resource(id, body)]))
}

const RESOURCE_ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
])

const RESOURCE_ATTRIBUTES_NOT_SUPPORTED = new Set(['CreationPolicy', 'UpdatePolicy'])

function resource(id: string, body: Json): ResourceDeclaration {
  if (!isObject(body)) throw formatError('Any Resources member must be an object.')
  for (const name of Object.keys(body)) {
    if (RESOURCE_ATTRIBUTES_NOT_SUPPORTED.has(name)) {
      throw templateError(`the attribute \`${name}\` of resource \`${id}\` is not supported by Isthmus`)
    }
    if (!RESOURCE_ATTRIBUTES.has(name)) throw validationError(`Invalid template resource property '${name}'`)
  }
  const { Type: type, Properties: properties = {}, Condition: condition, Metadata: metadata } = body
  if (type === undefined) {
    throw formatError(`[/Resources/${id}] Every Resources object must contain a Type member.`)
  }
  if (typeof type !== 'string') throw formatError(`[/Resources/${id}/Type] 'String' was expected.`)
  if (!isObject(properties))
    throw formatError(`[/Resources/${id}/Properties] Every Properties member must be an object.`)
  if (condition !== undefined && typeof condition !== 'string') {
    throw formatError(`[/Resources/${id}/Condition] Every Condition member must be a string.`)
  }
  if (metadata !== undefined && !isObject(metadata)) {
    throw formatError(`[/Resources/${id}/Metadata] Every Metadata member must be an object.`)
  }
  return {
    type,
    properties,
    dependsOn: dependsOn(id, body['DependsOn']),
    ...(condition !== undefined && { condition }),
    ...(metadata !== undefined && { metadata }),
    deletionPolicy: retention(id, 'DeletionPolicy', body['DeletionPolicy']),
    updateReplacePolicy:
      retention(id, 'UpdateReplacePolicy', body['UpdateReplacePolicy']) === 'Delete' ? 'Delete' : 'Retain',
  }
}

function dependsOn(id: string, value: Json | undefined): readonly string[] {
  if (value === undefined) return []
  const names = isList(value) ? value : [value]
  return names.map((name) => {
    if (typeof name !== 'string')
      throw formatError(`[/Resources/${id}/DependsOn] Every DependsOn value must be a string.`)
    return name
  })
}

function retention(id: string, attribute: string, value: Json | undefined): DeletionPolicy {
  if (value === undefined || value === 'Delete') return 'Delete'
  if (value === 'Retain') return 'Retain'
  if (value === 'RetainExceptOnCreate' && attribute === 'DeletionPolicy') return 'RetainExceptOnCreate'
  if (typeof value !== 'string') throw formatError(`Every ${attribute} member must be a string.`)
  throw formatError(`Unrecognized ${attribute} ${value} for resource ${id}`)
}

function outputs(value: JsonObject): Record<string, OutputDeclaration> {
  return Object.fromEntries(
    Object.entries(value).map(([id, body]) => {
      if (!isObject(body) || body['Value'] === undefined) {
        throw formatError('Every Outputs member must contain a Value object')
      }
      const { Value, Description: description, Condition: condition, Export: exported } = body
      const unknown = Object.keys(body).find((key) => !['Value', 'Description', 'Condition', 'Export'].includes(key))
      if (unknown !== undefined) throw validationError(`Invalid template output property '${unknown}'`)
      if (description !== undefined && typeof description !== 'string') {
        throw formatError(`[/Outputs/${id}/Description] 'String' was expected.`)
      }
      if (condition !== undefined && typeof condition !== 'string') {
        throw formatError(`[/Outputs/${id}/Condition] 'String' was expected.`)
      }
      const exportName = isObject(exported) ? exported['Name'] : undefined
      if (exported !== undefined && exportName === undefined) {
        throw formatError(`[/Outputs/${id}/Export] Every Export member must contain a Name`)
      }
      const output: OutputDeclaration = {
        value: Value,
        ...(description !== undefined && { description }),
        ...(condition !== undefined && { condition }),
        ...(exportName !== undefined && { exportName }),
      }
      return [id, output]
    }),
  )
}
