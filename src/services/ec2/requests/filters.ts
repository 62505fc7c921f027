/**
 * The filters of Describe calls: all of them must match, each by any of its values; `*` and `?` are wildcards and a backslash takes them
 * literally. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
import type * as sdk from '@aws-sdk/client-ec2'

import { ANY_ONE, ANY_RUN, createMatcher, type TextMatcher, type Token } from '../../../policy/wildcard.ts'
import { invalidParameterValue } from '../errors.ts'
import type { ResourceRecord } from '../records.ts'

/** What a filter is compared with: nothing, one value or several. */
export type FilterValue = string | number | boolean | undefined | readonly (string | number | boolean | undefined)[]

/** The filters of one kind of resource, by their names. `tag:…`, `tag-key` and `owner-id` are those of every kind. */
export type Filters<T> = Readonly<Record<string, (item: T) => FilterValue>>

export function applyFilters<T extends Pick<ResourceRecord, 'tags'> & Partial<ResourceRecord>>(
  items: readonly T[],
  filters: readonly sdk.Filter[] | undefined,
  known: Filters<T>,
): T[] {
  const tests = (filters ?? []).map((filter) => testOf(filter, known))
  return items.filter((item) => tests.every((test) => test(item)))
}

function testOf<T extends Pick<ResourceRecord, 'tags'> & Partial<ResourceRecord>>(
  { Name: name = '', Values: patterns }: sdk.Filter,
  known: Filters<T>,
): (item: T) => boolean {
  const read = readerOf(name, known)
  if (!read) throw invalidParameterValue(`The filter '${name}' is invalid`)
  if (!patterns || patterns.length === 0) throw invalidParameterValue(`The filter '${name}' has no values`)
  const matchers = patterns.map(matcherOf)
  return (item) => {
    const found = read(item)
    const values = typeof found === 'object' ? found : [found]
    return values.some((value) => value !== undefined && matchers.some((matches) => matches(String(value))))
  }
}

function readerOf<T extends Pick<ResourceRecord, 'tags'> & Partial<ResourceRecord>>(
  name: string,
  known: Filters<T>,
): ((item: T) => FilterValue) | undefined {
  if (Object.hasOwn(known, name)) return known[name]
  if (name === 'tag-key') return ({ tags }) => Object.keys(tags)
  if (name === 'owner-id') return ({ account }) => account
  if (!name.startsWith('tag:')) return undefined
  const key = name.slice('tag:'.length)
  return ({ tags }) => (Object.hasOwn(tags, key) ? tags[key] : undefined)
}

function matcherOf(value: string): TextMatcher {
  const tokens: Token[] = []
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index)
    const next = value.charAt(index + 1)
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      tokens.push(next)
      index++
    } else tokens.push(character === '*' ? ANY_RUN : character === '?' ? ANY_ONE : character)
  }
  return createMatcher(tokens)
}
