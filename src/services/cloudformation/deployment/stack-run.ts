/** One operation of a stack while it runs: the records it changes, the events it tells, and calls in the deployer's name. */
import { AwsError } from '../../../core/aws-error.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Ids } from '../../../core/ids.ts'
import type { State } from '../../../state/state.ts'
import type { Caller } from '../../caller.ts'
import type { CallOperation } from '../../cloud-service.ts'
import { handlerErrorCode, handlerFailureReason, ServiceCallError } from '../providers/handler-error.ts'
import { physicalName, shortId } from '../providers/physical-name.ts'
import type { ResourceContext } from '../providers/provider.ts'
import { providerOf } from '../providers/registry.ts'
import type {
  ResourceRecord,
  ResourceState,
  ResourceStatus,
  StackOperation,
  StackRecord,
  StackStatus,
  Tags,
} from '../records.ts'
import { STACK_TYPE, type StackStore } from '../stack-store.ts'

export interface Engine {
  readonly state: State
  readonly store: StackStore
  readonly clock: Clock
  readonly ids: Ids
  readonly call: CallOperation
}

/** Ends a run whose cloud is closing, or whose stack is no longer the one it began with. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

const SERVICE_PRINCIPAL = 'cloudformation.amazonaws.com'

export class StackRun {
  readonly engine: Engine
  readonly #stackId: string
  /** INVARIANT: identical to the stack's; a restored state has another. */
  #operation: StackOperation | undefined
  #stopped = false
  #halted = false
  #cancelled = false

  constructor(engine: Engine, stackId: string) {
    this.engine = engine
    this.#stackId = stackId
    this.#operation = engine.store.stack(stackId)?.operation
  }

  /** As it is now: another request may have changed it. */
  get stack(): StackRecord {
    const stack = this.engine.store.stack(this.#stackId)
    if (!stack || stack.operation !== this.#operation) throw new Stopped()
    return stack
  }

  /** No further service is called and no status follows; what a call underway brings is still written down. */
  stop(): void {
    this.#stopped = true
  }

  get stopped(): boolean {
    return this.#stopped
  }

  assertRunning(): void {
    if (this.#stopped) throw new Stopped()
  }

  /** The stack is to be deleted instead: resources underway end, no further one begins. */
  cancel(): void {
    this.#operation = this.engine.store.stack(this.#stackId)?.operation
    this.#cancelled = true
    this.#halted = true
  }

  /** True once after `cancel`. */
  takeCancellation(): boolean {
    const cancelled = this.#cancelled
    this.#cancelled = false
    this.#halted = false
    return cancelled
  }

  /** A resource has failed, or the run is cancelled: no further resource begins. */
  get halted(): boolean {
    return this.#halted
  }

  halt(): void {
    this.#halted = true
  }

  resume(): void {
    this.#halted = this.#cancelled
  }

  setStatus(status: StackStatus, reason?: string, patch: Partial<StackRecord> = {}): void {
    this.assertRunning()
    const { statusReason: _previous, ...stack } = this.stack
    this.engine.store.putStack({ ...stack, ...patch, status, ...(reason !== undefined && { statusReason: reason }) })
    this.engine.store.appendEvent(stack.id, {
      logicalId: stack.name,
      physicalId: stack.id,
      type: STACK_TYPE,
      status,
      ...(reason !== undefined && { reason }),
    })
    this.#commit()
  }

  patchStack(patch: Partial<StackRecord>): void {
    this.engine.store.putStack({ ...this.stack, ...patch })
  }

  resource(logicalId: string): ResourceRecord | undefined {
    return this.engine.store.resource(this.stack, logicalId)
  }

  /** Stores the resource with a status and tells it. */
  saveResource(
    resource: Omit<ResourceRecord, 'stackId' | 'status' | 'updatedAtMs'>,
    status: ResourceStatus,
    reason?: string,
    eventPhysicalId = resource.physicalId,
  ): void {
    const { statusReason: _previous, ...rest } = resource
    this.tell(resource, status, reason, eventPhysicalId)
    this.engine.store.putResource(this.stack, {
      ...rest,
      stackId: this.#stackId,
      status,
      updatedAtMs: this.stack.lastEventMs,
      ...(reason !== undefined && { statusReason: reason }),
    })
    this.#commit()
  }

  /** Stores without telling. */
  putResource(resource: ResourceRecord): void {
    this.engine.store.putResource(this.stack, resource)
  }

  deleteResource(logicalId: string): void {
    this.engine.store.deleteResource(this.stack, logicalId)
  }

  /** An event alone. */
  tell(
    resource: ResourceState & { readonly logicalId: string; readonly type: string },
    status: ResourceStatus,
    reason?: string,
    physicalId = resource.physicalId,
  ): void {
    this.engine.store.appendEvent(this.#stackId, {
      logicalId: resource.logicalId,
      physicalId: physicalId ?? '',
      type: resource.type,
      status,
      ...(reason !== undefined && { reason }),
      properties: JSON.stringify(resource.shownProperties ?? resource.properties),
    })
  }

  contextFor(logicalId: string, type: string, stackTags: Tags): ResourceContext {
    const { account, region, name } = this.stack
    const { clock, ids } = this.engine
    return {
      account,
      region,
      stackTags,
      call: (service, operation, input) => this.#call(service, operation, input) as never,
      generateName: (lengthMax, toId = (made) => made) => {
        const made = physicalName(name, logicalId, ids, lengthMax)
        this.#intend(logicalId, toId(made))
        return made
      },
      generateShortId: () => {
        const made = shortId(name, logicalId, ids)
        this.#intend(logicalId, made)
        return made
      },
      ownerOf: (physicalId) => this.ownerOf(type, physicalId),
      pause: (ms) =>
        new Promise((resolve) => {
          clock.after(ms, resolve)
        }),
      now: () => clock.now(),
    }
  }

  /** The stack that has a resource with this physical id. */
  ownerOf(type: string, physicalId: string): string | undefined {
    return this.engine.store
      .everyResource(this.stack)
      .find(
        (resource) =>
          resource.type === type &&
          resource.status !== 'DELETE_COMPLETE' &&
          resource.status !== 'DELETE_SKIPPED' &&
          [
            resource.physicalId,
            resource.undo && 'state' in resource.undo ? resource.undo.state.physicalId : undefined,
          ].includes(physicalId),
      )?.stackId
  }

  /** Why a handler failed, in AWS's words. */
  failureReason(
    error: unknown,
    resource: { readonly type: string; readonly intendedId?: string } & ResourceState,
  ): string {
    if (error instanceof AwsError) return error.message
    const { nameProperty } = providerOf(resource.type)
    const custom = nameProperty === undefined ? undefined : resource.properties[nameProperty]
    const name = typeof custom === 'string' ? custom : resource.intendedId
    const owner =
      name !== undefined && handlerErrorCode(error) === 'AlreadyExists' ? this.ownerOf(resource.type, name) : undefined
    return owner === undefined
      ? handlerFailureReason(error, this.engine.ids.uuid())
      : `${name} already exists in stack ${owner}`
  }

  /** While the cloud closes, it writes what there is itself, once. */
  #commit(): void {
    if (!this.#stopped) void this.engine.state.commit()
  }

  #intend(logicalId: string, intendedId: string): void {
    const resource = this.resource(logicalId)
    if (resource) this.putResource({ ...resource, intendedId })
  }

  async #call(service: string, operation: string, input: object): Promise<object> {
    this.assertRunning()
    const requestId = this.engine.ids.uuid()
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
    try {
      return await this.engine.call(this.#deployer(requestId), service, operation, given)
    } catch (error) {
      throw error instanceof AwsError ? new ServiceCallError(service, requestId, error) : error
    }
  }

  /**
   * The caller of the stack operation, forwarded: `aws:CalledVia` names CloudFormation, and the request no longer comes from the user's
   * address. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
   */
  #deployer(requestId: string): Caller {
    const { sourceIp: _address, ...caller } = this.stack.operation.caller
    return {
      ...caller,
      requestId,
      userAgent: SERVICE_PRINCIPAL,
      calledVia: [...(caller.calledVia ?? []), SERVICE_PRINCIPAL],
    }
  }
}
