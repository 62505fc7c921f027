/** What AWS was recorded to answer: what is not found. */
import { recorded, type Recordings } from '../../../recorded-error.ts'

const codeSigningNotFound = recorded({
  status: 404,
  code: 'CodeSigningConfigNotFoundException',
  member: 'Message',
  Type: 'User',
})
const provisionedNotFound = recorded({
  status: 404,
  code: 'ProvisionedConcurrencyConfigNotFoundException',
  member: 'message',
  Type: 'User',
})
const notFound = recorded({ status: 404, code: 'ResourceNotFoundException', member: 'Message', Type: 'User' })
const notFoundWithoutType = recorded({ status: 404, code: 'ResourceNotFoundException', member: 'Message' })

export const notFoundRecordings = {
  'code-signing-put-none': codeSigningNotFound(
    'The code signing configuration cannot be found. Check that the provided configuration is not deleted: <csc_arn_invalid>.',
  ),
  'provisioned-none': provisionedNotFound('No Provisioned Concurrency Config found for this function'),
  'alias-update-none': notFound(
    'Alias not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:non-existent',
  ),
  'provisioned-alias-deleted': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:<alias-name>',
  ),
  'provisioned-put-no-alias': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:doesnotexist',
  ),
  'provisioned-no-alias': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:noalias',
  ),
  'alias-get-none': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:non-existent',
  ),
  'policy-no-alias': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:<function-name>:alias-doesnotexist',
  ),
  'provisioned-no-function-alias': notFound(
    'Cannot find alias arn: arn:<partition>:lambda:<region>:111111111111:function:doesnotexist:noalias',
  ),
  'tags-no-capacity-provider': notFound(
    'Capacity provider not found: arn:<partition>:lambda:<region>:111111111111:capacity-provider:<resource-name>',
  ),
  'tags-no-mapping': notFound(
    'Event source mapping not found: arn:<partition>:lambda:<region>:111111111111:event-source-mapping:<resource-name>',
  ),
  'url-list-no-function': notFound('Function does not exist'),
  'delete-deleted': notFound('Function not found: arn:<partition>:lambda:<region>:111111111111:function:<fn-name>'),
  'get-no-version': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<fn-name>:1221',
  ),
  'delete-after-delete': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>',
  ),
  'alias-create-no-function': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>-unknown:1',
  ),
  'alias-create-no-version': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:10',
  ),
  'get-no-alias': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:aliasdoesnotexist',
  ),
  'invoke-no-alias': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:non-existent-alias',
  ),
  'policy-no-version': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name>:42',
  ),
  'policy-no-such-qualifier': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<function-name>:valid-with-$-but-doesnotexist',
  ),
  'no-function': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<nonexisting-fn-name>',
  ),
  'tags-no-function': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:<resource-name>',
  ),
  'code-signing-no-function': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:csc-test-doesnotexist',
  ),
  'function-named-none': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:doesnotexist',
  ),
  'invoke-no-function': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:doesnotexist:$LATEST',
  ),
  'provisioned-no-function-version': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:doesnotexist:1',
  ),
  'get-no-function-latest': notFound(
    'Function not found: arn:<partition>:lambda:<region>:111111111111:function:some-function:$LATEST',
  ),
  'other-region': notFound("Functions from '<wrong-region>' are not reachable in this region ('<region>')"),
  'create-other-region': notFound("Functions from 'ap-southeast-1' are not reachable in this region ('<region>')"),
  'layer-policy-no-layer': notFound(
    'Layer version arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>-doesnotexist:1 does not exist.',
  ),
  'layer-policy-no-version': notFound(
    'Layer version arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:2 does not exist.',
  ),
  'remove-permission-no-function': notFound(
    'No policy found for: arn:<partition>:lambda:<region>:111111111111:function:doesnotexist',
  ),
  'remove-permission-no-policy': notFound('No policy is associated with the given resource.'),
  'layer-policy-no-statement': notFound('Statement doesnotexist is not found in resource policy.'),
  'remove-permission-no-statement': notFound('Statement non-existent is not found in resource policy.'),
  'code-signing-none': notFoundWithoutType('The Lambda code signing configuration <csc_arn_invalid> can not be found.'),
  'event-config-none-of-version': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<fn-name>:1221 doesn't have an EventInvokeConfig",
  ),
  'event-config-none': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:$LATEST doesn't have an EventInvokeConfig",
  ),
  'event-config-none-published': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:1 doesn't have an EventInvokeConfig",
  ),
  'event-config-none-of-qualifier': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:doesnotexist doesn't have an EventInvokeConfig",
  ),
  'event-config-none-of-alias': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:eventinvokealias doesn't have an EventInvokeConfig",
  ),
  'event-config-no-function': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:<nonexisting-fn-name>:$LATEST doesn't have an EventInvokeConfig",
  ),
  'event-config-function-named-none': notFound(
    "The function arn:<partition>:lambda:<region>:111111111111:function:doesnotexist:$LATEST doesn't have an EventInvokeConfig",
  ),
  'event-config-put-no-function': notFound("The function doesn't exist."),
  'requested-resource-none': notFound('The resource you requested does not exist.'),
} satisfies Recordings
