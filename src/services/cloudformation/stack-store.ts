/** The collections, and how stacks, resources, events and change sets are found in them. */
import { parseArn } from '../../core/arn.ts'
import { isoTime, type Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import { scopeOf, type Collection, type Shelf, type State } from '../../state/state.ts'
import type { ChangeSetRecord, EventRecord, ResourceRecord, StackOutput, StackRecord } from './records.ts'

/** So many deleted stacks are remembered for their ARNs. AWS keeps each for 90 days. */
const DELETED_STACKS_MAX = 200

export const STACK_TYPE = 'AWS::CloudFormation::Stack'

/** Account and Region. */
export interface Place {
  readonly account: string
  readonly region: string
}

export type NewEvent = Omit<EventRecord, 'stackId' | 'eventId' | 'timeMs' | 'clientRequestToken'>

export interface Export {
  readonly stack: StackRecord
  readonly value: string
}

export class StackStore {
  readonly #stacks: Collection<StackRecord>
  readonly #resources: Collection<ResourceRecord>
  readonly #events: Collection<EventRecord>
  readonly #changeSets: Collection<ChangeSetRecord>
  readonly #clock: Clock
  readonly #ids: Ids

  constructor({ state, clock, ids }: { readonly state: State; readonly clock: Clock; readonly ids: Ids }) {
    this.#stacks = state.collection('cloudformation.stacks')
    this.#resources = state.collection('cloudformation.resources')
    this.#events = state.collection('cloudformation.events')
    this.#changeSets = state.collection('cloudformation.change-sets')
    this.#clock = clock
    this.#ids = ids
  }

  stack(id: string): StackRecord | undefined {
    const arn = parseArn(id)
    return arn && shelf(this.#stacks, arn).get(id)
  }

  /** By name, of a stack that is not deleted, or by ARN, of any. */
  find(place: Place, nameOrId: string): StackRecord | undefined {
    if (nameOrId.startsWith('arn:')) return shelf(this.#stacks, place).get(nameOrId)
    return this.stacks(place).find(({ name, status }) => name === nameOrId && status !== 'DELETE_COMPLETE')
  }

  /** In the order they were created. */
  stacks(place: Place): StackRecord[] {
    return shelf(this.#stacks, place).values()
  }

  everyStack(): StackRecord[] {
    return this.#stacks.scopes().flatMap((scope) => this.#stacks.in(scope).values())
  }

  putStack(stack: StackRecord): void {
    shelf(this.#stacks, stack).put(stack.id, stack)
  }

  resources(stack: StackRecord): ResourceRecord[] {
    return shelf(this.#resources, stack)
      .values()
      .filter(({ stackId }) => stackId === stack.id)
  }

  /** Every resource of every stack in the account and Region. */
  everyResource(place: Place): ResourceRecord[] {
    return shelf(this.#resources, place).values()
  }

  resource(stack: StackRecord, logicalId: string): ResourceRecord | undefined {
    return shelf(this.#resources, stack).get(keyIn(stack, logicalId))
  }

  putResource(stack: StackRecord, resource: ResourceRecord): void {
    shelf(this.#resources, stack).put(keyIn(stack, resource.logicalId), resource)
  }

  deleteResource(stack: StackRecord, logicalId: string): void {
    shelf(this.#resources, stack).delete(keyIn(stack, logicalId))
  }

  /** Oldest first. */
  events(stack: StackRecord): EventRecord[] {
    return shelf(this.#events, stack)
      .values()
      .filter(({ stackId }) => stackId === stack.id)
  }

  appendEvent(stackId: string, event: NewEvent): void {
    const stack = this.stack(stackId)
    if (!stack) throw new Error(`no stack ${stackId}`)
    // Strictly increasing, so that the newest event is the newest and ids made from the time are unique.
    const timeMs = Math.max(this.#clock.now(), stack.lastEventMs + 1)
    const isOfStack = event.type === STACK_TYPE && event.logicalId === stack.name
    const eventId = isOfStack ? this.#ids.uuid() : `${event.logicalId}-${event.status}-${isoTime(timeMs)}`
    const { clientRequestToken } = stack.operation
    shelf(this.#events, stack).put(`${stackId}|${timeMs}`, {
      ...event,
      stackId,
      eventId,
      timeMs,
      ...(clientRequestToken !== undefined && { clientRequestToken }),
    })
    this.putStack({ ...stack, lastEventMs: timeMs })
  }

  changeSets(stack: StackRecord): ChangeSetRecord[] {
    return shelf(this.#changeSets, stack)
      .values()
      .filter(({ stackId }) => stackId === stack.id)
  }

  changeSet(place: Place, id: string): ChangeSetRecord | undefined {
    return shelf(this.#changeSets, place).get(id)
  }

  putChangeSet(place: Place, changeSet: ChangeSetRecord): void {
    shelf(this.#changeSets, place).put(changeSet.id, changeSet)
  }

  deleteChangeSet(place: Place, id: string): void {
    shelf(this.#changeSets, place).delete(id)
  }

  /** Export name → who exports what. */
  exports(place: Place): ReadonlyMap<string, Export> {
    return new Map(
      this.stacks(place)
        .filter(({ status }) => status !== 'DELETE_COMPLETE')
        .flatMap((stack) => exportsOf(stack).map(({ exportName, value }) => [exportName, { stack, value }] as const)),
    )
  }

  /** Other stacks that use an export. */
  importers(stack: StackRecord, exportName: string): StackRecord[] {
    return this.stacks(stack).filter(
      ({ id, imports, status }) => id !== stack.id && status !== 'DELETE_COMPLETE' && imports.includes(exportName),
    )
  }

  /** Forgets the oldest deleted stacks beyond the limit. */
  prune(place: Place): void {
    const deleted = this.stacks(place)
      .filter(({ status }) => status === 'DELETE_COMPLETE')
      .sort((a, b) => (a.deletedAtMs ?? 0) - (b.deletedAtMs ?? 0))
    for (const stack of deleted.slice(0, Math.max(0, deleted.length - DELETED_STACKS_MAX))) this.#forget(stack)
  }

  #forget(stack: StackRecord): void {
    for (const { logicalId } of this.resources(stack)) this.deleteResource(stack, logicalId)
    for (const { timeMs } of this.events(stack)) shelf(this.#events, stack).delete(`${stack.id}|${timeMs}`)
    for (const { id } of this.changeSets(stack)) this.deleteChangeSet(stack, id)
    shelf(this.#stacks, stack).delete(stack.id)
  }
}

export function exportsOf(stack: StackRecord): readonly (StackOutput & { readonly exportName: string })[] {
  return stack.outputs.flatMap((output) =>
    output.exportName === undefined ? [] : [{ ...output, exportName: output.exportName }],
  )
}

function shelf<T>(collection: Collection<T>, { account, region }: Place): Shelf<T> {
  return collection.in(scopeOf(account, region))
}

function keyIn(stack: StackRecord, logicalId: string): string {
  return `${stack.id}|${logicalId}`
}
