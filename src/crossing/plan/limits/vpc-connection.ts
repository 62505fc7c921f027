/**
 * Whether functions get the interfaces that they lack, counted as Lambda makes them: function by function, subnet by subnet, until a limit refuses.
 * What has no connection is not run: each invocation is refused under the limit's name. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
 */
import { interfaceKey, interfacesNeeded, type FunctionFacts, type FunctionNetwork } from '../facts/facts.ts'
import type { LimitVerdict } from '../plan-data.ts'
import type { PlanOrder } from '../plan-order.ts'

/** Which limit refused a function's interface; `of` as in the limit's verdict. */
export type UnmetLimit = Pick<LimitVerdict, 'kind' | 'of'>

/** Before an interface is made, CreateNetworkInterface is tried with the execution role, once for each function. */
export const CHECKS_PER_FUNCTION = 1

/** By the function's index; undefined: it is connected, or in no VPC. */
export function unmetLimits({ functions, isToBeDeployed }: PlanOrder): readonly (UnmetLimit | undefined)[] {
  const counts = new Map<string, number>()
  const made = new Set<string>()

  /** Adds one and tells whether the limit allows it; what could not be read allows everything. */
  function count(key: string, before: number | undefined, limit: number): boolean {
    const now = (counts.get(key) ?? before ?? Number.NEGATIVE_INFINITY) + 1
    counts.set(key, now)
    return now <= limit
  }

  function connect({ to }: FunctionFacts, network: FunctionNetwork): UnmetLimit | undefined {
    const { vpcId, lambdaInterfaces, interfacesInRegion, interfacesPerVpc, interfacesPerRegion, createTokens } = network
    const there = new Set((lambdaInterfaces ?? []).map(interfaceKey))
    const isThere = (key: string) => there.has(key) || made.has(`${to.account}/${key}`)
    const missing = interfacesNeeded(network).filter((one) => isToBeDeployed || !isThere(interfaceKey(one)))
    if (missing.length === 0) return undefined
    const place = `${to.account}/${to.region}`
    const ask = () => count(`${place}/requests`, 0, createTokens.value)
    const tooManyRequests = { kind: 'create-interface-requests', of: vpcId } as const
    for (let check = 0; check < CHECKS_PER_FUNCTION; check++) if (!ask()) return tooManyRequests
    for (const one of missing) {
      const key = interfaceKey(one)
      if (made.has(`${to.account}/${key}`)) continue
      // Of what is to be deployed the interfaces are there: those of the cloud that the templates were read with.
      const isCounted = there.has(key)
      if (!isCounted && !count(`${place}/${vpcId}`, lambdaInterfaces?.length, interfacesPerVpc.value)) {
        return { kind: 'interfaces-per-vpc', of: vpcId }
      }
      if (!ask()) return tooManyRequests
      if (!isCounted && !count(`${place}/all`, interfacesInRegion, interfacesPerRegion.value)) {
        return { kind: 'interfaces-per-region', of: to.account }
      }
      const free = network.subnets.find(({ id }) => id === one.subnetId)?.free
      if (!isCounted && !count(`${place}/${one.subnetId}`, 0, free ?? Number.POSITIVE_INFINITY)) {
        return { kind: 'subnet-addresses', of: one.subnetId }
      }
      made.add(`${to.account}/${key}`)
    }
    return undefined
  }

  return functions.map(({ facts }) => facts.network && connect(facts, facts.network))
}
