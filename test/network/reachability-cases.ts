/**
 * The reachability cases as data: worlds, and what becomes of flows in them. Two runners share them: the evaluator (`reachability.test.ts`) and
 * the kernel, which sends real packets.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

import type { Flow, FlowSource } from '../../src/network/plan/flow.ts'
import type { NetworkModel } from '../../src/network/plan/model.ts'
import { hopName, type Destination, type Verdict } from '../../src/network/plan/verdict.ts'
import { modelOf, worldShape } from './world.ts'

export interface ReachabilityWorld {
  readonly name: string
  readonly model: NetworkModel
  readonly cases: readonly ReachabilityCase[]
}

export interface ReachabilityCase {
  /** Its own among all cases. */
  readonly name: string
  /** Where AWS says so. */
  readonly source: string
  readonly flow: Flow
  readonly expected: Expected
}

export type Expected =
  /** `destination` is the id of an interface or endpoint, `resolver`, `internet`, or `lambda.us-east-1` for a public endpoint. */
  | { readonly outcome: 'connects'; readonly destination: string; readonly sourceAddress: string }
  /** Allowed, and nobody listens: known at once. */
  | { readonly outcome: 'refused' }
  /** `blockedBy` as `hopName` gives it; the kernel cannot tell it. */
  | { readonly outcome: 'timeout'; readonly blockedBy?: string }

const flow = z.strictObject({
  it: z.string(),
  /** An interface's id, `internet` or `lambda-service`. */
  from: z.string(),
  /** `10.0.1.10:443`, `udp 10.0.1.10:53`, `icmp 10.0.1.10` */
  to: z.string(),
  sourcePort: z.number().optional(),
  /** `connects to eni-db as 10.0.1.10`, `refused`, `timeout` */
  expect: z.string(),
  blockedBy: z.string().optional(),
  source: z.string().startsWith('https://docs.aws.amazon.com/'),
})

const file = z.array(z.strictObject({ world: z.string(), ...worldShape, flows: z.array(flow) }))

export function loadReachabilityWorlds(): readonly ReachabilityWorld[] {
  const folder = new URL('reachability-cases/', import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .flatMap((name) => file.parse(parse(readFileSync(new URL(name, folder), 'utf8'))))
    .map(({ world: name, flows, ...world }) => ({
      name,
      model: modelOf(world),
      cases: flows.map(({ it, from, to, sourcePort, source, expect, blockedBy }) => ({
        name: it,
        source,
        flow: { from: readSource(from), ...readTarget(to), ...(sourcePort === undefined ? {} : { sourcePort }) },
        expected: readExpectation(expect, blockedBy),
      })),
    }))
}

/** A verdict in the words of an expectation. */
export function asExpected(verdict: Verdict): Expected {
  switch (verdict.outcome) {
    case 'reached':
      return {
        outcome: 'connects',
        destination: destinationName(verdict.destination),
        sourceAddress: verdict.sourceAddress,
      }
    case 'refused':
      return { outcome: 'refused' }
    case 'dropped':
      return { outcome: 'timeout', blockedBy: hopName(verdict.blockedBy) }
  }
}

function destinationName(destination: Destination): string {
  switch (destination.kind) {
    case 'network-interface':
    case 'vpc-endpoint':
      return destination.id
    case 'aws-service':
      return `${destination.service}.${destination.region}`
    case 'internet':
    case 'resolver':
    case 'runtime-api':
      return destination.kind
  }
}

function readSource(text: string): FlowSource {
  return text === 'internet' || text === 'lambda-service' ? { kind: text } : { kind: 'network-interface', id: text }
}

function readTarget(text: string): Pick<Flow, 'to' | 'protocol' | 'port'> {
  const {
    protocol = 'tcp',
    to = '',
    port,
  } = /^(?:(?<protocol>udp|icmp) )?(?<to>[\d.]+)(?::(?<port>\d+))?$/.exec(text)?.groups ?? {}
  if (to === '') throw new TypeError(`\`${text}\` is no destination, expected \`10.0.1.10:443\``)
  return {
    to,
    protocol: protocol === 'udp' || protocol === 'icmp' ? protocol : 'tcp',
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}

function readExpectation(text: string, blockedBy: string | undefined): Expected {
  const { destination, address } = /^connects to (?<destination>\S+) as (?<address>\S+)$/.exec(text)?.groups ?? {}
  if (destination !== undefined && address !== undefined) {
    return { outcome: 'connects', destination, sourceAddress: address }
  }
  if (text === 'refused') return { outcome: 'refused' }
  if (text === 'timeout' && blockedBy !== undefined) return { outcome: 'timeout', blockedBy }
  throw new TypeError(`\`${text}\` is no expectation, or a timeout without \`blockedBy\``)
}
