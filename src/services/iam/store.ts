/** IAM's collections: per account the users, groups, roles and policies; across accounts the access keys and the unique ids. */
import { accountScope, GLOBAL, type Shelf, type State } from '../../state/state.ts'
import type { AccessKey, Entity, EntityKind, Group, ManagedPolicy, Role, User } from './records.ts'

export interface AccountShelves {
  readonly user: Shelf<User>
  readonly group: Shelf<Group>
  readonly role: Shelf<Role>
  readonly policy: Shelf<ManagedPolicy>
}

type EntityOf<Kind extends EntityKind> = Extract<Entity, { kind: Kind }>

interface Whereabouts {
  readonly kind: EntityKind
  readonly account: string
  readonly name: string
}

export class IamStore {
  readonly accessKeys: Shelf<AccessKey>
  readonly #state: State
  readonly #accounts = new Map<string, AccountShelves>()
  /** Unique id → where its user, group or role is. */
  readonly #whereabouts: Shelf<Whereabouts>
  #revision = 0

  constructor(state: State) {
    this.#state = state
    this.accessKeys = state.collection<AccessKey>('iam.access-keys').in(GLOBAL)
    this.#whereabouts = state.collection<Whereabouts>('iam.unique-ids').in(GLOBAL)
  }

  /** Grows whenever a group or a managed policy changes: what a user or role may do can have changed without its own record changing. */
  get revision(): number {
    return this.#revision
  }

  in(account: string): AccountShelves {
    let shelves = this.#accounts.get(account)
    if (!shelves) {
      const scope = accountScope(account)
      shelves = {
        user: this.#state.collection<User>('iam.users').in(scope),
        group: this.#state.collection<Group>('iam.groups').in(scope),
        role: this.#state.collection<Role>('iam.roles').in(scope),
        policy: this.#state.collection<ManagedPolicy>('iam.policies').in(scope),
      }
      this.#accounts.set(account, shelves)
    }
    return shelves
  }

  /** Names are unique regardless of case, and found only in their own case. */
  find<Kind extends EntityKind>(kind: Kind, account: string, name: string): EntityOf<Kind> | undefined {
    const found = this.#shelf(kind, account).get(keyOf(name))
    return found?.name === name ? found : undefined
  }

  nameIsTaken(kind: EntityKind | 'policy', account: string, name: string): boolean {
    return this.in(account)[kind].has(keyOf(name))
  }

  byId(id: string): Entity | undefined {
    const where = this.#whereabouts.get(id)
    const found = where && this.find(where.kind, where.account, where.name)
    return found?.id === id ? found : undefined
  }

  /** `previousName` moves a renamed entity. */
  put(entity: Entity, previousName = entity.name): void {
    const shelf: Shelf<Entity> = this.#shelf(entity.kind, entity.account)
    if (keyOf(previousName) !== keyOf(entity.name)) shelf.delete(keyOf(previousName))
    shelf.put(keyOf(entity.name), entity)
    const { kind, account, name, id } = entity
    if (this.#whereabouts.get(id)?.name !== name) this.#whereabouts.put(id, { kind, account, name })
    if (kind === 'group') this.#revision++
  }

  remove(entity: Entity): void {
    this.#shelf(entity.kind, entity.account).delete(keyOf(entity.name))
    this.#whereabouts.delete(entity.id)
    if (entity.kind === 'group') this.#revision++
  }

  findPolicy(account: string, name: string): ManagedPolicy | undefined {
    return this.in(account).policy.get(keyOf(name))
  }

  putPolicy(policy: ManagedPolicy): void {
    this.in(policy.account).policy.put(keyOf(policy.name), policy)
    this.#revision++
  }

  removePolicy(policy: ManagedPolicy): void {
    this.in(policy.account).policy.delete(keyOf(policy.name))
    this.#revision++
  }

  #shelf<Kind extends EntityKind>(kind: Kind, account: string): Shelf<EntityOf<Kind>> {
    return this.in(account)[kind] as unknown as Shelf<EntityOf<Kind>>
  }
}

function keyOf(name: string): string {
  return name.toLowerCase()
}
