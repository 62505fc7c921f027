/** AWS account ids: exactly twelve digits. */

declare const accountId: unique symbol
export type AccountId = string & { readonly [accountId]: true }

const ACCOUNT_ID = /^\d{12}$/

export function isAccountId(value: string): value is AccountId {
  return ACCOUNT_ID.test(value)
}

/** Throws `TypeError` naming the value when it is not twelve digits. */
export function parseAccountId(value: string): AccountId {
  if (!isAccountId(value)) throw new TypeError(`\`${value}\` is not an account id, expected twelve digits`)
  return value
}
