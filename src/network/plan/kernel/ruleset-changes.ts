/**
 * The nft commands between two rulesets. They touch only chains and elements that differ, in one transaction, so that a change of one
 * security group neither rebuilds the rest nor lets a packet pass unseen.
 */
import type { NftChain, NftSet, Ruleset } from './state.ts'

export const TABLE = 'ip isthmus'

export const EMPTY_RULESET: Ruleset = { sets: new Map(), chains: new Map() }

/** Lines for `nft -f`; none when the two are equal. */
export function rulesetChanges(before: Ruleset, after: Ruleset): readonly string[] {
  const goneChains = [...before.chains.keys()].filter((name) => !isKept(name, before.chains, after.chains))
  const goneSets = [...before.sets.keys()].filter((name) => !isSetKept(name, before, after))
  const changes = [
    ...declarations(before, after),
    // Nobody may refer to what goes: rules first, then elements (which name chains), then the things themselves.
    ...goneChains.map((name) => `flush chain ${TABLE} ${name}`),
    ...[...after.chains].flatMap(([name, chain]) => chainChanges(name, before.chains.get(name), chain)),
    ...[...after.sets].flatMap(([name, set]) => elementChanges(name, before.sets.get(name), set)),
    ...goneSets.map((name) => `delete ${before.sets.get(name)?.kind} ${TABLE} ${name}`),
    ...goneChains.map((name) => `delete chain ${TABLE} ${name}`),
  ]
  return changes.length === 0 ? [] : [`add table ${TABLE}`, ...changes]
}

function declarations(before: Ruleset, after: Ruleset): readonly string[] {
  return [
    ...[...after.sets]
      .filter(([name]) => !isSetKept(name, before, after))
      .map(([name, { kind, declaration }]) => `add ${kind} ${TABLE} ${name} { ${declaration}; }`),
    ...[...after.chains]
      .filter(([name]) => !isKept(name, before.chains, after.chains))
      .map(([name, { hook }]) => `add chain ${TABLE} ${name}${hook === undefined ? '' : ` { ${hook}; }`}`),
  ]
}

/** INVARIANT: a name stands for one hook; a chain that changes its hook changes its name. */
function isKept(name: string, before: ReadonlyMap<string, NftChain>, after: ReadonlyMap<string, NftChain>): boolean {
  return before.has(name) && after.has(name)
}

function isSetKept(name: string, before: Ruleset, after: Ruleset): boolean {
  return before.sets.has(name) && after.sets.has(name)
}

function chainChanges(name: string, before: NftChain | undefined, after: NftChain): readonly string[] {
  if (before !== undefined && before.rules.join('\n') === after.rules.join('\n')) return []
  return [
    ...(before === undefined ? [] : [`flush chain ${TABLE} ${name}`]),
    ...after.rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`),
  ]
}

function elementChanges(name: string, before: NftSet | undefined, after: NftSet): readonly string[] {
  const [old, wanted] = [new Set(before?.elements), new Set(after.elements)]
  const gone = [...old].filter((element) => !wanted.has(element))
  const added = [...wanted].filter((element) => !old.has(element))
  return [
    ...(gone.length === 0 ? [] : [`delete element ${TABLE} ${name} { ${gone.join(', ')} }`]),
    ...(added.length === 0 ? [] : [`add element ${TABLE} ${name} { ${added.join(', ')} }`]),
  ]
}
