/** What a rule is about, as nft matches it. */
import type { Traffic } from '../model.ts'

const EVERY_PORT = { from: 0, to: 65_535 }
const ANYWHERE = '0.0.0.0/0'

export function trafficMatch(traffic: Traffic): readonly string[] {
  switch (traffic.protocol) {
    case 'all':
      return []
    case 'tcp':
    case 'udp': {
      const { protocol, fromPort, toPort } = traffic
      if (fromPort <= EVERY_PORT.from && toPort >= EVERY_PORT.to) return [`meta l4proto ${protocol}`]
      return [`${protocol} dport ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`]
    }
    case 'icmp': {
      const { type, code } = traffic
      if (type === -1) return ['meta l4proto icmp']
      return [`icmp type ${type}`, ...(code === -1 ? [] : [`icmp code ${code}`])]
    }
    case 'other':
      return [`meta l4proto ${traffic.number}`]
  }
}

/** Undefined where the list is empty: then no packet matches. */
export function addressMatch(side: 'saddr' | 'daddr', cidrs: readonly string[]): readonly string[] | undefined {
  if (cidrs.length === 0) return undefined
  if (cidrs.includes(ANYWHERE)) return []
  return [`ip ${side} ${cidrs.length === 1 ? cidrs[0] : `{ ${cidrs.join(', ')} }`}`]
}
