/** EC2's flavour on a schema of our own: its client is large, and its conventions fit a page. */
import { expect, test } from 'vitest'
import { AwsError } from '../../core/aws-error.ts'
import { identify } from '../identify.ts'
import type { WireRequest } from '../message.ts'
import { readInput } from '../read.ts'
import { createServiceModel, type ServiceDescription } from '../service-model.ts'
import { writeError, writeOutput } from '../write.ts'

const ec2: ServiceDescription = {
  signingName: 'ec2',
  sdkId: 'EC2',
  protocol: 'ec2Query',
  apiVersion: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
}

const NAMESPACE = 'com.amazonaws.ec2'
const STRUCTURE = 3
const LIST = 1
const [STRING, NUMBER, BOOLEAN, DATE_TIME] = [0, 1, 2, 5]
const strings = [LIST, NAMESPACE, 'ValueStringList', 0, [STRING, { xmlName: 'item' }]]
const filter = [STRUCTURE, NAMESPACE, 'Filter', 0, ['Name', 'Values'], [STRING, [() => strings, { xmlName: 'Value' }]]]
const filters = [LIST, NAMESPACE, 'FilterList', 0, [() => filter, { xmlName: 'Filter' }]]
const request = [
  STRUCTURE,
  NAMESPACE,
  'DescribeVpcsRequest',
  0,
  ['Filters', 'VpcIds', 'DryRun', 'MaxResults'],
  [
    [() => filters, { xmlName: 'Filter' }],
    [() => strings, { xmlName: 'VpcId' }],
    [BOOLEAN, { xmlName: 'dryRun', ec2QueryName: 'DryRun' }],
    NUMBER,
  ],
]
const vpc = [
  STRUCTURE,
  NAMESPACE,
  'Vpc',
  0,
  ['VpcId', 'IsDefault', 'CreatedAt'],
  [
    [STRING, { xmlName: 'vpcId' }],
    [BOOLEAN, { xmlName: 'isDefault' }],
    [DATE_TIME, { xmlName: 'createdAt' }],
  ],
]
const vpcs = [LIST, NAMESPACE, 'VpcList', 0, [() => vpc, { xmlName: 'item' }]]
const result = [STRUCTURE, NAMESPACE, 'DescribeVpcsResult', 0, ['Vpcs'], [[() => vpcs, { xmlName: 'vpcSet' }]]]
const sdk = { DescribeVpcs$: [9, NAMESPACE, 'DescribeVpcs', 0, () => request, () => result] }
const model = createServiceModel(ec2, sdk)

function formRequest(body: string): WireRequest {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', path: '/', rawQuery: '', headers, body: Buffer.from(body) }
}

function read(body: string) {
  const wireRequest = formRequest(body)
  const identified = identify(wireRequest, { ec2 })
  if (!identified) throw new Error('not identified')
  return readInput(model, identified, wireRequest)
}

test('lists are flat, and their numbers, not their places, put them in order', () => {
  const { operation, input } = read(
    'Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=cidr&Filter.1.Value.2=b&Filter.1.Value.1=a&VpcId.10=z&VpcId.9=y&DryRun=true&MaxResults=5',
  )
  expect(operation.name).toBe('DescribeVpcs')
  expect(input).toEqual({
    Filters: [{ Name: 'cidr', Values: ['a', 'b'] }],
    VpcIds: ['y', 'z'],
    DryRun: true,
    MaxResults: 5,
  })
})

test('the request id stands in the result, which has no envelope of its own', () => {
  const operation = model.operation('DescribeVpcs')
  if (!operation) throw new Error('no operation')
  const output = { Vpcs: [{ VpcId: 'vpc-1', IsDefault: false, CreatedAt: new Date(0) }] }
  expect(writeOutput(model, 'ec2Query', operation, output, 'r-1').body).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>r-1</requestId>
    <vpcSet>
      <item>
        <vpcId>vpc-1</vpcId>
        <isDefault>false</isDefault>
        <createdAt>1970-01-01T00:00:00Z</createdAt>
      </item>
    </vpcSet>
</DescribeVpcsResponse>`,
  )
})

test('errors have EC2’s own envelope and the code as it was thrown', () => {
  const error = new AwsError('InvalidVpcID.NotFound', "The vpc ID 'vpc-1' does not exist")
  const { status, body } = writeError({ model, protocol: 'ec2Query' }, error, 'r-1')
  expect(status).toBe(400)
  expect(body).toContain('<Errors>\n    <Error>\n      <Code>InvalidVpcID.NotFound</Code>')
  expect(body).toContain('<RequestID>r-1</RequestID>')
})

test('an unknown action is refused in EC2’s words', () => {
  expect(() => read('Action=Nope&Version=2016-11-15')).toThrow('The action Nope is not valid for this web service.')
})
