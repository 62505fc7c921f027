/** What SNS and EventBridge have in common: they hand on what they are given to whoever asked for it, in any account. */
import type { Clock } from '../core/clock.ts'
import type { Ids } from '../core/ids.ts'
import type { CallOperation, Foundations } from './cloud-service.ts'
import type { IdentityDirectory } from './directories.ts'

export interface DeliveringOptions extends Foundations {
  readonly identities: IdentityDirectory
  /** How it reaches the services that it delivers to. */
  readonly call: CallOperation
  readonly endpointUrl: () => string
  readonly notice: (text: string) => void
}

export abstract class DeliveringService {
  readonly clock: Clock
  readonly ids: Ids
  readonly identities: IdentityDirectory
  readonly call: CallOperation
  readonly endpointUrl: () => string
  readonly notice: (text: string) => void

  constructor({ clock, ids, identities, call, endpointUrl, notice }: DeliveringOptions) {
    this.clock = clock
    this.ids = ids
    this.identities = identities
    this.call = call
    this.endpointUrl = endpointUrl
    this.notice = notice
  }
}
