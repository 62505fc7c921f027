/** The data event of an Invoke: what of it is kept until it is written, and what the record says. */
import { functionArn, LATEST, parseFunctionName } from '../lambda/function-name.ts'
import type { FunctionUrlRequest } from '../lambda/urls/url-request.ts'
import { URL_INVOKE } from './event-kinds.ts'
import type { EventContents } from './event-record.ts'
import { FUNCTION_TYPE } from './event-resources.ts'
import type { SeenCall } from './seen-call.ts'

/** The interface of a function in a VPC, by the function's ARN and the version that ran. */
export type NetworkInterfaceOf = (functionArn: string, version: string) => string | undefined

interface InvokeParameters {
  readonly FunctionName?: string
  readonly Qualifier?: string
  readonly InvocationType?: string
  readonly LogType?: string
  /** Of the answer. */
  readonly ExecutedVersion?: string
}

/** What the record tells of the request, or of its answer. */
export function invokeParameters(of: object): InvokeParameters {
  return of
}

/** The call without its payloads and headers, which may be large and are nobody's business. */
export function withoutPayloads(call: SeenCall): SeenCall {
  const parameters = call.operation === URL_INVOKE ? urlParameters(call.input as FunctionUrlRequest) : call.input
  const { FunctionName, Qualifier, InvocationType, LogType } = invokeParameters(parameters)
  const { ExecutedVersion } = invokeParameters(call.output ?? {})
  return {
    ...call,
    checked: [],
    input: { FunctionName, Qualifier, InvocationType, LogType },
    output: { ExecutedVersion },
  }
}

/** FIDELITY: what the record of a request to a function URL tells of it is not established; the function is in `resources` anyway. */
function urlParameters({ url: { account, region, functionName: name, alias: qualifier } }: FunctionUrlRequest) {
  return { FunctionName: functionArn({ account, region, name, qualifier }) }
}

/**
 * FIDELITY: records of Invoke that Step Functions made have no `requestParameters`; what those of other callers have is not established. Which
 * version runs an asynchronous event is not known yet when it is recorded: here it is what was asked for.
 */
export function invokeContents(
  { input, output, caller, error }: SeenCall,
  interfaceOf: NetworkInterfaceOf,
): EventContents {
  const { FunctionName = '', Qualifier, InvocationType, LogType } = invokeParameters(input)
  const {
    name = FunctionName,
    account = caller.account,
    region = caller.region,
    qualifier,
  } = parseFunctionName(FunctionName) ?? {}
  const ARN = functionArn({ account, region, name })
  const asked = Qualifier ?? qualifier
  const version = invokeParameters(output ?? {}).ExecutedVersion ?? asked ?? LATEST
  const customerEniId = error === undefined ? interfaceOf(ARN, version) : undefined
  return {
    category: 'Data',
    requestParameters: {
      functionName: FunctionName,
      ...(Qualifier !== undefined && { qualifier: Qualifier }),
      ...(InvocationType !== undefined && { invocationType: InvocationType }),
      ...(LogType !== undefined && { logType: LogType }),
    },
    responseElements: null,
    ...(error === undefined && {
      additionalEventData: {
        ...(customerEniId !== undefined && { customerEniId }),
        functionVersion: `${ARN}:${version}`,
      },
    }),
    resources: [{ accountId: account, type: FUNCTION_TYPE, ARN }],
  }
}
