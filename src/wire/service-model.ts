/** What the wire layer knows of one AWS service: its operations, their shapes, its errors and its routes, each built when first asked for. */
import { constraintLookup, type ServiceConstraints } from './constraints.ts'
import { createRouter, type RouteMatch, type RouteQuery, type Router } from './router.ts'
import {
  createShapeReader,
  errorSchema,
  operationNames,
  operationSchema,
  type ErrorSchema,
  type HttpTrait,
  type SdkModule,
} from './schema.ts'
import type { StructureShape } from './shape.ts'
import type { ServiceDescription } from './service-description.ts'

export type { ServiceConstraints } from './constraints.ts'
export { serviceDescriptions, type ProtocolName, type ServiceDescription } from './service-description.ts'

export interface OperationModel {
  readonly name: string
  readonly input: StructureShape
  readonly output: StructureShape
  /** The members of the input and of the output that travel in the body; elsewhere than in REST, all of them. */
  readonly inputBody: StructureShape
  readonly outputBody: StructureShape
  /** Undefined for protocols that send everything to `/`. */
  readonly http: HttpTrait | undefined
}

/** An error the service declares. */
export interface ErrorModel extends Omit<ErrorSchema, 'shape'> {
  readonly shape: StructureShape
}

export interface ServiceModel {
  readonly description: ServiceDescription
  operation(name: string): OperationModel | undefined
  readonly operationNames: readonly string[]
  /** By the error's shape name: `NoSuchEntityException`. */
  error(name: string): ErrorModel | undefined
  /** The REST operation of a request. `path` is still percent-encoded; the labels are decoded. */
  route(
    method: string,
    path: string,
    query: RouteQuery,
    headers: Readonly<Record<string, unknown>>,
  ): { readonly operation: OperationModel; readonly labels: Readonly<Record<string, string>> } | undefined
}

/** Cheap: nothing is read from the module before it is asked for. Without `constraints` only required members are checked. */
export function createServiceModel(
  description: ServiceDescription,
  sdkModule: SdkModule,
  constraints?: ServiceConstraints,
): ServiceModel {
  const shapes = createShapeReader(constraintLookup(constraints))
  const operations = new Map<string, OperationModel>()
  const errors = new Map<string, ErrorModel>()
  let names: readonly string[] | undefined
  let router: Router | undefined

  function operation(name: string): OperationModel | undefined {
    const known = operations.get(name)
    if (known) return known
    const schema = operationSchema(sdkModule, name)
    if (!schema) return undefined
    const input = shapes.structure(schema.input)
    const output = shapes.structure(schema.output)
    const model: OperationModel = {
      name,
      input,
      output,
      inputBody: bodyOf(input),
      outputBody: bodyOf(output),
      http: schema.http,
    }
    operations.set(name, model)
    return model
  }

  function error(name: string): ErrorModel | undefined {
    const known = errors.get(name)
    if (known) return known
    const schema = errorSchema(sdkModule, name)
    if (!schema) return undefined
    const model: ErrorModel = { ...schema, shape: shapes.structure(schema.shape) }
    errors.set(name, model)
    return model
  }

  function routes(): Router {
    router ??= createRouter(
      operationNames(sdkModule).flatMap((name) => {
        const http = operationSchema(sdkModule, name)?.http
        return http ? [{ name, http }] : []
      }),
    )
    return router
  }

  return {
    description,
    operation,
    error,
    get operationNames() {
      names ??= operationNames(sdkModule)
      return names
    },
    route(method, path, query, headers) {
      const match: RouteMatch | undefined = routes().match(method, path, query, headers)
      const found = match && operation(match.name)
      return found && { operation: found, labels: match.labels }
    },
  }
}

function bodyOf(shape: StructureShape): StructureShape {
  const members = shape.members.filter(({ location }) => location === 'body')
  return members.length === shape.members.length ? shape : { ...shape, members }
}
