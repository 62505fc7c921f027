/**
 * Life of a request: identify → authenticate → parse → admit → authorize → handle → serialize → record.
 * Calls from inside the cloud enter at admit, through `call`.
 */
import { AwsError } from '../core/aws-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Ids } from '../core/ids.ts'
import type { Caller, CallerEndpoint } from '../services/caller.ts'
import type { AllowsAction, AllowsOperation, CallOperation, CloudService } from '../services/cloud-service.ts'
import type { Trail } from '../services/cloudtrail/index.ts'
import type { EndpointDirectory } from '../services/directories.ts'
import type { BoundOperation } from '../services/operation.ts'
import type { State } from '../state/state.ts'
import { identify, type Identified } from '../wire/identify.ts'
import { requestBytesMax, requestTooLarge } from '../wire/limits.ts'
import { header, type WireRequest, type WireResponse } from '../wire/message.ts'
import { parseQueryString } from '../wire/query-string.ts'
import { readInput } from '../wire/read.ts'
import {
  createServiceModel,
  type ProtocolName,
  type ServiceDescription,
  type ServiceModel,
} from '../wire/service-model.ts'
import { authenticationError, familyOfRequest } from '../wire/sigv4.ts'
import { validateInput } from '../wire/validate.ts'
import { writeError, writeOutput } from '../wire/write.ts'
import type { Authenticate, AuthMode } from './authenticate.ts'
import type { Authorizer, CheckedPermission } from './authorize.ts'
import type { DecisionLog } from './decisions.ts'

export interface PipelineOptions {
  readonly services: readonly CloudService[]
  readonly authenticate: Authenticate
  readonly authorizer: Authorizer
  readonly endpoints: EndpointDirectory
  readonly mode: AuthMode
  readonly decisions: DecisionLog
  readonly trail: Trail
  readonly state: State
  readonly clock: Clock
  readonly ids: Ids
  /** A bug was caught: the client has been answered 500. */
  readonly onBug: (error: unknown, requestId: string) => void
}

export interface Pipeline {
  /** Never throws: every failure is an answer in the protocol the client speaks. */
  handle(request: ReceivedRequest): Promise<WireResponse>
  /** Admits, authorizes, runs, commits and records an operation of a service that is asked for otherwise than by its API. */
  perform(
    caller: Caller,
    serviceName: string,
    operationName: string,
    operation: BoundOperation,
    input: object,
  ): Promise<object>
  /** How a service's requests and errors are written. Undefined for a service that there is not. */
  model(serviceName: string): Promise<ServiceModel | undefined>
  readonly call: CallOperation
  readonly allows: AllowsOperation
  readonly allowsAction: AllowsAction
  /** Imports the SDK client of a service ahead of its first request. */
  preload(signingName: string): Promise<void>
}

export interface ReceivedRequest extends WireRequest {
  readonly sourceIp: string | undefined
  /** The VPC endpoint it came through. */
  readonly endpoint?: CallerEndpoint | undefined
  /** The body was larger than any operation takes and has been dropped. */
  readonly oversize: boolean
}

interface ServiceEntry {
  readonly service: CloudService
  model: ServiceModel | undefined
  loading: Promise<ServiceModel> | undefined
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const entries = new Map<string, ServiceEntry>()
  const descriptions: Record<string, ServiceDescription> = {}
  for (const service of options.services) {
    entries.set(service.description.signingName, { service, model: undefined, loading: undefined })
    descriptions[service.description.signingName] = service.description
  }

  async function loadModel(entry: ServiceEntry): Promise<ServiceModel> {
    const { service } = entry
    const model = createServiceModel(service.description, service.loadSdk(), await service.loadConstraints())
    for (const name of Object.keys(service.operations)) {
      if (!model.operation(name)) throw new Error(`${service.description.signingName} has no operation ${name}`)
    }
    entry.model = model
    return model
  }

  /** Admits, authorizes, runs and commits one operation; records what was decided whatever happens. */
  async function perform(
    caller: Caller,
    service: CloudService,
    name: string,
    operation: BoundOperation,
    input: object,
  ): Promise<object> {
    let checked: readonly CheckedPermission[] = []
    let passedDenial = false
    let output: object | undefined
    let isDenied = false
    let error: unknown
    try {
      service.admit?.(caller, name, input)
      refuseUnhonoured(name, operation, input)
      if (options.mode !== 'off') {
        checked = options.authorizer.check(caller, operation.permissions(input, caller))
        const last = checked.at(-1)
        if (last && last.decision.outcome !== 'allow') {
          if (options.mode === 'strict') {
            isDenied = true
            const encoded = () => options.authorizer.encodedMessage(caller, last)
            throw service.accessDenied(options.authorizer.denial(caller, last), encoded)
          }
          passedDenial = true
        }
      }
      output = await operation.handle(input, caller)
      await options.state.commit()
      return output
    } catch (problem) {
      error = problem
      throw problem
    } finally {
      const timeMs = options.clock.now()
      const { signingName } = service.description
      options.decisions.record({
        requestId: caller.requestId,
        timeMs,
        service: signingName,
        operation: name,
        caller,
        checked,
        ...(error !== undefined && { error: error instanceof Error ? error.name : 'Error' }),
        ...(passedDenial && { passedDenial }),
      })
      const model = entries.get(signingName)?.model?.operation(name)
      options.trail.record({
        timeMs,
        service: signingName,
        operation: name,
        caller,
        checked,
        input,
        output,
        error,
        isDenied,
        model,
      })
    }
  }

  async function validateForwarded(entry: ServiceEntry, operationName: string, input: object): Promise<void> {
    const model = await (entry.loading ??= loadModel(entry))
    const operation = model.operation(operationName)
    if (operation) validateInput(model, operation, input as Record<string, unknown>)
  }

  async function answer(
    request: ReceivedRequest,
    identified: Identified,
    entry: ServiceEntry,
    model: ServiceModel,
    requestId: string,
  ): Promise<WireResponse> {
    const { sourceIp, endpoint } = request
    const { caller, body } = options.authenticate(request, identified.service, { requestId, sourceIp, endpoint })
    if (endpoint) checkEndpoint(request, caller, identified, endpoint)
    const { operation, input } = readInput(model, identified, body === request.body ? request : { ...request, body })
    const bytesMax = requestBytesMax(identified.service, operation.name, header(request, 'x-amz-invocation-type'))
    if (body.length > bytesMax) throw requestTooLarge(operation.name, bytesMax)
    const implemented = entry.service.operations[operation.name]
    if (!implemented) throw unknownOperation(identified.protocol, operation.name)
    validateInput(model, operation, input)
    const output = await perform(caller, entry.service, operation.name, implemented, input)
    return writeOutput(model, identified.protocol, operation, output, requestId)
  }

  /** An endpoint leads to one service of one Region. */
  function checkEndpoint(
    request: ReceivedRequest,
    { region }: Caller,
    { service }: Identified,
    { vpcEndpointId }: CallerEndpoint,
  ): void {
    const facts = options.endpoints.endpoint(vpcEndpointId)
    if (!facts || (facts.service === service && facts.region === region)) return
    const detail =
      facts.service === service
        ? `Credential should be scoped to a valid region. `
        : `Credential should be scoped to correct service: '${facts.service}'. `
    throw authenticationError('signature-mismatch', familyOfRequest(request), detail)
  }

  return {
    async handle(request) {
      const requestId = options.ids.uuid()
      let model: ServiceModel | undefined
      let protocol: ProtocolName = 'restJson1'
      try {
        const identified = identify(request, descriptions)
        const entry = identified && entries.get(identified.service)
        if (!identified || !entry) throw new AwsError('UnknownOperationException', '', { status: 404 })
        protocol = identified.protocol
        model = entry.model ?? (await (entry.loading ??= loadModel(entry)))
        if (request.oversize) throw oversize(model, identified, request)
        return await answer(request, identified, entry, model, requestId)
      } catch (error) {
        return writeError({ ...(model && { model }), protocol }, toAwsError(error, requestId, options), requestId)
      }
    },

    perform(caller, serviceName, operationName, operation, input) {
      const entry = entries.get(serviceName)
      if (!entry) throw new Error(`no service ${serviceName}`)
      return perform(caller, entry.service, operationName, operation, input)
    },

    async model(serviceName) {
      const entry = entries.get(serviceName)
      return entry && (entry.model ?? (await (entry.loading ??= loadModel(entry))))
    },

    async call(caller, serviceName, operationName, input) {
      const entry = entries.get(serviceName)
      const operation = entry?.service.operations[operationName]
      if (!entry || !operation) throw new Error(`no operation ${serviceName}:${operationName}`)
      // What is forwarded on a caller's behalf is as the caller wrote it; what a service asks by itself is valid by construction.
      if (caller.calledVia) await validateForwarded(entry, operationName, input)
      return (await perform(caller, entry.service, operationName, operation, input)) as Readonly<
        Record<string, unknown>
      >
    },

    allows(caller, serviceName, operationName, input) {
      const operation = entries.get(serviceName)?.service.operations[operationName]
      if (!operation) throw new Error(`no operation ${serviceName}:${operationName}`)
      if (options.mode !== 'strict') return true
      const checked = options.authorizer.check(caller, operation.permissions(input, caller))
      return checked.every(({ decision }) => decision.outcome === 'allow')
    },

    allowsAction(caller, permission) {
      if (options.mode !== 'strict') return true
      return options.authorizer.check(caller, [permission]).every(({ decision }) => decision.outcome === 'allow')
    },

    async preload(signingName) {
      const entry = entries.get(signingName)
      if (entry) await (entry.loading ??= loadModel(entry))
    },
  }
}

function oversize(model: ServiceModel, { service, operationName }: Identified, request: ReceivedRequest): AwsError {
  const name =
    operationName ??
    model.route(request.method, request.path, parseQueryString(request.rawQuery), request.headers)?.operation.name
  const bytesMax = requestBytesMax(service, name, header(request, 'x-amz-invocation-type'))
  return requestTooLarge(name ?? 'requested', bytesMax)
}

/** A parameter we do not honour is refused by name, never ignored. */
function refuseUnhonoured(name: string, operation: BoundOperation, input: object): void {
  for (const member of operation.refuses) {
    const value = (input as Readonly<Record<string, unknown>>)[member]
    if (value === undefined || value === null) continue
    throw new AwsError('NotImplemented', `Isthmus does not implement the parameter ${member} of ${name}`, {
      status: 501,
    })
  }
}

/** As the protocol has it for an operation that nobody knows. */
function unknownOperation(protocol: ProtocolName, name: string): AwsError {
  switch (protocol) {
    case 'awsQuery':
    case 'ec2Query':
      return new AwsError('InvalidAction', `The action ${name} is not implemented by Isthmus`, { status: 400 })
    case 'awsJson1_0':
    case 'awsJson1_1':
    case 'rpcV2Cbor':
    case 'restJson1':
      return new AwsError('UnknownOperationException', `The operation ${name} is not implemented by Isthmus`, {
        status: protocol === 'restJson1' ? 404 : 400,
      })
  }
}

function toAwsError(error: unknown, requestId: string, options: PipelineOptions): AwsError {
  if (error instanceof AwsError) return error
  options.onBug(error, requestId)
  return new AwsError(
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    {
      status: 500,
    },
  )
}
