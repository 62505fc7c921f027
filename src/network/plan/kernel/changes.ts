/** The shell script that takes the kernel from one state to another: for `sh -e`, in the fabric's own namespace. */
import { EMPTY_RULESET, rulesetChanges } from './ruleset-changes.ts'
import { HUB, type KernelState, type Link, type NamespaceState } from './state.ts'

const EMPTY_NAMESPACE: NamespaceState = { addresses: [], routes: [], rules: [], ruleset: EMPTY_RULESET }

/**
 * A router forwards between any two of its links, whatever way the answer would take, and never tells a sender of a better one. Settings
 * of the machine are inherited, so all are set.
 *
 * FIDELITY: VPCs have no IPv6 here; it is switched off, for nothing here filters it.
 */
const ROUTER_SETTINGS = [
  'cd /proc/sys/net',
  'echo 1 >ipv4/ip_forward',
  'for i in ipv4/conf/*; do echo 0 >$i/rp_filter; echo 0 >$i/send_redirects; echo 0 >$i/accept_redirects; done',
  'for i in ipv6/conf/*; do [ ! -e $i ] || echo 1 >$i/disable_ipv6; done',
].join('; ')

/** Empty when the two states are equal. */
export function changesBetween(before: KernelState, after: KernelState): string {
  const gone = [...before.namespaces.keys()].filter((name) => !after.namespaces.has(name))
  const fresh = [...after.namespaces.keys()].filter((name) => !before.namespaces.has(name))
  const goneLinks = [...before.links].filter(([name]) => !after.links.has(name)).map(([, link]) => link)
  const freshLinks = [...after.links].filter(([name]) => !before.links.has(name)).map(([, link]) => link)
  return [
    ...goneLinks.flatMap((link) => linkRemoval(link, after)),
    ...batch([
      ...gone.map((name) => `netns del ${name}`),
      ...fresh.filter((name) => name !== HUB).map((name) => `netns add ${name}`),
      ...freshLinks.map(linkCreation),
    ]),
    ...[...after.namespaces].flatMap(([name, state]) => {
      const ends = freshLinks.flat().filter(({ namespace }) => namespace === name)
      const ups = [...(fresh.includes(name) ? ['lo'] : []), ...ends.map((end) => end.name)]
      return namespaceChanges(name, ups, before.namespaces.get(name), state)
    }),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

/** From an end that stays, so that its name is free at once; a namespace that goes takes its ends along later. */
function linkRemoval(link: Link, after: KernelState): readonly string[] {
  const end = link.find(({ namespace }) => after.namespaces.has(namespace))
  return end === undefined ? [] : [`ip ${within(end.namespace)}link del ${end.name}`]
}

function linkCreation([one, other]: Link): string {
  const place = (namespace: string) => (namespace === HUB ? '' : ` netns ${namespace}`)
  return `link add name ${one.name}${place(one.namespace)} type veth peer name ${other.name}${place(other.namespace)}`
}

function within(namespace: string): string {
  return namespace === HUB ? '' : `-n ${namespace} `
}

function batch(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`ip -batch - <<'X'\n${lines.join('\n')}\nX`]
}

function namespaceChanges(
  name: string,
  ups: readonly string[],
  before: NamespaceState | undefined,
  after: NamespaceState,
): readonly string[] {
  const old = before ?? EMPTY_NAMESPACE
  const additions = [
    ...ups.map((link) => `link set ${link} up`),
    ...missingFrom(old.addresses, after.addresses).map((address) => `addr add ${address}`),
    ...missingFrom(old.routes, after.routes).map((route) => `route replace ${route}`),
    ...missingFrom(old.rules, after.rules).map((rule) => `rule add ${rule}`),
    // The kernel's own rule comes before all others: it goes where the state has one in its place.
    ...(before === undefined && after.rules.some((rule) => rule.endsWith(' lookup local')) ? ['rule del pref 0'] : []),
  ]
  const removals = [
    ...missingFrom(after.rules, old.rules).map((rule) => `rule del ${rule}`),
    ...missingFrom(after.routes, old.routes).map((route) => `route del ${route}`),
    ...missingFrom(after.addresses, old.addresses).map((address) => `addr del ${address}`),
  ]
  const nft = rulesetChanges(old.ruleset, after.ruleset)
  const commands = [
    ...(before === undefined ? [ROUTER_SETTINGS] : []),
    ...(additions.length === 0 ? [] : ['ip -batch /dev/fd/3']),
    // What has been replaced, or has gone with its link, is no longer there to be removed.
    ...(removals.length === 0 ? [] : ['ip -force -batch /dev/fd/4 2>/dev/null || true']),
    ...(nft.length === 0 ? [] : ['nft -f /dev/fd/5']),
  ]
  if (commands.length === 0) return []
  const enter = name === HUB ? '' : `nsenter --net=/run/netns/${name} `
  const inputs = [
    [3, additions],
    [4, removals],
    [5, nft],
  ] as const
  const documents = inputs.filter(([, lines]) => lines.length > 0)
  return [
    `${enter}sh -ec '${commands.join('; ')}'${documents.map(([fd]) => ` ${fd}<<'${fd}'`).join('')}`,
    ...documents.flatMap(([fd, lines]) => [...lines, String(fd)]),
  ]
}

function missingFrom(from: readonly string[], lines: readonly string[]): readonly string[] {
  const present = new Set(from)
  return lines.filter((line) => !present.has(line))
}
