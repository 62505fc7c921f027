/** The caller's network as part of the answer: its layer, what stands in the way there, and what would mend it. */
import type { BlockerView, Fact, Fix, LayerView } from './explanation.ts'
import { networkFixes } from './network-fixes.ts'
import type { Situation } from './situation.ts'

export function networkView({ networks, callerAccount }: Situation): LayerView | undefined {
  if (networks.caller === undefined) return undefined
  const path = networks.caller.known ? networks.caller.value : undefined
  return {
    side: 'caller',
    ...(callerAccount !== undefined && { account: callerAccount }),
    layer: 'network',
    title: 'network',
    outcome: path === undefined ? 'undecided' : path.outcome === 'connects' ? 'allow' : 'explicit_deny',
    needed: true,
    detail: path?.text ?? 'not read',
    statements: [],
  }
}

export interface NetworkObstacle {
  readonly view: BlockerView
  readonly changes: readonly Omit<Fix, 'blocker'>[]
}

/** Undefined where nothing stands in the way, as far as that is known. */
export function networkObstacle(situation: Situation): NetworkObstacle | undefined {
  const { networks, callerAccount, question } = situation
  const path = networks.caller?.known === true ? networks.caller.value : undefined
  const placement = networks.callerPlacement
  const way = path?.ways.find(({ outcome }) => outcome !== 'connects')
  if (path === undefined || way === undefined || placement === undefined || callerAccount === undefined)
    return undefined
  const name = 'function' in question.caller ? question.caller.function.name : 'the caller'
  return {
    view: {
      side: 'caller',
      account: callerAccount,
      layer: 'network',
      outcome: 'explicit_deny',
      text: `the call of ${name} to ${path.host}:${path.port} ${path.text}`,
      statements: [],
    },
    changes: networkFixes({ path, way, placement, account: callerAccount }, situation),
  }
}

/** What people expect of a VPC and is not so: the way of a call never leads into it. */
export function networkFacts({ networks, callee }: Situation): readonly Fact[] {
  const { vpcId, paths } = networks.callee ?? {}
  if (vpcId === undefined || callee === undefined) return []
  const { name } = callee.reference
  const own = paths?.known === true ? paths.value.map(({ host, port, text }) => `${host}:${port} ${text}`) : []
  const calls = own.length === 0 ? '' : `; of what ${name} itself calls: ${own.join('; ')}`
  return [
    {
      id: 'callee-in-vpc',
      text: `${name} is in ${vpcId}, and Invoke does not enter through a VPC: neither its subnets nor its security groups matter to the call${calls}`,
    },
  ]
}
