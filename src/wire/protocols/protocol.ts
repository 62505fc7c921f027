/** What a wire protocol does, each way. */
import type { ErrorForm } from '../error-form.ts'
import type { Identified } from '../identify.ts'
import type { WireRequest, WireResponse } from '../message.ts'
import type { OperationModel, ServiceModel } from '../service-model.ts'

export interface OperationInput {
  readonly operation: OperationModel
  readonly input: Record<string, unknown>
}

export interface Protocol {
  /** Throws `AwsError` for an unknown operation and for what cannot be read. */
  readInput(model: ServiceModel, identified: Identified, request: WireRequest): OperationInput
  writeOutput(
    model: ServiceModel,
    operation: OperationModel,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): WireResponse
  /** `model` is absent where the request did not get as far as a service. */
  writeError(model: ServiceModel | undefined, error: ErrorForm, requestId: string): WireResponse
}
