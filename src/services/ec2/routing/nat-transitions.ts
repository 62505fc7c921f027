/** What NAT gateways do by themselves: become available or fail, go, and are forgotten. */
import type { Clock, Timer } from '../../../core/clock.ts'
import { disassociateAddress } from './elastic-ips.ts'
import type { NatGatewayRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

/** FIDELITY: AWS takes a minute or two to make a NAT gateway and about one to delete it. */
const TRANSITION_MS = 400
/** How long a deleted or failed one is still described. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html */
const REMEMBERED_MS = 3_600_000

export class NatTransitions {
  readonly #ec2: Ec2Service
  readonly #clock: Clock
  /** By the gateway's id. */
  readonly #timers = new Map<string, Timer>()

  constructor(ec2: Ec2Service, clock: Clock) {
    this.#ec2 = ec2
    this.#clock = clock
  }

  /** Takes up what was under way when the process ended or the state was replaced. */
  resume(): void {
    for (const gateway of this.#ec2.all('natgateway')) this.follow(gateway)
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  /** Sees to it that the gateway goes on from the state it is in. */
  follow(gateway: NatGatewayRecord): void {
    this.#timers.get(gateway.id)?.cancel()
    this.#timers.delete(gateway.id)
    const delayMs = delayOf(gateway, this.#clock.now())
    if (delayMs === undefined) return
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(gateway.id)
      this.#advance(gateway)
    })
    this.#timers.set(gateway.id, timer)
  }

  #advance(followed: NatGatewayRecord): void {
    const ec2 = this.#ec2
    const gateway = ec2.find('natgateway', followed, followed.id)
    if (gateway?.state !== followed.state) return
    switch (gateway.state) {
      case 'pending':
        this.#become({ ...gateway, state: gateway.failure ? 'failed' : 'available' })
        break
      case 'deleting':
        this.#release(gateway)
        this.#become({ ...gateway, state: 'deleted' })
        break
      case 'failed':
      case 'deleted':
        ec2.delete('natgateway', gateway)
        break
      case 'available':
        break
    }
    // Nobody waits for this answer; what fails here fails again, and is told, at the next request.
    ec2.state.commit().catch(() => undefined)
  }

  #become(gateway: NatGatewayRecord): void {
    this.#ec2.put('natgateway', gateway)
    this.follow(gateway)
  }

  #release(gateway: NatGatewayRecord): void {
    const { networkInterfaceId: id } = gateway
    const held = id === undefined ? undefined : this.#ec2.find('network-interface', gateway, id)
    if (!held) return
    const address = this.#ec2
      .list('elastic-ip', gateway)
      .find(({ association }) => association?.networkInterfaceId === id)
    if (address) disassociateAddress(this.#ec2, address)
    this.#ec2.delete('network-interface', held)
  }
}

function delayOf(gateway: NatGatewayRecord, nowMs: number): number | undefined {
  switch (gateway.state) {
    case 'pending':
    case 'deleting':
      return TRANSITION_MS
    case 'failed':
      return Math.max(0, gateway.createdMs + REMEMBERED_MS - nowMs)
    case 'deleted':
      return Math.max(0, (gateway.deletedMs ?? nowMs) + REMEMBERED_MS - nowMs)
    case 'available':
      return undefined
  }
}
