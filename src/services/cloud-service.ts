/** What the server needs of a service, and what services may ask of the cloud around them. */
import type { AwsError } from '../core/aws-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Ids } from '../core/ids.ts'
import type { State } from '../state/state.ts'
import type { ServiceConstraints, ServiceDescription } from '../wire/service-model.ts'
import type { Caller } from './caller.ts'
import type { BoundOperations, Permission } from './operation.ts'

export interface CloudService {
  readonly description: ServiceDescription
  readonly operations: BoundOperations
  /** The official client module, whose schemas drive the wire; asked for at the first request. */
  loadSdk(): Readonly<Record<string, unknown>>
  loadConstraints(): Promise<ServiceConstraints>
  /** Throws where the caller asks too often; before anything else is looked at, whoever calls on its behalf. */
  admit?(caller: Caller, operation: string, input: object): void
  /**
   * The error of a denied call, in the service's own form. `message` is AWS's sentence, `encoded` makes the message that only
   * DecodeAuthorizationMessage reads; undefined where AWS gives none.
   */
  accessDenied(message: string, encoded: () => string | undefined): AwsError
}

/** What every service is built from. */
export interface Foundations {
  readonly state: State
  readonly clock: Clock
  readonly ids: Ids
}

/** Whether a caller would be allowed an operation, as services try it when a resource is configured. Nothing is done, nothing recorded. */
export type AllowsOperation = (caller: Caller, service: string, operation: string, input: object) => boolean

/** The same for a single permission, of a service that need not be one of ours. */
export type AllowsAction = (caller: Caller, permission: Permission) => boolean

/**
 * Calls an operation from inside the cloud as its true principal: the same authorization, the same handler, the same record as a request
 * that came over the wire. Throws `AwsError` like one.
 */
export type CallOperation = (
  caller: Caller,
  service: string,
  operation: string,
  input: object,
) => Promise<Readonly<Record<string, unknown>>>
