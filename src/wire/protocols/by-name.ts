/** The protocols by the names service descriptions use. */
import type { ProtocolName } from '../service-description.ts'
import { awsJson10, awsJson11 } from './aws-json.ts'
import { awsQuery } from './aws-query.ts'
import { ec2Query } from './ec2-query.ts'
import type { Protocol } from './protocol.ts'
import { restJson1 } from './rest-json-1.ts'
import { rpcV2Cbor } from './rpc-v2-cbor.ts'

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  restJson1,
  awsQuery,
  ec2Query,
  awsJson1_0: awsJson10,
  awsJson1_1: awsJson11,
  rpcV2Cbor,
}
