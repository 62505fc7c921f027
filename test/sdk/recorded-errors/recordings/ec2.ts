/** What AWS was recorded to answer: EC2. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const invalidKeyPairNotFound = recorded({ status: 400, code: 'InvalidKeyPair.NotFound' })
const invalidParameter = recorded({ status: 400, code: 'InvalidParameter' })
const missingParameter = recorded({ status: 400, code: 'MissingParameter' })
const withoutCode = recorded({ status: 400, code: '400' })

export const ec2Recordings = {
  'no-key-pair': invalidKeyPairNotFound("The key pair '<key-name:1>' does not exist"),
  'flow-log-no-destination': invalidParameter("LogDestination can't be empty if LogGroupName is not provided."),
  'flow-log-group-for-another-type': invalidParameter(
    'LogDestination type must be cloud-watch-logs if LogGroupName is provided.',
  ),
  'flow-log-two-destinations': invalidParameter('Please only provide LogGroupName or only provide LogDestination.'),
  'volume-without-size': missingParameter('The request must contain the parameter size/snapshot'),
  'flow-log-no-bucket': withoutCode('LogDestination: <bad-bucket-name> does not exist'),
} satisfies Recordings
