/** EC2. */
import { CreateFlowLogsCommand, type CreateFlowLogsCommandInput } from '@aws-sdk/client-ec2'

import type { Case, Outside } from '../../recorded-error.ts'
import type { ec2Recordings } from '../recordings/ec2.ts'

type Name = keyof typeof ec2Recordings

const create = (input: Partial<CreateFlowLogsCommandInput>) =>
  new CreateFlowLogsCommand({
    ResourceIds: ['vpc-12345678'],
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 's3',
    ...input,
  })
const toS3 = (input: Partial<CreateFlowLogsCommandInput>) => ({ calls: [create(input)] })

export const ec2: Readonly<Partial<Record<Name, Case>>> = {
  'flow-log-no-destination': toS3({}),
  'flow-log-two-destinations': toS3({ LogDestination: 'arn:aws:s3:::bucket', LogGroupName: 'group' }),
  'flow-log-group-for-another-type': toS3({ LogGroupName: 'group' }),
}

export const ec2Outside: Readonly<Partial<Record<Name, Outside>>> = {
  'flow-log-no-bucket': {
    refused: 'LogDestinationType s3 of CreateFlowLogs',
    by: create({ LogDestination: 'arn:aws:s3:::bucket' }),
  },
  'no-key-pair': { notImplemented: ['RunInstances', 'DescribeKeyPairs'] },
  'volume-without-size': { notImplemented: ['CreateVolume'] },
}
