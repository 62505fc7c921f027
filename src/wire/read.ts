/** From a request to a typed input, by the protocol it was identified as. */
import { AwsError } from '../core/aws-error.ts'
import { plainBody } from './content-encoding.ts'
import type { Identified } from './identify.ts'
import type { WireRequest } from './message.ts'
import { protocols } from './protocols/by-name.ts'
import type { OperationInput } from './protocols/protocol.ts'
import type { ServiceModel } from './service-model.ts'

/** Throws `AwsError` in AWS's words: an unknown operation, a body that cannot be read, a member of the wrong type. */
export function readInput(model: ServiceModel, identified: Identified, request: WireRequest): OperationInput {
  const { protocol } = identified
  if (protocol === 'restJson1' || request.headers['content-encoding'] === undefined) {
    return protocols[protocol].readInput(model, identified, request)
  }
  const body = plainBody(request)
  // FIDELITY: AWS's words for a body that cannot be unpacked have not been seen.
  if (!body) throw new AwsError('SerializationException', '', { status: 400 })
  return protocols[protocol].readInput(model, identified, { ...request, body })
}
