/** What AWS was recorded to answer: CloudFormation. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const alreadyExistsException = recorded({ status: 400, code: 'AlreadyExistsException', Type: 'Sender' })
const insufficientCapabilitiesException = recorded({
  status: 400,
  code: 'InsufficientCapabilitiesException',
  Type: 'Sender',
})
const validation = recorded({ status: 400, code: 'ValidationError', Type: 'Sender' })
const changeSetNotFound = recorded({ status: 404, code: 'ChangeSetNotFound', Type: 'Sender' })

export const cloudformationRecordings = {
  'stack-exists': alreadyExistsException('Stack [<stack-name:1>] already exists'),
  'macro-without-capability': insufficientCapabilitiesException('Requires capabilities : [CAPABILITY_AUTO_EXPAND]'),
  'stack-name-malformed': validation(
    "1 validation error detected: Value '*@da591fa3_$' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*",
  ),
  'template-too-long': validation(
    "1 validation error detected: Value '<template-body>' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
  ),
  'template-none': validation('Either Template URL or Template Body must be specified.'),
  'stack-policy-invalid': validation('Error validating stack policy: Invalid stack policy'),
  'summary-of-review': validation('GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.'),
  'resource-attribute-unknown': validation("Invalid template resource property 'Invalid'"),
  'macro-name': validation('Key Name of transform definition must be a string.'),
  'update-nothing': validation('No updates are to be performed.'),
  'parameter-no-number': validation("Parameter 'Value' must be a number."),
  'rollback-trigger-arn': validation("RelativeId of a Rollback Trigger's ARN is incorrect"),
  'resource-none': validation('Resource NonExistentResource does not exist for stack <stack-name>'),
  'resource-deleted': validation('Resource Parameter does not exist for stack <stack-name:1>'),
  'resource-failed': validation('Resource Parameter does not exist for stack <stack-name>'),
  'resource-type-star': validation(
    'Resource type AWS::SNS::Topic is not allowed by parameter ResourceTypes [AWS::EC2:*]',
  ),
  'resource-type-stars': validation(
    'Resource type AWS::SNS::Topic is not allowed by parameter ResourceTypes [AWS::EC2::*]',
  ),
  'role-not-assumable': validation(
    'Role arn:<partition>:iam::111111111111:role/<role name> is invalid or cannot be assumed',
  ),
  'rollback-trigger-type': validation('Rollback Trigger Type not supported'),
  'template-url-no-s3': validation('S3 error: Domain name specified in <bucket_name> is not a valid S3 domain'),
  'change-set-for-deleted': validation(
    'Stack [<stack-id>] already exists and cannot be created again with the changeSet [test].',
  ),
  'change-set-for-existing': validation(
    'Stack [<stack-name:1>] already exists and cannot be created again with the changeSet [<change-set-name:1>].',
  ),
  'change-set-no-stack': validation('Stack [<stack-name:1>] does not exist'),
  'change-set-for-stack-id': validation(
    'Stack [arn:<partition>:cloudformation:<region>:111111111111:stack/<stack-name:1>/<resource:1>] already exists and cannot be created again with the changeSet [revived-stack-changeset].',
  ),
  'events-no-stack': validation('Stack [does-not-exist] does not exist'),
  'change-set-delete-no-stack': validation('Stack [nostack] does not exist'),
  'describe-no-nested': validation('Stack with id <nested-stack-name> does not exist'),
  'describe-deleted': validation('Stack with id <stack-name:1> does not exist'),
  'describe-none': validation('Stack with id <stack-name> does not exist'),
  'template-no-stack': validation('Stack with id does-not-exist does not exist'),
  'update-deleted': validation('Stack:<stack-id> is in DELETE_COMPLETE state and can not be updated.'),
  'update-being-deleted': validation('Stack:<stack-id> is in DELETE_IN_PROGRESS state and can not be updated.'),
  'template-change-set-without-stack': validation('StackName is a required parameter.'),
  'template-nothing': validation('StackName is required if ChangeSetName is not specified.'),
  'change-set-without-stack': validation('StackName must be specified if ChangeSetName is not specified as an ARN.'),
  'select-index': validation(
    'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  ),
  'mapping-key': validation('Template error: Unable to get mapping for TopicSuffixMap::C::Suffix'),
  'equals-arguments': validation('Template error: every Fn::Equals object requires a list of 2 string parameters.'),
  'get-att-arguments': validation(
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ),
  'split-arguments': validation(
    'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
  ),
  'condition-missing': validation('Template error: unresolved condition dependency MissingCondition in Fn::If'),
  'resource-no-object': validation('Template format error: Any Resources member must be an object.'),
  'no-resources': validation('Template format error: At least one Resources member must be defined.'),
  'mapping-attribute': validation('Template format error: Every Mappings attribute must be a String or a List.'),
  'mapping-no-map': validation('Template format error: Every Mappings member A must be a map'),
  'output-without-value': validation('Template format error: Every Outputs member must contain a Value object'),
  'json-malformed': validation('Template format error: JSON not well-formed. (line 1, column 25)'),
  'parameter-name': validation('Template format error: Parameter name AWS::NoValue is non alphanumeric.'),
  'resource-name': validation('Template format error: Resource name AWS::NoValue is non alphanumeric.'),
  'reference-invalid': validation(
    'Template format error: Unresolved resource dependencies [InvalidRef] in the Resources block of the template',
  ),
  'reference-skipped': validation(
    'Template format error: Unresolved resource dependencies [MyTopic] in the Resources block of the template',
  ),
  'depends-on-missing': validation(
    'Template format error: Unresolved resource dependencies [NonExistingResource] in the Resources block of the template',
  ),
  'yaml-malformed': validation('Template format error: YAML not well-formed.<position>'),
  'resource-without-type': validation(
    'Template format error: [/Resources/A] Every Resources object must contain a Type member.',
  ),
  'template-url-unsupported': validation('TemplateURL must be a supported URL.'),
  'output-reference': validation('Unresolved resource dependencies [MyTopic] in the Outputs block of the template'),
  'stack-policy-twice': validation('You cannot specify both StackPolicyURL and StackPolicyBody'),
  'output-null': validation("[/Outputs/MyOutput/Value] 'null' values are not allowed in templates"),
  'template-no-change-set': changeSetNotFound('ChangeSet [<change-set-id>] does not exist'),
  'change-set-none': changeSetNotFound('ChangeSet [<cs-1-name>] does not exist'),
} satisfies Recordings
