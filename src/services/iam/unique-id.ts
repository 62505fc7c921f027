/**
 * IAM's unique ids and access key ids: a prefix, ten characters that carry the account, and random ones.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
import { isAccountId, type AccountId } from '../../core/account.ts'
import type { Ids } from '../../core/ids.ts'

export type UniqueIdPrefix = 'AIDA' | 'AGPA' | 'AROA' | 'ANPA'
export type AccessKeyPrefix = 'AKIA' | 'ASIA'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const PREFIX_LENGTH = 4
const UNIQUE_ID_LENGTH = 21
const ACCESS_KEY_ID_LENGTH = 20
/** The characters that hold the account and nothing else: 40 bits, of which the first is always set. */
const ACCOUNT_CHARACTERS = 8
const MARK = 2 ** 39

/** AIDA…, AROA…: 21 characters. */
export function uniqueId(ids: Ids, prefix: UniqueIdPrefix, account: string): string {
  return idOfLength(ids, prefix, account, UNIQUE_ID_LENGTH)
}

/** AKIA…, ASIA…: 20 characters. */
export function accessKeyId(ids: Ids, prefix: AccessKeyPrefix, account: string): string {
  return idOfLength(ids, prefix, account, ACCESS_KEY_ID_LENGTH)
}

/** The account that an id made by `uniqueId` or `accessKeyId` carries; undefined for an id made otherwise. */
export function accountOfId(id: string): AccountId | undefined {
  let high = 0
  for (const character of id.slice(PREFIX_LENGTH, PREFIX_LENGTH + ACCOUNT_CHARACTERS)) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return undefined
    high = high * ALPHABET.length + value
  }
  const low = ALPHABET.indexOf(id[PREFIX_LENGTH + ACCOUNT_CHARACTERS] ?? '')
  if (high < MARK || low < 0) return undefined
  const account = ((high - MARK) * 2 + (low >> 4)).toString().padStart(12, '0')
  return isAccountId(account) ? account : undefined
}

// The lowest bit of the account is the highest of the ninth character; the other four are random.
function idOfLength(ids: Ids, prefix: string, account: string, length: number): string {
  const number = Number(account)
  let high = Math.floor(number / 2) + MARK
  let encoded = ''
  for (let i = 0; i < ACCOUNT_CHARACTERS; i++) {
    encoded = `${ALPHABET[high % ALPHABET.length]}${encoded}`
    high = Math.floor(high / ALPHABET.length)
  }
  const random = ids.base32(length - PREFIX_LENGTH - ACCOUNT_CHARACTERS)
  const ninth = ((number % 2) << 4) | (ALPHABET.indexOf(random[0] ?? 'A') & 0b1111)
  return `${prefix}${encoded}${ALPHABET[ninth]}${random.slice(1)}`
}
