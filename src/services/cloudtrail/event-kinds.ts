/**
 * Which calls are management events, which one is a data event, and what CloudTrail calls them.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */

export type EventKind = 'management' | 'invoke' | 'unrecorded'

/** The operation that a request to a function URL is. */
export const URL_INVOKE = 'InvokeFunctionUrl'

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html: requests to function URLs are data events, too. */
const INVOKE = new Set(['Invoke', 'InvokeAsync', 'InvokeWithResponseStream', URL_INVOKE])

/**
 * Data events, which no trail has unless it is told to. FIDELITY: those of other services than Lambda are not recorded here, and of Logs and
 * EventBridge it is not clear which are.
 */
const DATA_EVENTS: Readonly<Record<string, ReadonlySet<string> | undefined>> = {
  sqs: new Set([
    'SendMessage',
    'SendMessageBatch',
    'ReceiveMessage',
    'DeleteMessage',
    'DeleteMessageBatch',
    'ChangeMessageVisibility',
    'ChangeMessageVisibilityBatch',
  ]),
  sns: new Set(['Publish', 'PublishBatch']),
  logs: new Set(['PutLogEvents', 'GetLogEvents', 'FilterLogEvents']),
  events: new Set(['PutEvents']),
  monitoring: new Set(['GetMetricData', 'GetMetricStatistics', 'ListMetrics', 'PutMetricData']),
}

export function eventKind(service: string, operation: string): EventKind {
  if (service === 'lambda') return INVOKE.has(operation) ? 'invoke' : 'management'
  return DATA_EVENTS[service]?.has(operation) === true ? 'unrecorded' : 'management'
}

/** Lambda's operations carry the version of the API that brought them. https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const LAMBDA_DATES: Readonly<Record<string, readonly string[]>> = {
  '20150331': [
    ['CreateFunction', 'DeleteFunction', 'ListFunctions', 'PublishVersion', 'ListVersionsByFunction'],
    ['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'GetAlias', 'ListAliases'],
  ].flat(),
  '20150331v2': [
    ['GetFunction', 'GetFunctionConfiguration', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'],
    ['AddPermission', 'RemovePermission', 'GetPolicy'],
  ].flat(),
  '20160819': ['GetAccountSettings'],
  '20170331v2': ['TagResource', 'UntagResource', 'ListTags'],
  '20171031': ['PutFunctionConcurrency', 'DeleteFunctionConcurrency'],
  '20190925': [
    ['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'DeleteFunctionEventInvokeConfig'],
    ['GetFunctionEventInvokeConfig', 'ListFunctionEventInvokeConfigs'],
  ].flat(),
  '20190930': [
    ['PutProvisionedConcurrencyConfig', 'DeleteProvisionedConcurrencyConfig', 'GetProvisionedConcurrencyConfig'],
    ['ListProvisionedConcurrencyConfigs', 'GetFunctionConcurrency'],
  ].flat(),
  '20200630': ['GetFunctionCodeSigningConfig'],
}

const LAMBDA_NAMES = new Map(
  Object.entries(LAMBDA_DATES).flatMap(([date, names]) => names.map((name) => [name, `${name}${date}`] as const)),
)

/** FIDELITY: AWS documents the names of some of Lambda's events; the others have the date of their path here, and younger ones none. */
export function eventName(service: string, operation: string): string {
  return service === 'lambda' ? (LAMBDA_NAMES.get(operation) ?? operation) : operation
}

export function eventSource(service: string): string {
  return `${service}.amazonaws.com`
}

/** IAM and Organizations are in one Region, whoever calls. */
export function eventRegion(service: string, callerRegion: string): string {
  return service === 'iam' || service === 'organizations' ? 'us-east-1' : callerRegion
}

const READING = /^(?:Get|List|Describe|Lookup|Decode|Simulate|Validate|Test|Detect|Estimate|BatchGet|BatchDescribe)/

/** STS changes nothing: even AssumeRole is called read-only. */
export function isReadOnly(service: string, operation: string): boolean {
  return service === 'sts' || READING.test(operation)
}
