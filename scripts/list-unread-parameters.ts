/**
 * Parameters of implemented operations that nothing reads and nothing refuses: each would be taken and silently ignored. A test fails when
 * there is one.
 *
 * The sources are searched, so it errs on one side: a parameter whose name the operation's own code has not, nor (where that code hands its
 * whole input on) what the code imports of its service. A nested one is missed when another of the service has its name.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import type { Shape } from '../src/wire/shape.ts'
import { serviceOperations, type ImplementedOperation, type ServiceOperations } from './list-operations.ts'

/** What has nothing to do here, and why that is as it is on AWS. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'CloudFormation GetTemplate.TemplateStage': 'without macros, both stages are the same text',
  'CloudWatch Logs FilterLogEvents.interleaved': 'AWS takes it for true whatever it is',
  'EC2 DescribeAddressesAttribute.Attribute': 'there is one attribute, which no address has here',
  'EC2 DescribeAvailabilityZones.AllAvailabilityZones': 'there is no zone that one has to opt in to',
  'EventBridge DeleteRule.Force': 'there are no managed rules',
  'EventBridge RemoveTargets.Force': 'there are no managed rules',
  'SNS ConfirmSubscription.AuthenticateOnUnsubscribe': 'nobody unsubscribes without a signature',
  'Service Quotas RequestServiceQuotaIncrease.SupportCaseAllowed': 'no request needs a support case',
}

/** Structures that are refused as a whole, unless they ask for nothing. */
const REFUSED_WHOLE = new Set([
  'RollbackConfiguration',
  'FileSystemConfigs',
  'AppSyncParameters',
  'BatchParameters',
  'EcsParameters',
  'HttpParameters',
  'KinesisParameters',
  'RedshiftDataParameters',
  'RunCommandParameters',
  'SageMakerPipelineParameters',
  'SqsParameters',
])

/** Members of an input that only answers have. */
const ANSWERS_ONLY = new Set(['Parameters.ResolvedValue'])

const SERVICES = join(import.meta.dirname, '..', 'src', 'services')

/** `Lambda CreateFunction.Code.ImageUri` */
export async function unreadParameters(): Promise<readonly string[]> {
  const found = (await serviceOperations()).flatMap((service) =>
    [...service.implemented.values()].flatMap((operation) =>
      unreadOf(service, operation).map((parameter) => `${service.name} ${operation.name}.${parameter}`),
    ),
  )
  return found.filter((parameter) => WITHOUT_EFFECT[parameter] === undefined)
}

/** What is excused and needs no excuse any more. */
export async function needlessExcuses(): Promise<readonly string[]> {
  const services = await serviceOperations()
  return Object.keys(WITHOUT_EFFECT).filter((parameter) => {
    const service = services.find(({ name }) => parameter.startsWith(`${name} `))
    const [name = '', member = ''] = parameter.slice((service?.name.length ?? 0) + 1).split('.')
    const operation = service?.implemented.get(name)
    return !service || !operation || !unreadOf(service, operation).includes(member)
  })
}

function unreadOf({ folder, model }: ServiceOperations, operation: ImplementedOperation): readonly string[] {
  const file = join(SERVICES, operation.file)
  const around = textWithImports(file, folder)
  const own = entryOf(textOf(file), operation.name)
  // What is done of every operation of a service stands where its tables are bound.
  const everywhere = textOf(join(SERVICES, folder, 'index.ts'))
  const members = model.operation(operation.name)?.input.members ?? []
  return members
    .filter(({ name }) => !operation.refuses.includes(name))
    .flatMap(({ name, shape }) => {
      const isRead = own === undefined || handsItsInputOn(own) ? has(around, name) : has(own, name)
      return isRead || has(everywhere, name) ? unreadInside(shape, name, around, 0) : [name]
    })
}

const DEPTH_MAX = 6

function unreadInside(shape: Shape, path: string, text: string, depth: number): readonly string[] {
  if (depth > DEPTH_MAX || REFUSED_WHOLE.has(path.split('.').at(-1) ?? '')) return []
  switch (shape.kind) {
    case 'structure':
      return shape.members.flatMap((member) => {
        const memberPath = `${path}.${member.name}`
        if (ANSWERS_ONLY.has(memberPath)) return []
        return has(text, member.name) ? unreadInside(member.shape, memberPath, text, depth + 1) : [memberPath]
      })
    case 'list':
      return unreadInside(shape.element, path, text, depth + 1)
    case 'map':
      return unreadInside(shape.value, path, text, depth + 1)
    case 'string':
    case 'boolean':
    case 'number':
    case 'document':
    case 'blob':
    case 'timestamp':
      return []
  }
}

function has(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text)
}

/** The table's entry, from its name to the brace in the same column; undefined where a function makes it. */
function entryOf(text: string, name: string): string | undefined {
  return new RegExp(`^  ${name}: \\{\\n[\\s\\S]*?^  \\},?$`, 'm').exec(text)?.[0]
}

function handsItsInputOn(entry: string): boolean {
  const withoutParameterLists = entry.replace(/\(input(?:, \w+)*\)(?= =>| \{)/g, '')
  return /\binput\b(?!\??\.)/.test(withoutParameterLists)
}

/** The file's text and that of all it imports from its service's folder and from the files beside the folders. */
function textWithImports(file: string, folder: string): string {
  const texts = new Map<string, string>()
  const waiting = [file]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (texts.has(next)) continue
    const text = textOf(next)
    texts.set(next, text)
    for (const [, specifier = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const target = resolve(dirname(next), specifier)
      if (target.startsWith(join(SERVICES, folder, '/')) || dirname(target) === SERVICES) waiting.push(target)
    }
  }
  return [...texts.values()].join('\n')
}

/** Without comments, and without what some operation refuses: another may not. */
function textOf(file: string): string {
  if (!existsSync(file)) return ''
  return readFileSync(file, 'utf8')
    .replace(/^\s*\/\*\*?[\s\S]*?\*\//gm, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s*refuses: \[[^\]]*\],?$/gm, '')
}
