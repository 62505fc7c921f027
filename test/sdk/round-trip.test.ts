/**
 * Every operation of every client through the real SDK and back: what the SDK sends must be read as what was given to it, what we write
 * must be read by the SDK as what the handler gave, every declared error must arrive as the SDK's own exception, and every request's
 * signature must verify. No network: the SDK's request handler is ours.
 */
import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as cloudtrail from '@aws-sdk/client-cloudtrail'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as events from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as organizations from '@aws-sdk/client-organizations'
import * as serviceQuotas from '@aws-sdk/client-service-quotas'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import * as sts from '@aws-sdk/client-sts'
import { AwsQueryProtocol } from '@aws-sdk/core/protocols'
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import * as fc from 'fast-check'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../../src/core/aws-error.ts'
import { systemClock } from '../../src/core/clock.ts'
import { randomIds } from '../../src/core/ids.ts'
import { createEc2 } from '../../src/services/ec2/index.ts'
import { createState } from '../../src/state/state.ts'
import { constraints as cloudformationConstraints } from '../../src/wire/constraints/cloudformation.ts'
import { constraints as cloudtrailConstraints } from '../../src/wire/constraints/cloudtrail.ts'
import { constraints as cloudwatchConstraints } from '../../src/wire/constraints/cloudwatch.ts'
import { constraints as ec2Constraints } from '../../src/wire/constraints/ec2.ts'
import { constraints as eventsConstraints } from '../../src/wire/constraints/events.ts'
import { constraints as iamConstraints } from '../../src/wire/constraints/iam.ts'
import { constraints as lambdaConstraints } from '../../src/wire/constraints/lambda.ts'
import { constraints as logsConstraints } from '../../src/wire/constraints/logs.ts'
import { constraints as organizationsConstraints } from '../../src/wire/constraints/organizations.ts'
import { constraints as serviceQuotasConstraints } from '../../src/wire/constraints/service-quotas.ts'
import { constraints as snsConstraints } from '../../src/wire/constraints/sns.ts'
import { constraints as sqsConstraints } from '../../src/wire/constraints/sqs.ts'
import { constraints as stsConstraints } from '../../src/wire/constraints/sts.ts'
import { identify, type Identified } from '../../src/wire/identify.ts'
import type { WireRequest, WireResponse } from '../../src/wire/message.ts'
import { readInput } from '../../src/wire/read.ts'
import {
  createServiceModel,
  serviceDescriptions,
  type OperationModel,
  type ProtocolName,
  type ServiceConstraints,
  type ServiceDescription,
  type ServiceModel,
} from '../../src/wire/service-model.ts'
import { readSignature, verifySignature } from '../../src/wire/sigv4.ts'
import { writeError, writeOutput } from '../../src/wire/write.ts'
import { valueOf } from './shape-arbitrary.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const REQUEST_ID = '12345678-1234-4234-8234-123456789012'
const SEED = 20_260_112
/** Per operation; the first has every member. */
const SAMPLES = 4

interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
}

type Sdk = Readonly<Record<string, unknown>>
type Respond = (request: WireRequest, identified: Identified) => WireResponse
interface Client {
  send(command: object): Promise<Record<string, unknown>>
}

interface Service {
  readonly description: ServiceDescription
  readonly sdk: Sdk
  readonly client: string
  /** Of the client, where it is not its own: what other clients of the service speak. */
  readonly protocol?: new (options: never) => object
  readonly constraints: ServiceConstraints
  /** Where the client has many more than we have. */
  readonly only?: readonly string[]
  /** How many the client has: an upgrade that adds or loses some is noticed here. */
  readonly operations: number
  readonly errors: number
}

const services: readonly Service[] = [
  {
    description: serviceDescriptions.lambda,
    sdk: lambda,
    constraints: lambdaConstraints,
    client: 'LambdaClient',
    operations: 88,
    errors: 56,
  },
  {
    description: serviceDescriptions.iam,
    sdk: iam,
    constraints: iamConstraints,
    client: 'IAMClient',
    operations: 180,
    errors: 38,
  },
  {
    description: serviceDescriptions.sts,
    sdk: sts,
    constraints: stsConstraints,
    client: 'STSClient',
    operations: 11,
    errors: 12,
  },
  {
    description: serviceDescriptions.organizations,
    sdk: organizations,
    constraints: organizationsConstraints,
    client: 'OrganizationsClient',
    operations: 63,
    errors: 50,
  },
  {
    description: serviceDescriptions.servicequotas,
    sdk: serviceQuotas,
    constraints: serviceQuotasConstraints,
    client: 'ServiceQuotasClient',
    operations: 26,
    errors: 17,
  },
  {
    description: serviceDescriptions.cloudformation,
    sdk: cloudformation,
    constraints: cloudformationConstraints,
    client: 'CloudFormationClient',
    operations: 92,
    errors: 29,
  },
  {
    description: serviceDescriptions.logs,
    sdk: logs,
    constraints: logsConstraints,
    client: 'CloudWatchLogsClient',
    operations: 118,
    errors: 21,
  },
  {
    description: serviceDescriptions.ec2,
    sdk: ec2,
    constraints: ec2Constraints,
    client: 'EC2Client',
    only: Object.keys(
      createEc2({
        state: createState(),
        clock: systemClock,
        ids: randomIds,
        quotas: { valueOf: ({ defaultValue }) => defaultValue },
      }).service.operations,
    ),
    operations: 823,
    errors: 0,
  },
  {
    description: serviceDescriptions.sqs,
    sdk: sqs,
    constraints: sqsConstraints,
    client: 'SQSClient',
    operations: 23,
    errors: 28,
  },
  {
    description: serviceDescriptions.sns,
    sdk: sns,
    constraints: snsConstraints,
    client: 'SNSClient',
    operations: 42,
    errors: 34,
  },
  {
    description: serviceDescriptions.events,
    sdk: events,
    constraints: eventsConstraints,
    client: 'EventBridgeClient',
    operations: 57,
    errors: 13,
  },
  {
    description: serviceDescriptions.cloudtrail,
    sdk: cloudtrail,
    constraints: cloudtrailConstraints,
    client: 'CloudTrailClient',
    operations: 60,
    errors: 86,
  },
  ...[undefined, SmithyRpcV2CborProtocol, AwsQueryProtocol].map((protocol) => ({
    description: serviceDescriptions.monitoring,
    sdk: cloudwatch,
    constraints: cloudwatchConstraints,
    client: 'CloudWatchClient',
    ...(protocol && { protocol }),
    operations: 55,
    errors: 19,
  })),
]

/** Operations that are called without credentials. */
const UNSIGNED = new Set(['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'])

describe.each(services)('$client, $operations operations, $errors errors:', (service) => {
  const { description, sdk, client, protocol } = service
  const model = createServiceModel(description, sdk, service.constraints)
  const names = service.only ?? model.operationNames

  test('reads what the SDK sends, and verifies its signature', async () => {
    const failures = await failuresOf(names, async (name) => {
      const operation = operationOf(model, name)
      for (const input of samples(operation, 'input')) {
        let read: { operation: OperationModel; input: object } | undefined
        const respond: Respond = (request, identified) => {
          if (UNSIGNED.has(name)) expect(readSignature(request)).toBeUndefined()
          else verify(request)
          read = readInput(model, identified, request)
          return writeOutput(model, identified, operation, {}, REQUEST_ID)
        }
        await clientOf(sdk, client, respond, protocol).send(commandOf(sdk, name, input))
        if (read?.operation.name !== name) return `routed to ${read?.operation.name}`
        const spoken = protocol === AwsQueryProtocol ? 'awsQuery' : description.protocol
        const difference = differenceBetween(sayable(input, spoken), sayable(read.input, spoken))
        if (difference !== undefined) return difference
      }
      return undefined
    })
    expect(model.operationNames).toHaveLength(service.operations)
    expect(failures).toEqual({})
  })

  test('writes what the SDK reads', async () => {
    const failures = await failuresOf(names, async (name) => {
      const operation = operationOf(model, name)
      const [input] = samples(operation, 'input')
      for (const output of samples(operation, 'output')) {
        const respond: Respond = (_request, identified) => writeOutput(model, identified, operation, output, REQUEST_ID)
        const { $metadata, ...received } = await clientOf(sdk, client, respond, protocol).send(
          commandOf(sdk, name, input ?? {}),
        )
        if (($metadata as { requestId?: string }).requestId !== REQUEST_ID) return 'lost the request id'
        const difference = differenceBetween(output, await settled(received))
        if (difference !== undefined) return difference
      }
      return undefined
    })
    expect(failures).toEqual({})
  })

  test('sends every declared error as the exception of that name', async () => {
    const name = names[0] ?? ''
    const [input] = samples(operationOf(model, name), 'input')
    const failures = await failuresOf(errorNames(sdk), async (errorName) => {
      const error = model.error(errorName)
      const fields = error?.shape.members.filter(
        (member) => !/^message$/i.test(member.name) && member.shape.kind === 'string',
      )
      const given = Object.fromEntries((fields ?? []).map((member, index) => [member.name, `field ${index} <&>`]))
      const thrown = new AwsError(errorName, 'boom <&> "quoted" é', { fields: given })
      let response: WireResponse | undefined
      const respond: Respond = (_request, { protocol }) =>
        (response = writeError({ model, protocol }, thrown, REQUEST_ID))
      const received = await clientOf(sdk, client, respond, protocol)
        .send(commandOf(sdk, name, input ?? {}))
        .then(
          () => undefined,
          (caught: unknown) => caught as Error & Record<string, unknown>,
        )
      if (!received) return 'did not throw'
      const expected = sdk[errorName]
      // Two errors of CloudWatch have one code of the query protocol, by which its client tells them in every protocol.
      const code = error?.query?.code
      const isTwin = code !== undefined && model.error(received.name)?.query?.code === code
      if (typeof expected !== 'function' || (!(received instanceof expected) && !isTwin))
        return `arrived as ${received.name}: ${received.message}`
      if (received.message !== thrown.message) return `said ${received.message}`
      if (received['$fault'] !== error?.fault) return `blamed the ${String(received['$fault'])}`
      const { httpStatusCode } = received['$metadata'] as { httpStatusCode: number }
      if (httpStatusCode !== response?.status || httpStatusCode < 400) return `status ${httpStatusCode}`
      const lost = Object.keys(given).filter((field) => received[field] !== given[field])
      return lost.length > 0 ? `lost ${lost.join()}` : undefined
    })
    expect(errorNames(sdk)).toHaveLength(service.errors)
    expect(failures).toEqual({})
  })
})

function operationOf(model: ServiceModel, name: string): OperationModel {
  const operation = model.operation(name)
  if (!operation) throw new Error(`no operation ${name}`)
  return operation
}

function errorNames(sdk: Sdk): string[] {
  return Object.entries(sdk).flatMap(([key, schema]) =>
    Array.isArray(schema) && schema[0] === -3 && key.endsWith('$') && !String(schema[1]).startsWith('smithy.ts')
      ? [key.slice(0, -1)]
      : [],
  )
}

async function failuresOf(
  names: readonly string[],
  attempt: (name: string) => Promise<string | undefined>,
): Promise<Record<string, string>> {
  const failures: Record<string, string> = {}
  for (const name of names) {
    const failure = await attempt(name).catch((error: unknown) => String(error))
    if (failure !== undefined) failures[name] = failure
  }
  return failures
}

/** A global endpoint has a host name of its own and a signature that only AWS's native library makes. */
const GLOBAL_ENDPOINT = 'EndpointId'

function samples(operation: OperationModel, side: 'input' | 'output'): Record<string, unknown>[] {
  const global = operation.name === 'PutEvents' && side === 'input'
  return randomSamples(operation, side).map(({ [GLOBAL_ENDPOINT]: endpoint, ...rest }) =>
    global || endpoint === undefined ? rest : { ...rest, [GLOBAL_ENDPOINT]: endpoint },
  )
}

function randomSamples(operation: OperationModel, side: 'input' | 'output'): Record<string, unknown>[] {
  const all = fc.sample(valueOf(operation[side], { members: 'all' }), { seed: SEED, numRuns: 1 })
  return [...all, ...fc.sample(valueOf(operation[side], { members: 'some' }), { seed: SEED, numRuns: SAMPLES - 1 })]
}

function commandOf(sdk: Sdk, name: string, input: object): object {
  const Command = sdk[`${name}Command`] as new (input: object) => object
  return new Command(structuredClone(input))
}

function clientOf(sdk: Sdk, name: string, respond: Respond, protocol?: Service['protocol']): Client {
  const SdkClient = sdk[name] as new (configuration: object) => Client
  return new SdkClient({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:4566',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET, sessionToken: 'a/token+=' },
    maxAttempts: 1,
    disableHostPrefix: true,
    ...(protocol && { protocol }),
    // SQS's client compares digests, which random messages do not have.
    md5: false,
    requestHandler: {
      handle: async (httpRequest: HttpRequest) => {
        const request = await wireRequest(httpRequest)
        const identified = identify(request, serviceDescriptions)
        if (!identified) throw new Error('not identified')
        const { status, headers, body } = respond(request, identified)
        return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body as string)]) } }
      },
    },
  })
}

function verify(request: WireRequest): void {
  const signed = readSignature(request)
  if (!signed) throw new Error('not signed')
  verifySignature(request, signed, SECRET, Date.now(), { service: signed.service, region: 'eu-west-1' })
}

/** As the SDK's own HTTP handler would put it on the wire. */
async function wireRequest({ method, path, query, headers, body }: HttpRequest): Promise<WireRequest> {
  const rawQuery = Object.entries(query ?? {})
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => [key, one] as const))
    .map(([key, value]) => (value === null ? escaped(key) : `${escaped(key)}=${escaped(value)}`))
    .join('&')
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const chunks: Uint8Array[] = []
  if (body instanceof Readable) for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array))
  else if (typeof body === 'string') chunks.push(Buffer.from(body))
  else if (body !== undefined) chunks.push(body)
  return { method, path, rawQuery, headers: lowerCase, body: Buffer.concat(chunks) }
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Reads the event streams among an output's members. */
async function settled(output: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const whole: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(output)) {
    if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value) {
      const events: unknown[] = []
      for await (const event of value as AsyncIterable<unknown>) events.push(event)
      whole[name] = events
    } else whole[name] = value
  }
  return whole
}

/** The query protocol has no way to send a structure or a map without content, nor a list of nothing but those; EC2's no empty list either. */
function sayable(value: unknown, protocol: ProtocolName): unknown {
  if (protocol !== 'awsQuery' && protocol !== 'ec2Query') return value
  return withoutEmptyObjects(comparable(value), protocol === 'awsQuery')
}

function withoutEmptyObjects(value: unknown, keepsEmptyLists: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const elements = value
      .map((element) => withoutEmptyObjects(element, keepsEmptyLists))
      .filter((element) => element !== undefined)
    const isSaid = elements.length > 0 || (keepsEmptyLists && value.length === 0)
    return isSaid ? elements : undefined
  }
  const parts = Object.entries(value)
    .map(([key, part]) => [key, withoutEmptyObjects(part, keepsEmptyLists)] as const)
    .filter(([, part]) => part !== undefined)
  return parts.length === 0 ? undefined : Object.fromEntries(parts)
}

/** The first difference, in words. */
function differenceBetween(given: unknown, received: unknown): string | undefined {
  const [a, b] = [comparable(given), comparable(received)]
  if (isDeepStrictEqual(a, b)) return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `gave ${JSON.stringify(a)?.slice(0, 80)}, received ${JSON.stringify(b)?.slice(0, 80)}`
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const difference = differenceBetween((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
    if (difference !== undefined) return `${key}: ${difference}`
  }
  return 'differs'
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  // JSON has one zero.
  if (value === 0) return 0
  if (value instanceof Date) return `time ${value.toISOString()}`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, comparable(part)]),
  )
}
