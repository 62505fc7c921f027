/**
 * Which of AWS's operations are implemented: the operation tables of `src/services` beside the commands that the SDK's clients have.
 * list-fidelity.ts puts it into docs/fidelity.md.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { loadPackage } from '../src/core/load-package.ts'
import type { Operation } from '../src/services/operation.ts'
import { createServiceModel, serviceDescriptions, type ServiceModel } from '../src/wire/service-model.ts'

type ServiceName = keyof typeof serviceDescriptions

/** Folder of `src/services`, what AWS calls the service, and its client. */
const SERVICES = [
  { folder: 'lambda', name: 'Lambda', service: 'lambda', client: '@aws-sdk/client-lambda' },
  {
    folder: 'cloudformation',
    name: 'CloudFormation',
    service: 'cloudformation',
    client: '@aws-sdk/client-cloudformation',
  },
  { folder: 'logs', name: 'CloudWatch Logs', service: 'logs', client: '@aws-sdk/client-cloudwatch-logs' },
  { folder: 'ec2', name: 'EC2', service: 'ec2', client: '@aws-sdk/client-ec2' },
  { folder: 'events', name: 'EventBridge', service: 'events', client: '@aws-sdk/client-eventbridge' },
  { folder: 'iam', name: 'IAM', service: 'iam', client: '@aws-sdk/client-iam' },
  { folder: 'organizations', name: 'Organizations', service: 'organizations', client: '@aws-sdk/client-organizations' },
  {
    folder: 'service-quotas',
    name: 'Service Quotas',
    service: 'servicequotas',
    client: '@aws-sdk/client-service-quotas',
  },
  { folder: 'sns', name: 'SNS', service: 'sns', client: '@aws-sdk/client-sns' },
  { folder: 'sqs', name: 'SQS', service: 'sqs', client: '@aws-sdk/client-sqs' },
  { folder: 'sts', name: 'STS', service: 'sts', client: '@aws-sdk/client-sts' },
] as const satisfies readonly {
  readonly folder: string
  readonly name: string
  readonly service: ServiceName
  readonly client: Parameters<typeof loadPackage>[0]
}[]

export interface ImplementedOperation {
  readonly name: string
  /** Relative to `src/services`. */
  readonly file: string
  readonly refuses: readonly string[]
}

export interface ServiceOperations {
  readonly folder: string
  readonly name: string
  readonly model: ServiceModel
  /** By name. */
  readonly implemented: ReadonlyMap<string, ImplementedOperation>
}

export async function serviceOperations(): Promise<readonly ServiceOperations[]> {
  return Promise.all(
    SERVICES.map(async ({ folder, name, service, client }) => ({
      folder,
      name,
      model: createServiceModel(serviceDescriptions[service], loadPackage(client)),
      implemented: await implementedIn(folder),
    })),
  )
}

const SOURCES = join(import.meta.dirname, '..', 'src', 'services')

/** By the tables that the modules of a folder of `src/services` export. */
export async function implementedIn(folder: string): Promise<ReadonlyMap<string, ImplementedOperation>> {
  const files = readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
  const found: ImplementedOperation[] = []
  for (const file of files) {
    const exported = (await import(join(SOURCES, folder, file))) as Readonly<Record<string, unknown>>
    for (const table of Object.values(exported)) {
      if (typeof table !== 'object' || table === null) continue
      for (const [name, operation] of Object.entries(table)) {
        if (isOperation(operation)) found.push({ name, file: `${folder}/${file}`, refuses: operation.refuses ?? [] })
      }
    }
  }
  return new Map(found.sort(byName).map((operation) => [operation.name, operation]))
}

function isOperation(value: unknown): value is Operation<Record<string, unknown>, object, unknown> {
  return typeof value === 'object' && value !== null && 'permissions' in value && 'handle' in value
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}

/** The part of docs/fidelity.md that lists them: every operation of Lambda, and of the other services those that there are. */
export async function operationSections(): Promise<string> {
  const [lambda, ...others] = await serviceOperations()
  if (!lambda) throw new Error('there is no service')
  return [
    '## Operations\n',
    "What is not implemented answers so in the service's own form, naming the operation or the parameter. Listed are the parameters that are " +
      'refused whatever they say; of others some values are, by name as well.\n',
    `### Lambda: ${lambda.implemented.size} of ${lambda.model.operationNames.length}\n`,
    '| operation | status |\n| --- | --- |',
    ...[...lambda.model.operationNames].sort().map((name) => `| ${name} | ${status(lambda.implemented.get(name))} |`),
    '\n### Other services\n',
    '| service | implemented | of | operations |\n| --- | --: | --: | --- |',
    ...others.map(
      ({ name, model, implemented }) =>
        `| ${name} | ${implemented.size} | ${model.operationNames.length} | ${[...implemented.keys()].join(', ')} |`,
    ),
    '',
  ].join('\n')
}

function status(operation: ImplementedOperation | undefined): string {
  if (!operation) return 'not implemented'
  return operation.refuses.length === 0 ? 'implemented' : `implemented, without ${operation.refuses.join(', ')}`
}
