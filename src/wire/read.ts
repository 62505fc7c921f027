/** From a request to a typed input, by the protocol it was identified as. */
import type { Identified } from './identify.ts'
import type { WireRequest } from './message.ts'
import { protocols } from './protocols/by-name.ts'
import type { OperationInput } from './protocols/protocol.ts'
import type { ServiceModel } from './service-model.ts'

/** Throws `AwsError` in AWS's words: an unknown operation, a body that cannot be read, a member of the wrong type. */
export function readInput(model: ServiceModel, identified: Identified, request: WireRequest): OperationInput {
  return protocols[identified.protocol].readInput(model, identified, request)
}
