/** The quotas and their values. https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ServiceQuota.html */
import type * as sdk from '@aws-sdk/client-service-quotas'

import { formatArn } from '../../core/arn.ts'
import type { Caller } from '../caller.ts'
import type { QuotaDefinition } from '../directories.ts'
import type { Permission } from '../operation.ts'
import { noSuchQuota } from './errors.ts'
import { pageOf } from './paging.ts'
import type { QuotaOperations, QuotaService } from './service.ts'

export const quotas: QuotaOperations = {
  ListServices: {
    permissions: () => [onAll('ListServices')],
    handle(input, _caller, service) {
      const found = [...service.services()].map(([ServiceCode, ServiceName]) => ({ ServiceCode, ServiceName }))
      const { items, NextToken } = pageOf(found, ({ ServiceCode }) => ServiceCode, input)
      return { Services: [...items], NextToken }
    },
  },

  ListServiceQuotas: {
    permissions: () => [onAll('ListServiceQuotas')],
    handle(input, caller, service) {
      const { QuotaAppliedAtLevel: level, QuotaCode: code } = input
      const asked = service
        .quotasOf(input.ServiceCode)
        .filter(({ quotaCode }) => code === undefined || quotaCode === code)
      if (code !== undefined && asked.length === 0) throw noSuchQuota()
      // There are none of single resources here.
      const found = level === 'RESOURCE' ? [] : asked
      const { items, NextToken } = pageOf(found, ({ quotaCode }) => quotaCode, input)
      return { Quotas: items.map((quota) => quotaShape(service, caller, quota)), NextToken }
    },
  },

  GetServiceQuota: {
    permissions: ({ ServiceCode, QuotaCode }, caller) => [onQuota(caller, 'GetServiceQuota', ServiceCode, QuotaCode)],
    refuses: ['ContextId'],
    handle: ({ ServiceCode, QuotaCode }, caller, service) => ({
      Quota: quotaShape(service, caller, service.quota(ServiceCode, QuotaCode)),
    }),
  },

  ListAWSDefaultServiceQuotas: {
    permissions: () => [onAll('ListAWSDefaultServiceQuotas')],
    handle(input, { region }, service) {
      const { items, NextToken } = pageOf(service.quotasOf(input.ServiceCode), ({ quotaCode }) => quotaCode, input)
      return { Quotas: items.map((quota) => defaultShape(region, quota)), NextToken }
    },
  },

  GetAWSDefaultServiceQuota: {
    permissions: () => [onAll('GetAWSDefaultServiceQuota')],
    handle: ({ ServiceCode, QuotaCode }, { region }, service) => ({
      Quota: defaultShape(region, service.quota(ServiceCode, QuotaCode)),
    }),
  },
}

export function onAll(action: string): Permission {
  return { action: `servicequotas:${action}`, resource: '*' }
}

export function onQuota(
  { account, region }: Caller,
  action: string,
  serviceCode: string,
  quotaCode: string,
): Permission {
  return {
    action: `servicequotas:${action}`,
    resource: quotaArn(region, account, serviceCode, quotaCode),
    context: { 'servicequotas:service': serviceCode },
  }
}

/** The default's has no account. */
export function quotaArn(region: string, account: string, serviceCode: string, quotaCode: string): string {
  return formatArn({ service: 'servicequotas', region, account, resource: `${serviceCode}/${quotaCode}` })
}

function quotaShape(service: QuotaService, caller: Caller, quota: QuotaDefinition): sdk.ServiceQuota {
  return {
    ...defaultShape(caller.region, quota),
    QuotaArn: quotaArn(caller.region, caller.account, quota.serviceCode, quota.quotaCode),
    Value: service.valueOf(quota, caller),
    QuotaAppliedAtLevel: 'ACCOUNT',
  }
}

function defaultShape(region: string, quota: QuotaDefinition): sdk.ServiceQuota {
  const { serviceCode, serviceName, quotaCode, quotaName, defaultValue, adjustable } = quota
  return {
    ServiceCode: serviceCode,
    ServiceName: serviceName,
    QuotaArn: quotaArn(region, '', serviceCode, quotaCode),
    QuotaCode: quotaCode,
    QuotaName: quotaName,
    Value: defaultValue,
    Unit: 'None',
    Adjustable: adjustable,
    GlobalQuota: false,
  }
}
