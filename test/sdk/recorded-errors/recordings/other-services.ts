/** What AWS was recorded to answer: services that are not here. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const cFNRegistryException = recorded({ status: 400, code: 'CFNRegistryException', Type: 'Sender' })
const parameterNotFound = recorded({ status: 400, code: 'ParameterNotFound' })
const resourceNotFoundException = recorded({ status: 404, code: 'ResourceNotFoundException', Type: 'User' })
const noSuchBucket = recorded({ status: 404, code: 'NoSuchBucket' })
const noSuchBucketPolicy = recorded({ status: 404, code: 'NoSuchBucketPolicy' })

export const otherRecordings = {
  'type-versions': cFNRegistryException(
    'This type has more than one active version. Please deregister non-default active versions before attempting to deregister the type.',
  ),
  'type-name': cFNRegistryException('TypeName is invalid'),
  'type-version-default': cFNRegistryException(
    "Version '00000051' is the default version and cannot be deregistered. Deregister the resource type 'LocalStack::Testing::TestModule::MODULE' instead.",
  ),
  'no-parameter': parameterNotFound(''),
  'no-secret': resourceNotFoundException("Secrets Manager can't find the specified secret."),
  'no-bucket': noSuchBucket('The specified bucket does not exist'),
  'no-bucket-policy': noSuchBucketPolicy('The bucket policy does not exist'),
  'function-url-none': resourceNotFoundException('The resource you requested does not exist.'),
} satisfies Recordings
