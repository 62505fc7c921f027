/** What the resolver answers: whose names lead where, seen from a VPC and from Lambda's own network. */
import { expect, test } from 'vitest'

import { parseRegion } from '../../src/core/region.ts'
import { awsServiceAddress, awsServiceAt, awsServices, prefixListCidrs } from '../../src/network/plan/addresses.ts'
import { awsServiceOfName, resolveName, type Resolver } from '../../src/network/plan/names.ts'
import { blockContains } from '../../src/network/plan/blocks.ts'
import { modelOf } from './world.ts'

const model = modelOf({
  vpcs: {
    'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' },
    'vpc-b': { cidrs: ['10.1.0.0/16'], dnsHostnames: false },
    'vpc-mute': { cidrs: ['10.2.0.0/16'], dnsSupport: false },
    'vpc-eu': { cidrs: ['10.3.0.0/16'], region: 'eu-west-1' },
  },
  subnets: {
    'subnet-1': { vpc: 'vpc-a', cidr: '10.0.1.0/24' },
    'subnet-2': { vpc: 'vpc-a', cidr: '10.0.2.0/24' },
    'subnet-b': { vpc: 'vpc-b', cidr: '10.1.1.0/24' },
    'subnet-eu': { vpc: 'vpc-eu', cidr: '10.3.1.0/24' },
  },
  groups: { 'vpc-a': { 'sg-a': [] }, 'vpc-b': { 'sg-b': [] }, 'vpc-eu': { 'sg-eu': [] } },
  interfaces: {
    'eni-db': { subnet: 'subnet-2', address: '10.0.2.10', groups: ['sg-a'], listens: [5432] },
    'eni-web': {
      subnet: 'subnet-1',
      address: '10.0.1.20',
      publicAddress: '198.51.100.20',
      groups: ['sg-a'],
      listens: [80],
    },
    'eni-b': { subnet: 'subnet-b', address: '10.1.1.10', groups: ['sg-b'], listens: [80] },
    'eni-eu': { subnet: 'subnet-eu', address: '10.3.1.10', groups: ['sg-eu'], listens: [80] },
  },
  endpoints: {
    'vpce-lambda': { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-1': '10.0.1.50', 'subnet-2': '10.0.2.50' } },
    'vpce-sts': { vpc: 'vpc-a', service: 'sts', addresses: { 'subnet-1': '10.0.1.51' }, privateDns: false },
    'vpce-lambda-b': { vpc: 'vpc-b', service: 'lambda', addresses: { 'subnet-b': '10.1.1.50' } },
  },
})

const A: Resolver = { kind: 'vpc', vpcId: 'vpc-a' }
const B: Resolver = { kind: 'vpc', vpcId: 'vpc-b' }
const EU: Resolver = { kind: 'vpc', vpcId: 'vpc-eu' }
const MUTE: Resolver = { kind: 'vpc', vpcId: 'vpc-mute' }
const LAMBDA: Resolver = { kind: 'lambda-service' }

function lookUp(resolver: Resolver, name: string): readonly string[] | string {
  const answer = resolveName(model, resolver, name)
  return answer.kind === 'addresses' ? answer.addresses : answer.kind
}

test('a function URL is at the public addresses of its Region, whatever endpoints there are', () => {
  const id = '0123456789abcdefghijklmnopqrstuv'
  for (const resolver of [A, EU, LAMBDA]) {
    expect(lookUp(resolver, `${id}.lambda-url.us-east-1.on.aws`)).toEqual(['198.18.0.1'])
  }
  expect(lookUp(MUTE, `${id}.lambda-url.us-east-1.on.aws`)).toBe('silence')
  expect(lookUp(A, `${id}.lambda-url.nowhere.on.aws`)).toBe('no-such-name')
})

test("private DNS leads a service's name to the endpoint's interfaces, in its own VPC only", () => {
  expect(lookUp(A, 'lambda.us-east-1.amazonaws.com')).toEqual(['10.0.1.50', '10.0.2.50'])
  expect(lookUp(A, 'Lambda.US-East-1.amazonaws.com.')).toEqual(['10.0.1.50', '10.0.2.50'])
  expect(lookUp(EU, 'lambda.us-east-1.amazonaws.com')).toEqual(['198.18.0.1'])
  expect(lookUp(LAMBDA, 'lambda.us-east-1.amazonaws.com')).toEqual(['198.18.0.1'])
})

test('private DNS needs the endpoint to ask for it, the same Region, and both DNS attributes of the VPC', () => {
  expect(lookUp(A, 'sts.us-east-1.amazonaws.com')).toEqual(['198.18.0.3'])
  expect(lookUp(A, 'lambda.us-east-2.amazonaws.com')).toEqual(['198.18.1.1'])
  expect(lookUp(B, 'lambda.us-east-1.amazonaws.com')).toEqual(['198.18.0.1'])
})

test("an endpoint's own names lead to its private addresses from everywhere, by zone where the name says one", () => {
  const [all = '', first = '', second = ''] = model.vpcEndpoints[0]?.dnsNames ?? []
  for (const resolver of [A, B, LAMBDA]) {
    expect(lookUp(resolver, all)).toEqual(['10.0.1.50', '10.0.2.50'])
    expect(lookUp(resolver, first)).toEqual(['10.0.1.50'])
    expect(lookUp(resolver, second)).toEqual(['10.0.2.50'])
  }
})

test('a VPC without DNS support answers nothing at all', () => {
  expect(lookUp(MUTE, 'lambda.us-east-1.amazonaws.com')).toBe('silence')
  expect(lookUp(MUTE, 'nowhere.example')).toBe('silence')
})

test('the test internet has one name of its own, and no other', () => {
  expect(lookUp(A, 'internet.isthmus.test')).toEqual(['203.0.113.10'])
  expect(lookUp(LAMBDA, 'internet.isthmus.test')).toEqual(['203.0.113.10'])
  for (const name of [
    'isthmus.test',
    'example.com',
    'amazonaws.com',
    'lambda.amazonaws.com',
    '',
    '.',
    'lambda.nowhere-1.amazonaws.com',
  ]) {
    expect(lookUp(A, name)).toBe('no-such-name')
  }
})

test('a private host name resolves in its own VPC, where both DNS attributes are on', () => {
  expect(lookUp(A, 'ip-10-0-2-10.ec2.internal')).toEqual(['10.0.2.10'])
  expect(lookUp(EU, 'ip-10-3-1-10.eu-west-1.compute.internal')).toEqual(['10.3.1.10'])
  expect(lookUp(EU, 'ip-10-3-1-10.ec2.internal')).toBe('no-such-name')
  expect(lookUp(B, 'ip-10-1-1-10.ec2.internal')).toBe('no-such-name')
  expect(lookUp(B, 'ip-10-0-2-10.ec2.internal')).toBe('no-such-name')
  expect(lookUp(LAMBDA, 'ip-10-0-2-10.ec2.internal')).toBe('no-such-name')
})

test('a public host name is the private address inside its VPC and the public one elsewhere', () => {
  expect(lookUp(A, 'ec2-198-51-100-20.compute-1.amazonaws.com')).toEqual(['10.0.1.20'])
  expect(lookUp(B, 'ec2-198-51-100-20.compute-1.amazonaws.com')).toEqual(['198.51.100.20'])
  expect(lookUp(LAMBDA, 'ec2-198-51-100-20.compute-1.amazonaws.com')).toEqual(['198.51.100.20'])
})

test("S3's names may begin with a bucket, and global services belong to us-east-1", () => {
  const s3 = { service: 's3', region: 'us-east-1' }
  expect(awsServiceOfName('s3.us-east-1.amazonaws.com')).toEqual(s3)
  expect(awsServiceOfName('my.bucket.s3.us-east-1.amazonaws.com')).toEqual(s3)
  expect(awsServiceOfName('bucket.s3.amazonaws.com')).toEqual(s3)
  expect(awsServiceOfName('s3.amazonaws.com')).toEqual(s3)
  expect(awsServiceOfName('a.lambda.us-east-1.amazonaws.com')).toBeUndefined()
  expect(awsServiceOfName('iam.amazonaws.com')).toEqual({ service: 'iam', region: 'us-east-1' })
  expect(awsServiceOfName('sts.eu-west-1.amazonaws.com')).toEqual({ service: 'sts', region: 'eu-west-1' })
})

test('every public endpoint has an address of its own, which tells whose it is', () => {
  const services = awsServices()
  const addresses = services.map((service) => awsServiceAddress(service) ?? '')
  expect(new Set(addresses).size).toBe(services.length)
  expect(addresses.map(awsServiceAt)).toEqual(services)
  expect(addresses.every((address) => blockContains('198.18.0.0/16', address))).toBe(true)
})

test("a prefix list holds its own service's address and no other's", () => {
  const region = parseRegion('ap-southeast-2')
  for (const service of ['s3', 'dynamodb']) {
    const [block = ''] = prefixListCidrs({ service, region }) ?? []
    const inside = awsServices().filter((one) => blockContains(block, awsServiceAddress(one) ?? ''))
    expect(inside).toEqual([{ service, region }])
  }
  expect(prefixListCidrs({ service: 'lambda', region })).toBeUndefined()
})
