/** CloudFormation's stacks and change sets. */
import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  UpdateStackCommand,
  type CreateChangeSetCommandInput,
} from '@aws-sdk/client-cloudformation'

import type { Case, Outside } from '../../recorded-error.ts'
import type { cloudformationRecordings } from '../recordings/cloudformation.ts'

type Name = keyof typeof cloudformationRecordings

export const TEMPLATE = JSON.stringify({ Resources: { A: { Type: 'AWS::SNS::Topic' } } })

const changeSet = (input: Partial<CreateChangeSetCommandInput>) =>
  new CreateChangeSetCommand({ StackName: 'there', ChangeSetName: 'test', TemplateBody: TEMPLATE, ...input })
const update = (StackName: string, ResourceTypes?: string[]) =>
  new UpdateStackCommand({
    StackName,
    TemplateBody: TEMPLATE.replace('Topic"', 'Topic","Metadata":{}'),
    ...(ResourceTypes && { ResourceTypes }),
  })
const resource = (LogicalResourceId: string) =>
  new DescribeStackResourceCommand({ StackName: 'there', LogicalResourceId })

const NO_CHANGE_SET = 'arn:aws:cloudformation:us-east-1:111122223333:changeSet/change-set-926829fe/d065e78c'

export interface StackIds {
  readonly deleted: string
  /** Its deletion has begun and does not go on. */
  readonly deleting: string
}

/** There are the stack `there`, the stack `review` with nothing but a change set, and these. */
export function stacks({ deleted, deleting }: StackIds): Readonly<Partial<Record<Name, Case>>> {
  const [, name = '', resourceId = ''] = /stack\/([^/]+)\/(.+)$/.exec(deleted) ?? []
  return {
    'stack-exists': {
      values: { '<stack-name:1>': 'there' },
      calls: [new CreateStackCommand({ StackName: 'there', TemplateBody: TEMPLATE })],
    },
    'stack-name-malformed': {
      calls: [new CreateStackCommand({ StackName: '*@da591fa3_$', TemplateBody: TEMPLATE })],
    },
    'update-nothing': { calls: [new UpdateStackCommand({ StackName: 'there', TemplateBody: TEMPLATE })] },
    'update-deleted': {
      values: { '<stack-id>': deleted },
      calls: [changeSet({ StackName: deleted }), update(deleted)],
    },
    'update-being-deleted': {
      values: { '<stack-id>': deleting },
      calls: [changeSet({ StackName: deleting }), update(deleting)],
    },
    'resource-type-star': { calls: [update('there', ['AWS::EC2:*'])] },
    'resource-type-stars': { calls: [update('there', ['AWS::EC2::*'])] },
    'resource-none': { values: { '<stack-name>': 'there' }, calls: [resource('NonExistentResource')] },
    'resource-deleted': { values: { '<stack-name:1>': 'there' }, calls: [resource('Parameter')] },
    'resource-failed': { values: { '<stack-name>': 'there' }, calls: [resource('Parameter')] },
    'describe-none': {
      values: { '<stack-name>': 'missing' },
      calls: [new DescribeStacksCommand({ StackName: 'missing' })],
    },
    'describe-deleted': { values: { '<stack-name:1>': name }, calls: [new DescribeStacksCommand({ StackName: name })] },
    'describe-no-nested': {
      values: { '<nested-stack-name>': 'nested' },
      calls: [new DescribeStacksCommand({ StackName: 'nested' })],
    },
    'events-no-stack': { calls: [new DescribeStackEventsCommand({ StackName: 'does-not-exist' })] },
    'change-set-no-stack': {
      values: { '<stack-name:1>': 'missing' },
      calls: [changeSet({ StackName: 'missing' })],
    },
    'change-set-for-existing': {
      values: { '<stack-name:1>': 'there', '<change-set-name:1>': 'test' },
      calls: [changeSet({ ChangeSetType: 'CREATE' })],
    },
    'change-set-for-deleted': {
      values: { '<stack-id>': deleted },
      calls: [changeSet({ StackName: deleted, ChangeSetType: 'CREATE' })],
    },
    'change-set-for-stack-id': {
      values: { '<stack-name:1>': name, '<resource:1>': resourceId },
      calls: [changeSet({ StackName: deleted, ChangeSetType: 'CREATE', ChangeSetName: 'revived-stack-changeset' })],
    },
    'change-set-none': {
      values: { '<cs-1-name>': 'none' },
      calls: [new DescribeChangeSetCommand({ StackName: 'there', ChangeSetName: 'none' })],
    },
    'change-set-delete-no-stack': {
      calls: [new DeleteChangeSetCommand({ StackName: 'nostack', ChangeSetName: 'DoesNotExist' })],
    },
    'change-set-without-stack': { calls: [new DeleteChangeSetCommand({ ChangeSetName: 'DoesNotExist' })] },
    'template-no-stack': { calls: [new GetTemplateCommand({ StackName: 'does-not-exist' })] },
    'template-nothing': { calls: [new GetTemplateCommand({})] },
    'template-change-set-without-stack': { calls: [new GetTemplateCommand({ ChangeSetName: 'does-not-exist' })] },
    'template-no-change-set': {
      values: { '<change-set-id>': NO_CHANGE_SET },
      calls: [new GetTemplateCommand({ ChangeSetName: NO_CHANGE_SET })],
    },
    'summary-of-review': { calls: [new GetTemplateSummaryCommand({ StackName: 'review' })] },
  }
}

const STACK_POLICIES: Outside = { notImplemented: ['SetStackPolicy'] }
const MACROS: Outside = {
  refused: '`Transform`',
  by: new CreateStackCommand({ StackName: 'new', TemplateBody: TEMPLATE.replace('{', '{"Transform":"Macro",') }),
}
const TEMPLATE_URL: Outside = {
  refused: 'TemplateURL of CreateStack',
  by: new CreateStackCommand({ StackName: 'new', TemplateURL: 'https://bucket.s3.amazonaws.com/template' }),
}
const ROLLBACK: Outside = {
  refused: 'RollbackConfiguration of UpdateStack',
  by: new UpdateStackCommand({
    StackName: 'there',
    UsePreviousTemplate: true,
    RollbackConfiguration: { MonitoringTimeInMinutes: 1 },
  }),
}
const ROLE = 'arn:aws:iam::111122223333:role/any'

export const stacksOutside: Readonly<Partial<Record<Name, Outside>>> = {
  'stack-policy-invalid': STACK_POLICIES,
  'stack-policy-twice': STACK_POLICIES,
  'macro-without-capability': MACROS,
  'macro-name': MACROS,
  'template-url-no-s3': TEMPLATE_URL,
  'template-url-unsupported': TEMPLATE_URL,
  'rollback-trigger-arn': ROLLBACK,
  'rollback-trigger-type': ROLLBACK,
  'role-not-assumable': {
    refused: 'RoleARN of UpdateStack',
    by: new UpdateStackCommand({ StackName: 'there', UsePreviousTemplate: true, RoleARN: ROLE }),
  },
}
