/** The modelled data plane: real connections of the real SDK, judged and passed on with where they came from. */
import http from 'node:http'
import net from 'node:net'
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { systemClock } from '../../src/core/clock.ts'
import { createModelledNetwork, type ModelledNetwork } from '../../src/network/modelled/modelled-network.ts'
import type { Attachment, ConnectionOrigin } from '../../src/network/network.ts'
import { modelOf, type World } from './world.ts'

const REASON = 'the kernel refuses user namespaces'
const world: World = {
  vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' } },
  subnets: {
    'subnet-public': { vpc: 'vpc-a', cidr: '10.0.0.0/24', routes: ['0.0.0.0/0 -> igw-a'] },
    'subnet-nat': { vpc: 'vpc-a', cidr: '10.0.1.0/24', routes: ['0.0.0.0/0 -> nat-a'] },
    'subnet-private': { vpc: 'vpc-a', cidr: '10.0.2.0/24' },
  },
  groups: { 'vpc-a': { 'sg-a': ['in all from 0.0.0.0/0', 'out all to 0.0.0.0/0'] } },
  natGateways: { 'nat-a': { subnet: 'subnet-public', address: '10.0.0.5', publicAddress: '198.51.100.5' } },
  endpoints: {
    'vpce-lambda': { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-private': '10.0.2.50' }, groups: ['sg-a'] },
  },
  interfaces: {
    'eni-nat': { subnet: 'subnet-nat', address: '10.0.1.10', groups: ['sg-a'] },
    'eni-private': { subnet: 'subnet-private', address: '10.0.2.10', groups: ['sg-a'] },
  },
}

const NAT: Attachment = { kind: 'vpc', networkInterfaceId: 'eni-nat' }
const PRIVATE: Attachment = { kind: 'vpc', networkInterfaceId: 'eni-private' }
const OUTSIDE: Attachment = { kind: 'lambda-service' }
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }

const origins: ConnectionOrigin[] = []
/** Stands where the cloud's listener is: answers everything. */
const aws = http.createServer((request, response) => {
  request.resume()
  const isSts = request.headers.authorization?.includes('/sts/') === true
  response.setHeader('content-type', isSts ? 'text/xml' : 'application/json')
  response.end(isSts ? STS_ANSWER : '{"AccountLimit":{"ConcurrentExecutions":1000}}')
})
const STS_ANSWER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

let network: ModelledNetwork

beforeAll(async () => {
  network = await createModelledNetwork({
    host: {
      onAwsConnection(socket, origin) {
        origins.push(origin)
        aws.emit('connection', socket)
      },
    },
    clock: systemClock,
    reason: REASON,
  })
  await network.apply(modelOf(world))
})

afterAll(async () => {
  await network.close()
  aws.closeAllConnections()
})

/** Of a call that is not answered; of the others, on a busy machine. */
const GIVEN_UP_MS = 400
const ANSWERED_MS_MAX = 30_000

function lambdaOf(attachment: Attachment): LambdaClient {
  return new LambdaClient({
    region: 'us-east-1',
    endpoint: network.awsEndpointUrl(attachment),
    credentials,
    maxAttempts: 1,
    requestHandler: { requestTimeout: ANSWERED_MS_MAX, throwOnRequestTimeout: true },
  })
}

function stsOf(attachment: Attachment, requestTimeout = ANSWERED_MS_MAX): STSClient {
  return new STSClient({
    region: 'us-east-1',
    endpoint: network.awsEndpointUrl(attachment),
    credentials,
    maxAttempts: 1,
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  })
}

test("a call over a NAT gateway carries the gateway's address", async () => {
  const settings = await stsOf(NAT).send(new GetCallerIdentityCommand())
  expect(settings.Account).toBe('111122223333')
  expect(origins.at(-1)).toEqual({ sourceIp: '198.51.100.5' })
})

test('a call through an interface endpoint carries the endpoint, its VPC and the private address', async () => {
  const settings = await lambdaOf(PRIVATE).send(new GetAccountSettingsCommand())
  expect(settings.AccountLimit?.ConcurrentExecutions).toBe(1000)
  expect(origins.at(-1)).toEqual({ endpoint: { vpcEndpointId: 'vpce-lambda', vpcId: 'vpc-a', sourceIp: '10.0.2.10' } })
})

test('private DNS serves every subnet of the VPC, so the endpoint goes before the NAT gateway', async () => {
  await lambdaOf(NAT).send(new GetAccountSettingsCommand())
  expect(origins.at(-1)).toEqual({ endpoint: { vpcEndpointId: 'vpce-lambda', vpcId: 'vpc-a', sourceIp: '10.0.1.10' } })
})

test("a call of a function outside any VPC carries Lambda's own address", async () => {
  await lambdaOf(OUTSIDE).send(new GetAccountSettingsCommand())
  expect(origins.at(-1)).toEqual({ sourceIp: '198.18.255.1' })
})

test('a call that the VPC does not let through is never answered: the client gives up by itself', async () => {
  const before = origins.length
  const call = stsOf(PRIVATE, GIVEN_UP_MS).send(new GetCallerIdentityCommand())
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(origins).toHaveLength(before)
})

test('a service that has no endpoint at all is known at once', async () => {
  const client = new LambdaClient({
    region: 'xx-nowhere-9',
    endpoint: network.awsEndpointUrl(NAT),
    credentials,
    maxAttempts: 1,
  })
  await expect(client.send(new GetAccountSettingsCommand())).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('several requests on one connection pass, bodies that come in pieces too', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const send = (body: readonly string[]) =>
    new Promise<number>((resolve, reject) => {
      const request = http.request(
        network.awsEndpointUrl(OUTSIDE),
        { agent, method: 'POST', headers: { host: 'lambda.us-east-1.amazonaws.com' } },
        (response) => {
          response.resume()
          response.on('end', () => resolve(response.statusCode ?? 0))
        },
      )
      request.on('error', reject)
      for (const part of body) request.write(part)
      request.end()
    })
  const before = origins.length
  expect(await send(['a', 'b'.repeat(200_000)])).toBe(200)
  expect(await send(['c'])).toBe(200)
  expect(origins).toHaveLength(before + 1)
  agent.destroy()
})

test('a connection whose first request has an endless head is cut off', async () => {
  const { hostname, port } = new URL(network.awsEndpointUrl(OUTSIDE))
  const socket = net.connect(Number(port), hostname)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.write(`GET / HTTP/1.1\r\nx: ${'y'.repeat(64 * 1024)}`)
  await closed
})

test('judge says what decides, without a connection', () => {
  expect(network.judge(PRIVATE, 'sts.us-east-1.amazonaws.com', 443)).toMatchObject({
    address: '198.18.0.3',
    verdict: { outcome: 'dropped', blockedBy: { kind: 'route-table', resourceId: 'rtb-private' } },
  })
  expect(network.judge(NAT, '203.0.113.10', 80).verdict?.outcome).toBe('reached')
  expect(network.judge(NAT, 'example.com', 80).answer?.kind).toBe('no-such-name')
})

test('it has no places, and says why', async () => {
  expect(network.dataPlane).toEqual({ kind: 'modelled', reason: REASON })
  await expect(network.createPlace()).rejects.toThrow(REASON)
})

test('it follows the model: a repaired route lets the next call through, and an interface that goes takes its way along', async () => {
  const before = origins.length
  const repaired: World = {
    ...world,
    subnets: {
      ...world.subnets,
      'subnet-private': { vpc: 'vpc-a', cidr: '10.0.2.0/24', routes: ['0.0.0.0/0 -> nat-a'] },
    },
    interfaces: { 'eni-private': { subnet: 'subnet-private', address: '10.0.2.10', groups: ['sg-a'] } },
  }
  await network.apply(modelOf(repaired))
  await stsOf(PRIVATE).send(new GetCallerIdentityCommand())
  expect(origins.slice(before)).toEqual([{ sourceIp: '198.51.100.5' }])
  expect(() => network.awsEndpointUrl(NAT)).toThrow('eni-nat')
})
