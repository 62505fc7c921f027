/** From a handler's output, or an error, to the response an AWS client expects. */
import type { AwsError } from '../core/aws-error.ts'
import { errorForm } from './error-form.ts'
import { extraHeadersOf } from './extra-headers.ts'
import type { WireResponse } from './message.ts'
import { protocols } from './protocols/by-name.ts'
import type { OperationModel, ProtocolName, ServiceModel } from './service-model.ts'

/** Members that the operation's output shape does not know are left out. */
export function writeOutput(
  model: ServiceModel,
  protocol: ProtocolName | { readonly protocol: ProtocolName },
  operation: OperationModel,
  output: object,
  requestId: string,
): WireResponse {
  const name = typeof protocol === 'string' ? protocol : protocol.protocol
  const response = protocols[name].writeOutput(model, operation, output as Readonly<Record<string, unknown>>, requestId)
  Object.assign(response.headers, extraHeadersOf(output))
  return response
}

/** `model` is absent where the request did not get as far as a service. */
export function writeError(
  target: { readonly model?: ServiceModel | undefined; readonly protocol: ProtocolName },
  error: AwsError,
  requestId: string,
): WireResponse {
  return protocols[target.protocol].writeError(target.model, errorForm(target.model, error), requestId)
}
