/** Service Quotas: what the limits are, and that the services keep to what was asked for. */
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  GetAWSDefaultServiceQuotaCommand,
  GetRequestedServiceQuotaChangeCommand,
  GetServiceQuotaCommand,
  ListAWSDefaultServiceQuotasCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryCommand,
  ListServiceQuotasCommand,
  ListServicesCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createUser } from '../authorization/asking.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from '../ec2/support.ts'
import { createHeldClock } from '../held-clock.ts'
import { setQuota } from './support.ts'

const clock = createHeldClock()
let cloud: TestCloud
let client: ServiceQuotasClient

beforeAll(async () => {
  cloud = await startCloud({ clock })
  client = cloud.client(ServiceQuotasClient, 'source')
})
afterAll(() => cloud.close())

const VPCS = { ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' } as const
const CONCURRENCY = { ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' } as const

async function valueOf(quota: typeof VPCS | typeof CONCURRENCY): Promise<number | undefined> {
  const { Quota } = await client.send(new GetServiceQuotaCommand(quota))
  return Quota?.Value
}

describe('the quotas', () => {
  it('are listed by service, page by page, with the values that apply and their defaults', async () => {
    const { Services = [] } = await client.send(new ListServicesCommand({}))
    expect(Services.map(({ ServiceCode }) => ServiceCode)).toEqual(['ec2', 'lambda', 'vpc'])
    const first = await client.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', MaxResults: 2 }))
    expect(first.Quotas).toHaveLength(2)
    const rest = await client.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', NextToken: first.NextToken }))
    const codes = [...(first.Quotas ?? []), ...(rest.Quotas ?? [])].map(({ QuotaCode }) => QuotaCode)
    expect(codes).toContain('L-DF5E4CA3')
    expect(new Set(codes).size).toBe(codes.length)
    const { Quota } = await client.send(new GetServiceQuotaCommand(CONCURRENCY))
    expect(Quota).toEqual({
      ...CONCURRENCY,
      ServiceName: 'AWS Lambda',
      QuotaName: 'Concurrent executions',
      QuotaArn: 'arn:aws:servicequotas:us-east-1:111122223333:lambda/L-B99A9384',
      Value: 1000,
      Unit: 'None',
      Adjustable: true,
      GlobalQuota: false,
      QuotaAppliedAtLevel: 'ACCOUNT',
    })
    const { Quota: byDefault } = await client.send(new GetAWSDefaultServiceQuotaCommand(CONCURRENCY))
    expect(byDefault).toMatchObject({ QuotaArn: 'arn:aws:servicequotas:us-east-1::lambda/L-B99A9384', Value: 1000 })
    const { Quotas: defaults } = await client.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'lambda' }))
    expect(defaults).toContainEqual(byDefault)
  })

  it('are not there for another service or code', async () => {
    await expectRefusal(
      client.send(new ListServiceQuotasCommand({ ServiceCode: 'nothing' })),
      'NoSuchResourceException',
      'The request failed because the specified service does not exist.',
    )
    await expectRefusal(
      client.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-00000000' })),
      'NoSuchResourceException',
      'The request failed because the specified quota does not exist.',
    )
  })
})

describe('a request for another value', () => {
  it('is pending, then approved, and stays in the history', async () => {
    const RequestId = await clock.whileHeld(async () => {
      const { RequestedQuota } = await client.send(new RequestServiceQuotaIncreaseCommand({ ...VPCS, DesiredValue: 8 }))
      const asked = { ...VPCS, DesiredValue: 8, QuotaName: 'VPCs per Region' }
      expect(RequestedQuota).toMatchObject({ ...asked, Status: 'PENDING' })
      expect(await valueOf(VPCS)).toBe(5)
      await expectRefusal(
        client.send(new RequestServiceQuotaIncreaseCommand({ ...VPCS, DesiredValue: 9 })),
        'ResourceAlreadyExistsException',
        'Only one open service quota increase request is allowed per quota.',
      )
      return RequestedQuota?.Id ?? ''
    })
    const status = async () => {
      const answer = await client.send(new GetRequestedServiceQuotaChangeCommand({ RequestId }))
      return answer.RequestedQuota?.Status
    }
    await expect.poll(status).toBe('APPROVED')
    expect(await valueOf(VPCS)).toBe(8)
    await expectRefusal(
      client.send(new RequestServiceQuotaIncreaseCommand({ ...VPCS, DesiredValue: 8 })),
      'IllegalArgumentException',
      'You must provide a quota value greater than the current quota value',
    )
    const history = await client.send(new ListRequestedServiceQuotaChangeHistoryCommand({ Status: 'APPROVED' }))
    expect(history.RequestedQuotas?.map(({ Id }) => Id)).toContain(RequestId)
    const ofQuota = await client.send(new ListRequestedServiceQuotaChangeHistoryByQuotaCommand(VPCS))
    expect(ofQuota.RequestedQuotas?.map(({ Id }) => Id)).toContain(RequestId)
    const pending = await client.send(new ListRequestedServiceQuotaChangeHistoryCommand({ Status: 'PENDING' }))
    expect(pending.RequestedQuotas).toEqual([])
  })

  it('may ask for less, so that a limit is reached with little', async () => {
    const ec2 = cloud.client(EC2Client, 'target')
    await setQuota(cloud, VPCS.ServiceCode, VPCS.QuotaCode, 2, 'target')
    await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
    await expectRefusal(
      ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' })),
      'VpcLimitExceeded',
      'The maximum number of VPCs has been reached.',
    )
  })

  it('is of one account and one Region', async () => {
    await setQuota(cloud, CONCURRENCY.ServiceCode, CONCURRENCY.QuotaCode, 1500)
    const limitIn = async (region: string, account: 'source' | 'target') => {
      const lambda = cloud.client(LambdaClient, account, region)
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}))
      return AccountLimit
    }
    expect(await limitIn('us-east-1', 'source')).toMatchObject({
      ConcurrentExecutions: 1500,
      UnreservedConcurrentExecutions: 1500,
    })
    expect(await limitIn('eu-west-1', 'source')).toMatchObject({ ConcurrentExecutions: 1000 })
    expect(await limitIn('us-east-1', 'target')).toMatchObject({ ConcurrentExecutions: 1000 })
  })

  it('is refused for what nobody can have changed', async () => {
    await expectRefusal(
      client.send(
        new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'vpc', QuotaCode: 'L-3248932A', DesiredValue: 30_000 }),
      ),
      'IllegalArgumentException',
      'The specified quota is not adjustable.',
    )
  })

  it('needs permission for the quota', async () => {
    const user = await createUser(cloud, 'source', 'quota-user')
    const asUser = cloud.client(ServiceQuotasClient, user.credentials)
    const ask = () => asUser.send(new RequestServiceQuotaIncreaseCommand({ ...CONCURRENCY, DesiredValue: 2000 }))
    await expectRefusal(
      ask(),
      'AccessDeniedException',
      `User: ${user.arn} is not authorized to perform: servicequotas:RequestServiceQuotaIncrease on resource: arn:aws:servicequotas:us-east-1:111122223333:lambda/L-B99A9384 because no identity-based policy allows the servicequotas:RequestServiceQuotaIncrease action`,
    )
    await user.allowWhere(['servicequotas:*'], { StringEquals: { 'servicequotas:service': 'vpc' } })
    await expectRefusal(ask(), 'AccessDeniedException', /not authorized/)
    await user.allowWhere(['servicequotas:*'], { StringEquals: { 'servicequotas:service': 'lambda' } })
    await ask()
  })
})
