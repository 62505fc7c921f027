/** The records of flow logs: which fields there are, and a line of them. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
import { AwsError } from '../../../core/aws-error.ts'
import type { FlowRecord } from '../../../network/plan/flow-record.ts'
import type { NetworkInterfaceRecord } from '../records.ts'
import { zoneIdOf } from '../zones/zones.ts'

/** What passed, or did not, at an interface in some seconds. */
export type Flow = Omit<FlowRecord, 'flowLogIds'>

export const DEFAULT_FORMAT = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
]
  .map((field) => `\${${field}}`)
  .join(' ')

type Field = (flow: Flow, at: NetworkInterfaceRecord) => string | number

/** FIDELITY: of AWS's fields those that the data plane knows. */
const FIELDS: Readonly<Record<string, Field>> = {
  version: () => 2,
  'account-id': (_flow, { account }) => account,
  'interface-id': (_flow, { id }) => id,
  srcaddr: ({ sourceAddress }) => sourceAddress,
  dstaddr: ({ destinationAddress }) => destinationAddress,
  srcport: ({ sourcePort }) => sourcePort,
  dstport: ({ destinationPort }) => destinationPort,
  protocol: ({ protocol }) => protocol,
  packets: ({ packets }) => packets,
  bytes: ({ bytes }) => bytes,
  start: ({ startMs }) => seconds(startMs),
  end: ({ endMs }) => seconds(endMs),
  action: ({ action }) => action,
  'log-status': () => 'OK',
  'vpc-id': (_flow, { vpcId }) => vpcId,
  'subnet-id': (_flow, { subnetId }) => subnetId,
  'instance-id': () => '-',
  type: () => 'IPv4',
  'pkt-srcaddr': ({ sourceAddress }) => sourceAddress,
  'pkt-dstaddr': ({ destinationAddress }) => destinationAddress,
  region: (_flow, { region }) => region,
  'az-id': (_flow, { zone }) => zoneIdOf(zone),
  'flow-direction': ({ direction }) => direction,
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}

const FIELD = /\$\{([^}]*)\}/g

/** Throws AWS's error for a field that is not known. */
export function checkFormat(format: string): string {
  const fields = [...format.matchAll(FIELD)].map(([, name = '']) => name)
  const unknown = fields.find((name) => !Object.hasOwn(FIELDS, name))
  if (fields.length > 0 && unknown === undefined) return format
  throw new AwsError('InvalidParameter', `Unknown fields provided: ${unknown ?? format}`)
}

export function flowLine(format: string, flow: Flow, at: NetworkInterfaceRecord): string {
  return format.replace(FIELD, (_text, name: string) => String(FIELDS[name]?.(flow, at) ?? '-'))
}
