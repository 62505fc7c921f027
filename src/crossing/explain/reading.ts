/** Reads through AWS's read-only APIs, and remembers what it was not allowed to read instead of guessing. */
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
    what: { readonly account: string; readonly input: string; readonly leaves?: string },
    get: (clients: Clients) => Promise<T>,
  ): Promise<Read<T>>
  canSignFor(account: string): boolean
  readonly unread: readonly Unread[]
  note(unread: Unread): void
}

export const UNKNOWN = { known: false } as const

export function known<T>(value: T): Read<T> {
  return { known: true, value }
}

export function createReader(access: AwsAccess): Reader {
  const clients = new Map<string, Promise<Clients>>()
  const unread: Unread[] = []

  function clientsOf(account: string): Promise<Clients> | undefined {
    const signer = access.signers.get(account)
    if (!signer) return undefined
    let created = clients.get(account)
    if (!created) {
      created = createClients(access, signer)
      clients.set(account, created)
    }
    return created
  }

  return {
    unread,
    note: (entry) => {
      unread.push(entry)
    },
    canSignFor: (account) => access.signers.has(account),
    async read({ account, input, leaves }, get) {
      const found = await clientsOf(account)
      const note = (why: string) => unread.push({ account, input, why, ...(leaves !== undefined && { leaves }) })
      if (!found) {
        note('no profile signs for the account')
        return UNKNOWN
      }
      try {
        return known(await get(found))
      } catch (error) {
        if (!isRefusal(error)) throw error
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
