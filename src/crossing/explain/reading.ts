/** Reads through AWS's read-only APIs, and remembers what it was not allowed to read instead of guessing. */
import { awsProblem } from '../aws-problem.ts'
import { createClients, type AwsAccess, type Clients } from '../access.ts'

export interface Unread {
  /** Where it would have been read; undefined for what nobody can read anywhere. */
  readonly account?: string
  /** What would have been read: `the inline policies of role caller-role`. */
  readonly input: string
  readonly why: string
  /** What that leaves open; undefined when the verdict does not depend on it. */
  readonly leaves?: string
}

export type Read<T> = { readonly known: true; readonly value: T } | { readonly known: false }

export interface Reader {
  /**
   * Reads something of an account; it is unread when nobody can sign for the account or the signer may not read it. `leaves` says what that
   * leaves open. Every other error is thrown.
   */
  read<T>(
    what: {
      readonly account: string
      /** Of what is read, where that is not the Region that is worked in. */
      readonly region?: string
      readonly input: string
      readonly leaves?: string
    },
    get: (clients: Clients) => Promise<T>,
  ): Promise<Read<T>>
  readonly unread: readonly Unread[]
  /** What was not read since there were `count` entries has been had in another way. */
  forgetSince(count: number): void
  note(unread: Unread): void
}

export const UNKNOWN = { known: false } as const

export function known<T>(value: T): Read<T> {
  return { known: true, value }
}

export function createReader(access: AwsAccess): Reader {
  const clients = new Map<string, Clients>()
  const unread: Unread[] = []

  function clientsOf(account: string, region: string): Clients | undefined {
    const signer = access.signers.get(account)
    if (!signer) return undefined
    const key = `${account} ${region}`
    let created = clients.get(key)
    if (!created) {
      created = createClients({ ...access, region }, signer)
      clients.set(key, created)
    }
    return created
  }

  return {
    unread,
    note: (entry) => {
      unread.push(entry)
    },
    forgetSince: (count) => {
      unread.length = count
    },
    async read({ account, region = access.region, input, leaves }, get) {
      const found = clientsOf(account, region)
      const note = (why: string) => unread.push({ account, input, why, ...(leaves !== undefined && { leaves }) })
      if (!found) {
        note('no profile signs for the account')
        return UNKNOWN
      }
      try {
        return known(await get(found))
      } catch (error) {
        if (!isRefusal(error)) throw awsProblem(error, account) ?? error
        note(error.message)
        return UNKNOWN
      }
    },
  }
}

const REFUSALS = /^(AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized)/

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && REFUSALS.test(error.name)
}

/** Whether AWS answered that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /^(NoSuchEntity|ResourceNotFound)/.test(error.name)
}

/** Undefined when there is no such thing. */
export async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
