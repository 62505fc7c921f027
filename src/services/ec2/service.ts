/** What the operation tables of EC2 share: the collections of every kind of resource, and finding one by its id. */
import type * as sdk from '@aws-sdk/client-ec2'

import type { AccountId } from '../../core/account.ts'
import type { AwsError } from '../../core/aws-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Region } from '../../core/region.ts'
import { scopeOf, type Shelf, type State } from '../../state/state.ts'
import type { Foundations } from '../cloud-service.ts'
import type { QuotaDefinition, QuotaDirectory } from '../directories.ts'
import type { Operations } from '../operation.ts'
import { createChangeNotice } from './change-notice.ts'
import type { HostAttachment } from './interfaces/host-attachments.ts'
import { checkId, KINDS } from './kinds.ts'
import { NatTransitions } from './routing/nat-transitions.ts'
import type { Kind, Records } from './records.ts'

export type Ec2Operations = Operations<typeof sdk, Ec2Service>

/** An account in a Region: whose resources are meant. A caller is one, and so is a record. */
export interface Place {
  readonly account: AccountId
  readonly region: Region
}

export interface Ec2Options extends Foundations {
  readonly quotas: QuotaDirectory
  /** Resolves when the data plane carries what EC2 has; absent where there is none. */
  readonly networkSettled?: () => Promise<void>
  /** Services of this machine that are to be in subnets. */
  readonly hosts?: readonly HostAttachment[]
  /** Something the person running the cloud should read once. */
  readonly notice?: (text: string) => void
}

/** Of the 17 digits of an id, AWS's first is nearly always 0. */
const ID_DIGITS = 16

export class Ec2Service {
  readonly state: State
  readonly clock: Clock
  readonly ids: Ids
  readonly changes = createChangeNotice()
  readonly natTransitions: NatTransitions
  readonly #quotas: QuotaDirectory

  constructor(options: Ec2Options) {
    this.state = options.state
    this.clock = options.clock
    this.ids = options.ids
    this.#quotas = options.quotas
    this.natTransitions = new NatTransitions(this, options.clock)
  }

  /** `vpc-0123456789abcdef0` */
  newId(prefix: string): string {
    return `${prefix}-0${this.ids.hex(ID_DIGITS)}`
  }

  quota(quota: QuotaDefinition, { account, region }: Place): number {
    return this.#quotas.valueOf(quota, { account, region })
  }

  list<K extends Kind>(kind: K, place: Place): Records[K][] {
    return this.#shelf(kind, place).values()
  }

  /** Of every account and Region. */
  all<K extends Kind>(kind: K): Records[K][] {
    const collection = this.state.collection<Records[K]>(collectionOf(kind))
    return collection.scopes().flatMap((scope) => collection.in(scope).values())
  }

  find<K extends Kind>(kind: K, place: Place, id: string): Records[K] | undefined {
    return this.#shelf(kind, place).get(id)
  }

  /** In any account of the Region. */
  findIn<K extends Kind>(kind: K, region: Region, id: string): Records[K] | undefined {
    const collection = this.state.collection<Records[K]>(collectionOf(kind))
    for (const scope of collection.scopes()) {
      const found = scope.endsWith(`/${region}`) ? collection.in(scope).get(id) : undefined
      if (found) return found
    }
    return undefined
  }

  /** In any account and Region: ids are not given twice. */
  findAnywhere<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    const collection = this.state.collection<Records[K]>(collectionOf(kind))
    for (const scope of collection.scopes()) {
      const found = collection.in(scope).get(id)
      if (found) return found
    }
    return undefined
  }

  /** Throws AWS's error where there is no such resource in the place. */
  get<K extends Kind>(kind: K, place: Place, id: string): Records[K] {
    const found = this.find(kind, place, id)
    if (found) return found
    checkId(kind, id)
    throw this.missing(kind, id)
  }

  /** AWS's error for an id that names nothing. */
  missing(kind: Kind, id: string): AwsError {
    return KINDS[kind].notFound(id)
  }

  /** The resources a Describe call asks for by their ids, or all there are. Throws for the first id there is none of. */
  asked<K extends Kind>(kind: K, place: Place, ids: readonly string[] | undefined): Records[K][] {
    if (ids === undefined || ids.length === 0) return this.list(kind, place)
    return [...new Set(ids)].map((id) => this.get(kind, place, id))
  }

  put<K extends Kind>(kind: K, record: Records[K]): void {
    this.#shelf(kind, record).put(record.id, record)
    this.changes.touch()
  }

  delete(kind: Kind, record: Records[Kind]): void {
    this.#shelf(kind, record).delete(record.id)
    this.changes.touch()
  }

  #shelf<K extends Kind>(kind: K, { account, region }: Place): Shelf<Records[K]> {
    return this.state.collection<Records[K]>(collectionOf(kind)).in(scopeOf(account, region))
  }
}

function collectionOf(kind: Kind): string {
  return `ec2.${kind}`
}
