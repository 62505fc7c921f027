/** Requests for other values. https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_RequestServiceQuotaIncrease.html */
import type * as sdk from '@aws-sdk/client-service-quotas'

import { AwsError } from '../../core/aws-error.ts'
import { callerArn } from '../../policy/principal-text.ts'
import type { Caller } from '../caller.ts'
import { illegalArgument, noSuchRequest } from './errors.ts'
import { pageOf, type PageInput } from './paging.ts'
import { onAll, onQuota, quotaArn } from './quotas.ts'
import type { ChangeRequestRecord } from './records.ts'
import type { QuotaOperations, QuotaService } from './service.ts'

const ID_DIGITS = 40

export const changeRequests: QuotaOperations = {
  RequestServiceQuotaIncrease: {
    permissions: ({ ServiceCode, QuotaCode }, caller) => [
      onQuota(caller, 'RequestServiceQuotaIncrease', ServiceCode, QuotaCode),
    ],
    refuses: ['ContextId'],
    handle({ ServiceCode, QuotaCode, DesiredValue: desiredValue }, caller, service) {
      const quota = service.quota(ServiceCode, QuotaCode)
      if (!quota.adjustable) throw illegalArgument('The specified quota is not adjustable.')
      if (service.openRequest(quota, caller)) {
        throw new AwsError(
          'ResourceAlreadyExistsException',
          'Only one open service quota increase request is allowed per quota.',
        )
      }
      const valueBefore = service.valueOf(quota, caller)
      // FIDELITY: AWS refuses a value that is not greater; here it may be smaller, so that what happens at a limit can be tried with little.
      if (desiredValue === valueBefore) {
        throw illegalArgument('You must provide a quota value greater than the current quota value')
      }
      const request: ChangeRequestRecord = {
        id: service.ids.hex(ID_DIGITS),
        account: caller.account,
        region: caller.region,
        serviceCode: ServiceCode,
        quotaCode: QuotaCode,
        desiredValue,
        valueBefore,
        requester: callerArn(caller.principal),
        createdMs: service.clock.now(),
      }
      service.put(request)
      return { RequestedQuota: requestShape(service, request) }
    },
  },

  GetRequestedServiceQuotaChange: {
    permissions: () => [onAll('GetRequestedServiceQuotaChange')],
    handle({ RequestId }, caller, service) {
      const request = service.requests(caller).get(RequestId)
      if (!request) throw noSuchRequest()
      return { RequestedQuota: requestShape(service, request) }
    },
  },

  ListRequestedServiceQuotaChangeHistory: {
    permissions: () => [onAll('ListRequestedServiceQuotaChangeHistory')],
    handle: (input, caller, service) => history(service, caller, input),
  },

  ListRequestedServiceQuotaChangeHistoryByQuota: {
    permissions: ({ ServiceCode, QuotaCode }, caller) => [
      onQuota(caller, 'ListRequestedServiceQuotaChangeHistoryByQuota', ServiceCode, QuotaCode),
    ],
    handle(input, caller, service) {
      service.quota(input.ServiceCode, input.QuotaCode)
      return history(service, caller, input)
    },
  },
}

interface HistoryInput extends PageInput {
  readonly ServiceCode?: string | undefined
  readonly QuotaCode?: string | undefined
  readonly Status?: string | undefined
  readonly QuotaRequestedAtLevel?: string | undefined
}

/** The newest first. */
function history(service: QuotaService, caller: Caller, input: HistoryInput) {
  const { ServiceCode, QuotaCode, Status, QuotaRequestedAtLevel: level } = input
  if (ServiceCode !== undefined) service.quotasOf(ServiceCode)
  const found = service
    .requests(caller)
    .values()
    .filter(
      (request) =>
        (ServiceCode === undefined || request.serviceCode === ServiceCode) &&
        (QuotaCode === undefined || request.quotaCode === QuotaCode) &&
        (Status === undefined || statusOf(service, request) === Status) &&
        level !== 'RESOURCE',
    )
  const { items, NextToken } = pageOf(found, newestFirst, input)
  return { RequestedQuotas: items.map((request) => requestShape(service, request)), NextToken }
}

const LATEST_MS = 8_640_000_000_000_000
const LATEST_DIGITS = 16

function newestFirst({ createdMs, id }: ChangeRequestRecord): string {
  return `${String(LATEST_MS - createdMs).padStart(LATEST_DIGITS, '0')} ${id}`
}

function statusOf(service: QuotaService, request: ChangeRequestRecord): 'APPROVED' | 'PENDING' {
  return service.isApproved(request) ? 'APPROVED' : 'PENDING'
}

function requestShape(service: QuotaService, request: ChangeRequestRecord): sdk.RequestedServiceQuotaChange {
  const { account, region, serviceCode, quotaCode } = request
  const { serviceName, quotaName } = service.quota(serviceCode, quotaCode)
  return {
    Id: request.id,
    ServiceCode: serviceCode,
    ServiceName: serviceName,
    QuotaCode: quotaCode,
    QuotaName: quotaName,
    DesiredValue: request.desiredValue,
    Status: statusOf(service, request),
    Created: new Date(request.createdMs),
    LastUpdated: new Date(service.updatedMs(request)),
    Requester: JSON.stringify({ accountId: account, callerArn: request.requester }),
    QuotaArn: quotaArn(region, account, serviceCode, quotaCode),
    GlobalQuota: false,
    Unit: 'None',
    QuotaRequestedAtLevel: 'ACCOUNT',
  }
}
