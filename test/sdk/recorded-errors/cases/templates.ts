/** CloudFormation's templates: each is refused as a stack is made of it. */
import { CreateStackCommand, GetTemplateSummaryCommand, ValidateTemplateCommand } from '@aws-sdk/client-cloudformation'

import type { Case } from '../../recorded-error.ts'
import type { cloudformationRecordings } from '../recordings/cloudformation.ts'

type Cases = Readonly<Partial<Record<keyof typeof cloudformationRecordings, Case>>>

const TOPIC = { Type: 'AWS::SNS::Topic' }
const create = (template: object | string) =>
  new CreateStackCommand({
    StackName: 'new',
    TemplateBody: typeof template === 'string' ? template : JSON.stringify(template),
  })
const refused = (template: object | string, values?: Case['values']): Case => ({
  calls: [create(template)],
  ...(values && { values }),
})
const named = (TopicName: unknown) => ({ Resources: { A: { ...TOPIC, Properties: { TopicName } } } })
const withOutputs = (Outputs: object) => ({ Resources: { Foo: TOPIC }, Outputs })

const YAML = `Resources:
  MyBucket:
    Type: AWS::S3::Bucket
    Properties:
        BucketName: test
      VersioningConfiguration:
        Status: Enabled
`
const LONG = JSON.stringify({ Resources: { A: TOPIC }, Description: 'x'.repeat(51_200) })

export const templates: Cases = {
  'json-malformed': {
    calls: [new ValidateTemplateCommand({ TemplateBody: '{"this is invalid JSON"="bobbins"}' })],
  },
  // The recording leaves the position out.
  'yaml-malformed': refused(YAML, { '<position>': ' (line 6, column 1)' }),
  'template-none': {
    calls: [new CreateStackCommand({ StackName: 'new' }), new ValidateTemplateCommand({})],
  },
  'template-too-long': {
    values: { '<template-body>': LONG },
    calls: [new ValidateTemplateCommand({ TemplateBody: LONG })],
  },
  'no-resources': { calls: [create({}), new GetTemplateSummaryCommand({ TemplateBody: '{}' })] },
  'resource-no-object': refused({ Resources: '', Outputs: '' }),
  'resource-without-type': refused({ Resources: { A: { Properties: {} } } }),
  'resource-attribute-unknown': refused({ Resources: { A: { ...TOPIC, Invalid: 10 } } }),
  'resource-name': refused({ Resources: { 'AWS::NoValue': TOPIC } }),
  'parameter-name': refused({ Parameters: { 'AWS::NoValue': { Type: 'String' } }, Resources: { A: TOPIC } }),
  'parameter-no-number': {
    calls: [
      new CreateStackCommand({
        StackName: 'new',
        TemplateBody: JSON.stringify({ Parameters: { Value: { Type: 'Number' } }, Resources: { A: TOPIC } }),
        Parameters: [{ ParameterKey: 'Value', ParameterValue: 'no number' }],
      }),
    ],
  },
  'output-null': refused(withOutputs({ MyOutput: { Value: null } })),
  'output-without-value': refused(withOutputs({ MyOutput: {} })),
  'mapping-no-map': refused({ Mappings: { A: 'text' }, Resources: { A: TOPIC } }),
  'mapping-attribute': refused({ Mappings: { M: { A: { Suffix: { Ref: 'X' } } } }, Resources: { A: TOPIC } }),
  'mapping-key': refused({
    Mappings: { TopicSuffixMap: { A: { Suffix: 'a' } } },
    ...named({ 'Fn::FindInMap': ['TopicSuffixMap', 'C', 'Suffix'] }),
  }),
  'select-index': refused(named({ 'Fn::Select': ['test', ['a', 'b']] })),
  'split-arguments': refused(named({ 'Fn::Select': [0, { 'Fn::Split': ['-'] }] })),
  'equals-arguments': refused({ Conditions: { C: { 'Fn::Equals': ['a'] } }, Resources: { A: TOPIC } }),
  'get-att-arguments': refused(named({ 'Fn::GetAtt': ['A', ''] })),
  'condition-missing': refused(named({ 'Fn::If': ['MissingCondition', 'a', 'b'] })),
  'reference-invalid': refused(named({ Ref: 'InvalidRef' })),
  'reference-skipped': refused(named({ Ref: 'MyTopic' })),
  'depends-on-missing': refused({ Resources: { A: { ...TOPIC, DependsOn: 'NonExistingResource' } } }),
  'output-reference': refused({
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { A: TOPIC, MyTopic: { ...TOPIC, Condition: 'Never' } },
    Outputs: { Name: { Value: { Ref: 'MyTopic' } } },
  }),
}
