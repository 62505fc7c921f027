/** The record of one call, for each account that is told of it. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
import { AwsError } from '../../core/aws-error.ts'
import type { Ids } from '../../core/ids.ts'
import type { EndpointDirectory } from '../directories.ts'
import { eventName, eventRegion, eventSource, isReadOnly } from './event-kinds.ts'
import { eventPart } from './event-parts.ts'
import { eventResources, type EventResource } from './event-resources.ts'
import { eventTime } from './event-time.ts'
import type { SeenCall } from './seen-call.ts'
import { callerAccount, foreignIdentity, userIdentity } from './user-identity.ts'

/** In the order in which it is written. */
export interface EventRecord {
  readonly eventVersion: string
  readonly userIdentity: object
  readonly eventTime: string
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: string
  readonly sourceIPAddress: string
  readonly userAgent: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly requestParameters: object | null
  readonly responseElements: object | null
  readonly additionalEventData?: object
  readonly requestID: string
  readonly eventID: string
  readonly readOnly: boolean
  readonly resources?: readonly EventResource[]
  readonly eventType: 'AwsApiCall'
  readonly managementEvent: boolean
  readonly recipientAccountId: string
  readonly sharedEventID?: string
  readonly vpcEndpointId?: string
  readonly vpcEndpointAccountId?: string
  readonly eventCategory: 'Management' | 'Data'
}

/** What differs between the two categories. */
export interface EventContents {
  readonly category: 'Management' | 'Data'
  readonly requestParameters: object | null
  readonly responseElements: object | null
  readonly additionalEventData?: object | undefined
  readonly resources: readonly EventResource[]
}

export interface RecordSources {
  readonly ids: Ids
  readonly endpoints: EndpointDirectory
}

const EVENT_VERSION = '1.11'
const ACCOUNT = /^\d{12}$/
/** What asks by itself, without a connection. */
const INTERNAL = 'AWS Internal'

export function managementContents(call: SeenCall): EventContents {
  const { service, operation, model, input, output, error } = call
  // What only reads tells nothing; but a session's credentials are in the record of who got them.
  const tells = error === undefined && (!isReadOnly(service, operation) || service === 'sts')
  return {
    category: 'Management',
    requestParameters: eventPart(input, model?.input),
    responseElements: tells ? eventPart(output, model?.output) : null,
    resources: eventResources(call),
  }
}

/**
 * One record for the caller's account and one for each other account whose resource it was about; what they have in common is `sharedEventID`.
 * FIDELITY: AWS does not document whether the owner of a resource is told of a call that was denied; here only the caller's account is. That
 * owners are told of every management call, as they are of AssumeRole, is not documented either.
 */
export function eventRecords(call: SeenCall, contents: EventContents, sources: RecordSources): readonly EventRecord[] {
  const own = callerAccount(call.caller)
  const owners = contents.resources.map(({ accountId }) => accountId).filter((account) => ACCOUNT.test(account))
  const foreign = [...new Set(owners)].filter((account) => account !== own && !(call.isDenied && own !== undefined))
  const recipients = own === undefined ? foreign : [own, ...foreign]
  const sharedEventID = own !== undefined && recipients.length > 1 ? sources.ids.uuid() : undefined
  return recipients.map((recipient) => eventRecord(call, contents, { recipient, own, sharedEventID }, sources))
}

interface Told {
  readonly recipient: string
  readonly own: string | undefined
  readonly sharedEventID: string | undefined
}

function eventRecord(
  { caller, service, operation, timeMs, error }: SeenCall,
  { category, requestParameters, responseElements, additionalEventData, resources }: EventContents,
  { recipient, own, sharedEventID }: Told,
  { ids, endpoints }: RecordSources,
): EventRecord {
  const { endpoint, principal, calledVia } = caller
  const forwardedBy = principal.kind === 'service' ? principal.service : calledVia?.at(-1)
  const isForeign = own !== undefined && recipient !== own
  const vpcEndpointAccountId = endpoint && endpoints.endpoint(endpoint.vpcEndpointId)?.account
  // FIDELITY: tlsDetails is left out, because connections here are plain HTTP.
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: isForeign ? foreignIdentity(caller) : userIdentity(caller),
    eventTime: eventTime(timeMs),
    eventSource: eventSource(service),
    eventName: eventName(service, operation),
    awsRegion: eventRegion(service, caller.region),
    sourceIPAddress: forwardedBy ?? endpoint?.sourceIp ?? caller.sourceIp ?? INTERNAL,
    userAgent: forwardedBy ?? caller.userAgent ?? INTERNAL,
    ...(error !== undefined && errorOf(service, error)),
    requestParameters,
    responseElements,
    ...(additionalEventData && { additionalEventData }),
    requestID: caller.requestId,
    eventID: ids.uuid(),
    readOnly: isReadOnly(service, operation),
    ...(resources.length > 0 && { resources }),
    eventType: 'AwsApiCall',
    managementEvent: category === 'Management',
    recipientAccountId: recipient,
    ...(sharedEventID !== undefined && { sharedEventID }),
    ...(endpoint && !calledVia && { vpcEndpointId: endpoint.vpcEndpointId }),
    ...(vpcEndpointAccountId !== undefined && !calledVia && { vpcEndpointAccountId }),
    eventCategory: category,
  }
}

/** A denial is called the same of every service but EC2, whose errors say whose they are. */
function errorOf(service: string, error: unknown): object {
  if (!(error instanceof AwsError)) return { errorCode: 'InternalFailure', errorMessage: 'An internal error occurred' }
  const { name, message } = error
  const code = name === 'AccessDeniedException' ? 'AccessDenied' : name
  return {
    errorCode: service === 'ec2' ? `${(error.status ?? 400) >= 500 ? 'Server' : 'Client'}.${code}` : code,
    ...(message !== '' && { errorMessage: message }),
  }
}
