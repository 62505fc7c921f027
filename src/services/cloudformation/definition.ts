/** From a request to what the stack is to be: its template checked against the resource types there are, its parameters given. */
import { checkReferences, referencesIn } from './template/references.ts'
import { formatError, templateError, validationError } from './template/validation-error.ts'
import { isResourceType, providerOf } from './providers/registry.ts'
import {
  checkKnownValues,
  MASK,
  resolveTemplate,
  type ResolvedTemplate,
  type StackFacts,
} from './template/resolved-template.ts'
import { parseTemplate, type Template } from './template/template.ts'
import { requireCapabilities } from './template/capabilities.ts'
import { resolveParameters, type ParameterInput } from './template/parameters.ts'
import type { StackDefinition, Tags } from './records.ts'

const TAGS_MAX = 50

export interface DefinitionInput {
  readonly TemplateBody?: string | undefined
  readonly UsePreviousTemplate?: boolean | undefined
  readonly Parameters?: readonly ParameterInput[] | undefined
  readonly Capabilities?: readonly string[] | undefined
  readonly ResourceTypes?: readonly string[] | undefined
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined
}

/** `current` is the stack that is being updated. Throws AWS's errors for everything that can be known before a resource is touched. */
export function definitionFrom(
  input: DefinitionInput,
  current: StackDefinition | undefined,
  stack: StackFacts,
): StackDefinition {
  const templateBody = input.UsePreviousTemplate === true ? current?.templateBody : input.TemplateBody
  if (input.UsePreviousTemplate === true && input.TemplateBody !== undefined) {
    throw validationError('Specify exactly one of TemplateBody, TemplateURL or UsePreviousTemplate.')
  }
  if (templateBody === undefined) throw validationError('Either Template URL or Template Body must be specified.')
  const template = checkedTemplate(templateBody)
  checkResourceTypes(template, input.ResourceTypes)
  const definition: StackDefinition = {
    templateBody,
    parameters: resolveParameters(template.parameters, input.Parameters ?? [], current?.parameters),
    capabilities: input.Capabilities ?? [],
    // An update that names no tags keeps those there are; an empty list removes them.
    tags: input.Tags === undefined ? (current?.tags ?? {}) : tagsFrom(input.Tags),
  }
  checkKnownValues(resolveDefinition(definition, stack))
  requireCapabilities(template, definition.capabilities)
  return definition
}

/** Parses a template and checks every name and type in it. Throws AWS's `ValidationError`. */
export function checkedTemplate(text: string): Template {
  const template = parseTemplate(text)
  const unrecognized = Object.values(template.resources)
    .map(({ type }) => type)
    .filter((type) => !isResourceType(type))
  // FIDELITY: AWS says this of types that do not exist; here also of those Isthmus does not have.
  if (unrecognized.length > 0) {
    throw formatError(`Unrecognized resource types: [${[...new Set(unrecognized)].join(', ')}]`)
  }
  checkReferences(template)
  checkAttributes(template)
  return template
}

const templates = new WeakMap<StackDefinition, Template>()

export function templateOf(definition: StackDefinition): Template {
  const known = templates.get(definition)
  if (known) return known
  const template = checkedTemplate(definition.templateBody)
  templates.set(definition, template)
  return template
}

export function resolveDefinition(definition: StackDefinition, stack: StackFacts): ResolvedTemplate {
  return resolveTemplate(templateOf(definition), definition.parameters, stack)
}

/** The parameters as they are described. */
export function shownParameters(definition: StackDefinition): { ParameterKey: string; ParameterValue: string }[] {
  const declared = templateOf(definition).parameters
  return Object.entries(definition.parameters).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: declared[ParameterKey]?.noEcho ? MASK : value,
  }))
}

function checkAttributes(template: Template): void {
  const values = [
    ...Object.values(template.resources).map(({ properties }) => properties),
    ...Object.values(template.outputs).map(({ value }) => value),
  ]
  for (const { name, attribute } of values.flatMap((value) => referencesIn(value))) {
    if (attribute === undefined || attribute === 'computed') continue
    const type = template.resources[name]?.type
    if (type !== undefined && !providerOf(type).attributes.includes(attribute)) throw unknownAttribute(name, attribute)
  }
}

export function unknownAttribute(logicalId: string, attribute: string): Error {
  return templateError(`resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`)
}

/** `AWS::IAM::*` and `AWS::*` match by prefix. */
function checkResourceTypes(template: Template, allowed: readonly string[] | undefined): void {
  if (allowed === undefined || allowed.length === 0) return
  const isAllowed = (type: string) =>
    allowed.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern))
  const refused = Object.values(template.resources).find(({ type }) => !isAllowed(type))
  if (refused) {
    throw validationError(
      `Resource type ${refused.type} is not allowed by parameter ResourceTypes [${allowed.join(', ')}]`,
    )
  }
}

function tagsFrom(tags: NonNullable<DefinitionInput['Tags']>): Tags {
  if (tags.length > TAGS_MAX) throw validationError(`Number of tags exceeds the limit of ${TAGS_MAX}`)
  const reserved = tags.find(({ Key }) => Key?.toLowerCase().startsWith('aws:'))
  if (reserved) throw validationError('Tag keys that start with aws: are reserved for AWS')
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']))
}
