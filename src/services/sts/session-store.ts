/** Temporary credentials: those handed out by STS are durable, those of services live as long as the process. */
import { parseAccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Principal } from '../../policy/model.ts'
import { GLOBAL, type Shelf, type State } from '../../state/state.ts'
import type { Session } from '../caller.ts'
import type { CredentialDirectory, Credentials, TemporaryCredentials } from '../directories.ts'
import { accessKeyId } from '../iam/unique-id.ts'

export interface StoredSession {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly account: string
  readonly principal: Principal
  readonly session: Session
}

const SECRET_LENGTH = 40
/** AWS's tokens begin like this and are several hundred characters; nothing may depend on what is in one. */
const TOKEN_START = 'IQoJb3JpZ2luX2VjE'
const TOKEN_RANDOM_LENGTH = 200
const SWEEP_INTERVAL_MS = 10 * 60_000
/** For so long an expired session is still answered with "expired" and not with "unknown". */
const EXPIRED_KEPT_MS = 12 * 3_600_000
const SESSIONS_MAX = 100_000

export class SessionStore implements CredentialDirectory {
  readonly #durable: Shelf<StoredSession>
  readonly #inMemory = new Map<string, StoredSession>()
  readonly #credentials = new WeakMap<StoredSession, Credentials>()
  readonly #clock: Clock
  readonly #ids: Ids
  #nextSweepMs = 0

  constructor({ state, clock, ids }: { readonly state: State; readonly clock: Clock; readonly ids: Ids }) {
    this.#durable = state.collection<StoredSession>('sts.sessions').in(GLOBAL)
    this.#clock = clock
    this.#ids = ids
  }

  /** Sessions begin and end on whole seconds. */
  nowMs(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }

  /** The answer for one session is always the same object, so that what is compiled from it can be kept. */
  find(id: string): Credentials | undefined {
    const stored = this.#inMemory.get(id) ?? this.#durable.get(id)
    if (!stored) return undefined
    let credentials = this.#credentials.get(stored)
    if (!credentials) this.#credentials.set(stored, (credentials = credentialsFrom(stored)))
    return credentials
  }

  create(
    account: string,
    principal: Principal,
    session: Session,
    { durable }: { readonly durable: boolean },
  ): TemporaryCredentials {
    this.#makeRoom()
    const stored: StoredSession = {
      accessKeyId: accessKeyId(this.#ids, 'ASIA', account),
      secretAccessKey: this.#ids.secret(SECRET_LENGTH),
      sessionToken: TOKEN_START + this.#ids.secret(TOKEN_RANDOM_LENGTH),
      account,
      principal,
      session,
    }
    if (durable) this.#durable.put(stored.accessKeyId, stored)
    else this.#inMemory.set(stored.accessKeyId, stored)
    const { secretAccessKey, sessionToken } = stored
    return { accessKeyId: stored.accessKeyId, secretAccessKey, sessionToken, expiresAtMs: session.expiresAtMs }
  }

  #makeRoom(): void {
    const nowMs = this.nowMs()
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + SWEEP_INTERVAL_MS
      this.#sweep(nowMs - EXPIRED_KEPT_MS)
    }
    if (this.#durable.size + this.#inMemory.size < SESSIONS_MAX) return
    this.#sweep(nowMs)
    if (this.#durable.size + this.#inMemory.size >= SESSIONS_MAX) {
      throw new AwsError('Throttling', 'Rate exceeded', { status: 400 })
    }
  }

  #sweep(expiredBeforeMs: number): void {
    for (const { accessKeyId: id, session } of this.#durable.values()) {
      if (session.expiresAtMs < expiredBeforeMs) this.#durable.delete(id)
    }
    for (const [id, { session }] of this.#inMemory) {
      if (session.expiresAtMs < expiredBeforeMs) this.#inMemory.delete(id)
    }
  }
}

function credentialsFrom(stored: StoredSession): Credentials {
  const { accessKeyId: id, secretAccessKey, sessionToken, account, principal, session } = stored
  return {
    accessKeyId: id,
    secretAccessKey,
    sessionToken,
    active: true,
    principal,
    account: parseAccountId(account),
    session,
  }
}
