/** What the operations of Service Quotas share: the quotas there are, and the requests that change them. */
import type * as sdk from '@aws-sdk/client-service-quotas'

import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import { scopeOf, type Shelf, type State } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import type { Foundations } from '../cloud-service.ts'
import type { QuotaDefinition, QuotaDirectory } from '../directories.ts'
import type { Operations } from '../operation.ts'
import { noSuchQuota, noSuchService } from './errors.ts'
import type { ChangeRequestRecord } from './records.ts'

export type QuotaOperations = Operations<typeof sdk, QuotaService>

type Place = Pick<Caller, 'account' | 'region'>

export interface QuotaOptions extends Foundations {
  /** All there are, as the services declare them. */
  readonly quotas: readonly QuotaDefinition[]
}

/**
 * FIDELITY: AWS takes minutes to days to decide about a request, and may refuse it; here everything that is asked for is approved in a moment.
 */
const APPROVAL_MS = 50

export class QuotaService implements QuotaDirectory {
  readonly clock: Clock
  readonly ids: Ids
  readonly #state: State
  readonly #quotas: readonly QuotaDefinition[]

  constructor({ clock, ids, state, quotas }: QuotaOptions) {
    this.clock = clock
    this.ids = ids
    this.#state = state
    this.#quotas = quotas
  }

  /** Code → name. */
  services(): ReadonlyMap<string, string> {
    return new Map(this.#quotas.map(({ serviceCode, serviceName }) => [serviceCode, serviceName]))
  }

  /** Throws AWS's error where there is no such service. */
  quotasOf(serviceCode: string): readonly QuotaDefinition[] {
    const found = this.#quotas.filter((quota) => quota.serviceCode === serviceCode)
    if (found.length === 0) throw noSuchService()
    return found
  }

  /** Throws AWS's error where there is no such quota. */
  quota(serviceCode: string, quotaCode: string): QuotaDefinition {
    const found = this.quotasOf(serviceCode).find((quota) => quota.quotaCode === quotaCode)
    if (!found) throw noSuchQuota()
    return found
  }

  valueOf({ serviceCode, quotaCode, defaultValue }: QuotaDefinition, place: Place): number {
    const latest = this.#latest(place).get(keyOf(serviceCode, quotaCode))
    if (!latest) return defaultValue
    return this.isApproved(latest) ? latest.desiredValue : latest.valueBefore
  }

  isApproved({ createdMs }: ChangeRequestRecord): boolean {
    return this.clock.now() >= createdMs + APPROVAL_MS
  }

  /** When the request was last touched. */
  updatedMs(request: ChangeRequestRecord): number {
    return this.isApproved(request) ? request.createdMs + APPROVAL_MS : request.createdMs
  }

  requests(place: Place): Shelf<ChangeRequestRecord> {
    return this.#state
      .collection<ChangeRequestRecord>('service-quotas.request')
      .in(scopeOf(place.account, place.region))
  }

  /** One that is still to be decided. */
  openRequest({ serviceCode, quotaCode }: QuotaDefinition, place: Place): ChangeRequestRecord | undefined {
    const latest = this.#latest(place).get(keyOf(serviceCode, quotaCode))
    return latest && !this.isApproved(latest) ? latest : undefined
  }

  put(request: ChangeRequestRecord): void {
    this.requests(request).put(request.id, request)
    this.#latest(request).put(keyOf(request.serviceCode, request.quotaCode), request)
  }

  /** Of each quota that was ever changed, the last request. */
  #latest({ account, region }: Place): Shelf<ChangeRequestRecord> {
    return this.#state.collection<ChangeRequestRecord>('service-quotas.latest').in(scopeOf(account, region))
  }
}

function keyOf(serviceCode: string, quotaCode: string): string {
  return `${serviceCode}/${quotaCode}`
}
