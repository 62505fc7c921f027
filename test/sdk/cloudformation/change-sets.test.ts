/** Change sets, as `aws cloudformation deploy` uses them. */
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  ListChangeSetsCommand,
  waitUntilChangeSetCreateComplete,
  type ChangeSetType,
  type CreateChangeSetCommandInput,
} from '@aws-sdk/client-cloudformation'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, logGroup, resources, settledStack, story, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
})

afterAll(async () => {
  await cloud?.close()
})

const NAME = 'changes'

async function changeSet(
  stack: string,
  kind: ChangeSetType,
  template: object,
  more: Partial<CreateChangeSetCommandInput> = {},
) {
  const made = await cfn.send(
    new CreateChangeSetCommand({
      StackName: stack,
      ChangeSetName: NAME,
      ChangeSetType: kind,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ...more,
    }),
  )
  return cfn.send(new DescribeChangeSetCommand({ ChangeSetName: made.Id, IncludePropertyValues: true }))
}

const execute = (stack: string, name = NAME) =>
  cfn.send(new ExecuteChangeSetCommand({ StackName: stack, ChangeSetName: name }))

test('a change set makes a stack in review, and then the stack', async () => {
  const described = await changeSet('fresh', 'CREATE', resources({ G: logGroup({ LogGroupName: 'fresh' }) }))
  await waitUntilChangeSetCreateComplete({ client: cfn, maxWaitTime: 60 }, { ChangeSetName: NAME, StackName: 'fresh' })
  expect(described).toMatchObject({
    ChangeSetName: NAME,
    Status: 'CREATE_COMPLETE',
    ExecutionStatus: 'AVAILABLE',
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    IncludeNestedStacks: false,
    Changes: [
      {
        Type: 'Resource',
        ResourceChange: {
          Action: 'Add',
          LogicalResourceId: 'G',
          ResourceType: 'AWS::Logs::LogGroup',
          AfterContext: '{"Properties":{"LogGroupName":"fresh"}}',
        },
      },
    ],
  })
  const review = await settledStack(cfn, 'fresh')
  expect(review).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS', StackStatusReason: 'User Initiated', Tags: [] })
  expect(review.Capabilities).toBeUndefined()
  await expect(updated(cfn, 'fresh', resources({ G: logGroup() }))).rejects.toThrow(
    'is in REVIEW_IN_PROGRESS state and can not be updated.',
  )
  await execute('fresh')
  const stack = await settledStack(cfn, 'fresh')
  expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE', ChangeSetId: described.ChangeSetId })
  expect(stack.LastUpdatedTime).toBeInstanceOf(Date)
  expect((await story(cfn, 'fresh')).slice(0, 2)).toEqual([
    'fresh REVIEW_IN_PROGRESS (User Initiated)',
    'fresh CREATE_IN_PROGRESS (User Initiated)',
  ])
  const after = await cfn.send(new DescribeChangeSetCommand({ ChangeSetName: described.ChangeSetId }))
  expect(after.ExecutionStatus).toBe('EXECUTE_COMPLETE')
  await expect(execute('fresh')).rejects.toMatchObject({
    name: 'InvalidChangeSetStatusException',
    message: `ChangeSet [${described.ChangeSetId}] cannot be executed in its current status of [EXECUTE_COMPLETE]`,
  })
})

test('shows what would change, and why', async () => {
  const template = (suffix: string, retention: number) => ({
    Parameters: { Suffix: { Type: 'String' } },
    Resources: {
      Same: logGroup({ LogGroupName: 'why-same' }),
      InPlace: logGroup({ LogGroupName: 'why-in-place', RetentionInDays: retention }),
      Replaced: logGroup({ LogGroupName: { 'Fn::Sub': 'why-${Suffix}' } }),
      Follows: logGroup({ LogGroupName: { 'Fn::Sub': '${Replaced}-follows' } }),
      ...(suffix === 'a' ? { Removed: logGroup({ LogGroupName: 'why-removed' }) } : { Added: logGroup() }),
    },
  })
  const parameters = (value: string) => ({ Parameters: [{ ParameterKey: 'Suffix', ParameterValue: value }] })
  await created(cfn, 'why', template('a', 1), parameters('a'))
  const { Changes: changes = [] } = await changeSet('why', 'UPDATE', template('b', 3), parameters('b'))
  const seen = changes.map(({ ResourceChange: change }) => [
    change?.LogicalResourceId,
    change?.Action,
    change?.Replacement,
    change?.Details?.map(({ Target, Evaluation, ChangeSource, CausingEntity }) =>
      [Target?.Name, Target?.RequiresRecreation, Evaluation, ChangeSource, CausingEntity].filter(Boolean).join(' '),
    ),
  ])
  expect(seen).toEqual([
    ['InPlace', 'Modify', 'False', ['RetentionInDays Never Static DirectModification']],
    ['Replaced', 'Modify', 'True', ['LogGroupName Always Static ParameterReference Suffix']],
    ['Follows', 'Modify', 'Conditional', ['LogGroupName Conditionally Dynamic ResourceReference Replaced']],
    ['Added', 'Add', undefined, []],
    ['Removed', 'Remove', undefined, []],
  ])
  const follows = changes.find(({ ResourceChange }) => ResourceChange?.LogicalResourceId === 'Follows')?.ResourceChange
  expect(follows).toMatchObject({
    PhysicalResourceId: 'why-a-follows',
    Scope: ['Properties'],
    BeforeContext: '{"Properties":{"LogGroupName":"why-a-follows"}}',
    AfterContext: '{"Properties":{"LogGroupName":"{{changeSet:KNOWN_AFTER_APPLY}}-follows"}}',
  })
  const plain = await cfn.send(new DescribeChangeSetCommand({ StackName: 'why', ChangeSetName: NAME }))
  expect(plain.Changes?.[0]?.ResourceChange?.AfterContext).toBeUndefined()
  await execute('why')
  expect((await settledStack(cfn, 'why')).StackStatus).toBe('UPDATE_COMPLETE')
})

test('without changes it fails and cannot be executed', async () => {
  const template = resources({ G: logGroup({ LogGroupName: 'unchanged' }) })
  await created(cfn, 'unchanged', template)
  const empty = await changeSet('unchanged', 'UPDATE', template)
  expect(empty).toMatchObject({
    Status: 'FAILED',
    ExecutionStatus: 'UNAVAILABLE',
    StatusReason:
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    Changes: [],
  })
  await expect(execute('unchanged')).rejects.toMatchObject({
    name: 'InvalidChangeSetStatusException',
    message: `ChangeSet [${empty.ChangeSetId}] cannot be executed in its current status of [FAILED]`,
  })
})

test('an update makes the other change sets obsolete', async () => {
  await created(cfn, 'obsolete', resources({ G: logGroup({ LogGroupName: 'obsolete' }) }))
  const described = await changeSet('obsolete', 'UPDATE', resources({ G: logGroup({ LogGroupName: 'obsolete-2' }) }))
  await updated(cfn, 'obsolete', resources({ G: logGroup({ LogGroupName: 'obsolete-3' }) }))
  const { Summaries: summaries } = await cfn.send(new ListChangeSetsCommand({ StackName: 'obsolete' }))
  expect(summaries).toMatchObject([{ ChangeSetId: described.ChangeSetId, ExecutionStatus: 'OBSOLETE' }])
  await expect(execute('obsolete')).rejects.toThrow('in its current status of [OBSOLETE]')
})

test('a stack in review may be created without its change set', async () => {
  await changeSet('review', 'CREATE', resources({ G: logGroup() }))
  const { StackId } = await cfn.send(
    new CreateStackCommand({ StackName: 'review', TemplateBody: JSON.stringify(resources({ H: logGroup() })) }),
  )
  expect(await settledStack(cfn, 'review')).toMatchObject({ StackId, StackStatus: 'CREATE_COMPLETE' })
  const described = await cfn.send(new DescribeChangeSetCommand({ StackName: 'review', ChangeSetName: NAME }))
  expect(described).toMatchObject({ ExecutionStatus: 'OBSOLETE', StackId })
})

test('uses the previous template and values on demand', async () => {
  const template = {
    Parameters: { Days: { Type: 'Number' }, Name: { Type: 'String', Default: 'previous' } },
    Resources: { G: logGroup({ LogGroupName: { Ref: 'Name' }, RetentionInDays: { Ref: 'Days' } }) },
  }
  await created(cfn, 'previous', template, { Parameters: [{ ParameterKey: 'Days', ParameterValue: '1' }] })
  const { Id } = await cfn.send(
    new CreateChangeSetCommand({
      StackName: 'previous',
      ChangeSetName: NAME,
      UsePreviousTemplate: true,
      Parameters: [
        { ParameterKey: 'Days', ParameterValue: '3' },
        { ParameterKey: 'Name', UsePreviousValue: true },
      ],
    }),
  )
  await execute('previous', Id)
  expect((await settledStack(cfn, 'previous')).Parameters).toEqual([
    { ParameterKey: 'Days', ParameterValue: '3' },
    { ParameterKey: 'Name', ParameterValue: 'previous' },
  ])
})

test('deleting leaves the stack', async () => {
  const described = await changeSet('deleted', 'CREATE', resources({ G: logGroup() }))
  const body = await cfn.send(new GetTemplateCommand({ ChangeSetName: described.ChangeSetId }))
  expect(JSON.parse(body.TemplateBody ?? '')).toEqual(resources({ G: logGroup() }))
  await cfn.send(new DeleteChangeSetCommand({ ChangeSetName: described.ChangeSetId }))
  await cfn.send(new DeleteChangeSetCommand({ ChangeSetName: described.ChangeSetId }))
  await expect(cfn.send(new DescribeChangeSetCommand({ ChangeSetName: described.ChangeSetId }))).rejects.toMatchObject({
    name: 'ChangeSetNotFoundException',
    message: `ChangeSet [${described.ChangeSetId}] does not exist`,
  })
  await cfn.send(new DeleteStackCommand({ StackName: 'deleted' }))
  expect((await settledStack(cfn, described.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
})

test('a creation that fails through a change set says so on the change set', async () => {
  const failing = resources({ G: logGroup({ RetentionInDays: 'x' }) })
  const described = await changeSet('doomed', 'CREATE', failing, { OnStackFailure: 'DO_NOTHING' })
  await execute('doomed')
  expect((await settledStack(cfn, 'doomed')).StackStatus).toBe('CREATE_FAILED')
  const after = await cfn.send(new DescribeChangeSetCommand({ ChangeSetName: described.ChangeSetId }))
  expect(after).toMatchObject({ ExecutionStatus: 'EXECUTE_FAILED', OnStackFailure: 'DO_NOTHING' })
})

test('names that mean nothing, or already something, are refused', async () => {
  const stack = await created(cfn, 'existing', resources({ G: logGroup() }))
  const make = (name: string, kind: ChangeSetType) => changeSet(name, kind, resources({ G: logGroup() }))
  await expect(make('existing', 'CREATE')).rejects.toThrow(
    `Stack [existing] already exists and cannot be created again with the changeSet [${NAME}].`,
  )
  await expect(make('nostack', 'UPDATE')).rejects.toThrow('Stack [nostack] does not exist')
  await expect(make('existing', 'IMPORT')).rejects.toThrow('does not implement the value IMPORT of ChangeSetType')
  await changeSet('existing', 'UPDATE', resources({ G: logGroup({ RetentionInDays: 1 }) }))
  await expect(make('existing', 'UPDATE')).rejects.toMatchObject({ name: 'AlreadyExistsException' })
  await cfn.send(new DeleteStackCommand({ StackName: 'existing' }))
  await settledStack(cfn, stack.StackId ?? '')
  await expect(make(stack.StackId ?? '', 'CREATE')).rejects.toThrow(
    `Stack [${stack.StackId}] already exists and cannot be created again with the changeSet [${NAME}].`,
  )
  await expect(cfn.send(new DescribeChangeSetCommand({ ChangeSetName: NAME }))).rejects.toThrow(
    'StackName must be specified if ChangeSetName is not specified as an ARN.',
  )
  await expect(cfn.send(new DescribeChangeSetCommand({ ChangeSetName: NAME, StackName: 'somestack' }))).rejects.toThrow(
    'Stack [somestack] does not exist',
  )
  await expect(cfn.send(new DeleteChangeSetCommand({ ChangeSetName: NAME, StackName: 'nostack' }))).rejects.toThrow(
    'Stack [nostack] does not exist',
  )
  // A template that is refused leaves no stack in review.
  await expect(changeSet('invalid', 'CREATE', { Resources: {} })).rejects.toThrow('Template format error')
  await expect(cfn.send(new DescribeStacksCommand({ StackName: 'invalid' }))).rejects.toThrow('does not exist')
})
