/** Stacks through their lives: what is told, what is left, and what is refused. */
import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, eventsOf, logGroup, reasonOf, resources, settledStack, story, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient
let logs: CloudWatchLogsClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
  logs = cloud.client(CloudWatchLogsClient, 'source')
})

afterAll(async () => {
  await cloud?.close()
})

const groupExists = async (name: string): Promise<boolean> => {
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }))
  return logGroups.some(({ logGroupName }) => logGroupName === name)
}

/** A role whose trust policy IAM refuses: a resource that always fails. */
const broken = (more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow' }] } },
  ...more,
})

describe('creation', () => {
  test('tells each step, in the order of need', async () => {
    const stack = await created(
      cfn,
      'steps',
      resources({
        Second: logGroup({ LogGroupName: { 'Fn::Sub': '${First}-2' } }),
        First: logGroup({ LogGroupName: 'one' }),
      }),
      { ClientRequestToken: 'token-1' },
    )
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      DisableRollback: false,
      Tags: [],
      NotificationARNs: [],
    })
    expect(stack.StackStatusReason).toBeUndefined()
    expect(await story(cfn, 'steps')).toEqual([
      'steps CREATE_IN_PROGRESS (User Initiated)',
      'First CREATE_IN_PROGRESS',
      'First CREATE_IN_PROGRESS (Resource creation Initiated)',
      'First CREATE_COMPLETE',
      'Second CREATE_IN_PROGRESS',
      'Second CREATE_IN_PROGRESS (Resource creation Initiated)',
      'Second CREATE_COMPLETE',
      'steps CREATE_COMPLETE',
    ])
    const [begin, first, initiated] = await eventsOf(cfn, 'steps')
    expect(begin).toMatchObject({
      PhysicalResourceId: stack.StackId,
      ResourceType: 'AWS::CloudFormation::Stack',
      ClientRequestToken: 'token-1',
    })
    expect(first).toMatchObject({ PhysicalResourceId: '', ResourceProperties: '{"LogGroupName":"one"}' })
    expect(first?.EventId).toMatch(/^First-CREATE_IN_PROGRESS-\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(initiated?.PhysicalResourceId).toBe('one')
    const resourcesOf = await cfn.send(new ListStackResourcesCommand({ StackName: 'steps' }))
    expect(resourcesOf.StackResourceSummaries?.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual([
      'one',
      'one-2',
    ])
  })

  test('answers at once, and the waiters of the SDK see it complete', async () => {
    await cfn.send(
      new CreateStackCommand({ StackName: 'waited', TemplateBody: JSON.stringify(resources({ G: logGroup() })) }),
    )
    const waited = await waitUntilStackCreateComplete({ client: cfn, maxWaitTime: 60 }, { StackName: 'waited' })
    expect(waited.state).toBe('SUCCESS')
    const resource = await cfn.send(new DescribeStackResourceCommand({ StackName: 'waited', LogicalResourceId: 'G' }))
    expect(resource.StackResourceDetail).toMatchObject({ ResourceStatus: 'CREATE_COMPLETE', Metadata: '{}' })
    expect(resource.StackResourceDetail?.PhysicalResourceId).toMatch(/^waited-G-[A-Z0-9]{12}$/)
    const byId = await cfn.send(
      new DescribeStackResourcesCommand({ PhysicalResourceId: resource.StackResourceDetail?.PhysicalResourceId }),
    )
    expect(byId.StackResources?.[0]).toMatchObject({ StackName: 'waited', LogicalResourceId: 'G' })
  })

  test('a resource that fails rolls the stack back', async () => {
    const stack = await created(
      cfn,
      'failing',
      resources({ Kept: logGroup({ LogGroupName: 'rolled-back' }), Role: broken({ DependsOn: 'Kept' }) }),
    )
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await groupExists('rolled-back')).toBe(false)
    const told = await story(cfn, 'failing')
    expect(told.slice(4)).toEqual([
      'Role CREATE_IN_PROGRESS',
      expect.stringMatching(
        /^Role CREATE_FAILED \(Resource handler returned message: ".+ \(Service: Iam, Status Code: 400, Request ID: [-0-9a-f]{36}\)" \(RequestToken: [-0-9a-f]{36}, HandlerErrorCode: InvalidRequest\)\)$/,
      ),
      'failing ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [Role]. Rollback requested by user.)',
      'Role DELETE_COMPLETE',
      'Kept DELETE_IN_PROGRESS',
      'Kept DELETE_COMPLETE',
      'failing ROLLBACK_COMPLETE',
    ])
    await expect(updated(cfn, 'failing', resources({ G: logGroup() }))).rejects.toThrow(
      `Stack:${stack.StackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    )
    await expect(created(cfn, 'failing', resources({ G: logGroup() }))).rejects.toMatchObject({
      name: 'AlreadyExistsException',
      message: 'Stack [failing] already exists',
    })
  })

  test('what fails may be left as it is, or deleted with the stack', async () => {
    const template = resources({ Kept: logGroup({ LogGroupName: 'left' }), Role: broken({ DependsOn: 'Kept' }) })
    const left = await created(cfn, 'left', template, { OnFailure: 'DO_NOTHING' })
    expect(left).toMatchObject({
      StackStatus: 'CREATE_FAILED',
      StackStatusReason: 'The following resource(s) failed to create: [Role]. ',
      DisableRollback: true,
    })
    expect(await groupExists('left')).toBe(true)
    // It may be mended by an update.
    const mended = await updated(cfn, 'left', resources({ Kept: logGroup({ LogGroupName: 'left' }) }))
    expect(mended.StackStatus).toBe('UPDATE_COMPLETE')

    const { StackId: id = '' } = await cfn.send(
      new CreateStackCommand({
        StackName: 'gone',
        TemplateBody: JSON.stringify(resources({ Role: broken() })),
        Capabilities: ['CAPABILITY_IAM'],
        OnFailure: 'DELETE',
      }),
    )
    expect((await settledStack(cfn, id)).StackStatus).toBe('DELETE_COMPLETE')
    expect(await story(cfn, id)).toContain(
      'gone DELETE_IN_PROGRESS (The following resource(s) failed to create: [Role]. Delete requested by user.)',
    )
  })

  test('properties the type does not have are refused before anything is called', async () => {
    await created(cfn, 'misspelt', resources({ G: logGroup({ LogGroupNme: 'x', RetentionInDays: 'long' }) }))
    expect(await reasonOf(cfn, 'misspelt', 'G', 'CREATE_FAILED')).toBe(
      'Properties validation failed for resource G with message:\n[#: extraneous key [LogGroupNme] is not permitted, #/RetentionInDays: expected type: Integer, found: String]',
    )
  })

  test('a name that another stack has is said to be that stack’s', async () => {
    const owner = await created(cfn, 'owner', resources({ G: logGroup({ LogGroupName: 'owned' }) }))
    await created(cfn, 'intruder', resources({ G: logGroup({ LogGroupName: 'owned' }) }))
    expect(await reasonOf(cfn, 'intruder', 'G', 'CREATE_FAILED')).toBe(`owned already exists in stack ${owner.StackId}`)
    expect(await groupExists('owned')).toBe(true)
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'by-hand' }))
    await created(cfn, 'intruder-2', resources({ G: logGroup({ LogGroupName: 'by-hand' }) }))
    expect(await reasonOf(cfn, 'intruder-2', 'G', 'CREATE_FAILED')).toMatch(
      /^Resource handler returned message: "The specified log group already exists \(Service: CloudWatchLogs, Status Code: 40\d, Request ID: .*HandlerErrorCode: AlreadyExists\)$/,
    )
    expect(await groupExists('by-hand')).toBe(true)
  })

  test('the same token again is the same creation', async () => {
    const input = {
      StackName: 'retried',
      TemplateBody: JSON.stringify(resources({ G: logGroup() })),
      ClientRequestToken: 'a',
    }
    const [first, second] = [
      await cfn.send(new CreateStackCommand(input)),
      await cfn.send(new CreateStackCommand(input)),
    ]
    expect(second.StackId).toBe(first.StackId)
    await expect(cfn.send(new CreateStackCommand({ ...input, ClientRequestToken: 'b' }))).rejects.toThrow(
      'already exists',
    )
  })

  test.each<[object, string, string]>([
    [{ Resources: { R: broken() } }, 'InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]'],
    [
      { Resources: { R: { Type: 'AWS::Nope::Thing' } } },
      'ValidationError',
      'Template format error: Unrecognized resource types: [AWS::Nope::Thing]',
    ],
    [
      { Resources: { A: logGroup({ LogGroupName: { Ref: 'B' } }), B: logGroup({ LogGroupName: { Ref: 'A' } }) } },
      'ValidationError',
      'Circular dependency between resources: [A, B]',
    ],
    [
      { Resources: { A: logGroup() }, Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nme'] } } } },
      'ValidationError',
      'Template error: resource A does not support attribute type Nme in Fn::GetAtt',
    ],
    [
      { Parameters: { P: { Type: 'String' } }, Resources: { A: logGroup() } },
      'ValidationError',
      'Parameters: [P] must have values',
    ],
  ])('%j is refused before there is a stack', async (template, name, message) => {
    await expect(created(cfn, 'refused', template, { Capabilities: [] })).rejects.toMatchObject({ name, message })
    await expect(cfn.send(new DescribeStacksCommand({ StackName: 'refused' }))).rejects.toThrow(
      'Stack with id refused does not exist',
    )
  })

  test('parameters that are not honoured are refused by name', async () => {
    for (const [member, value] of [
      ['TemplateURL', 'https://bucket.s3.amazonaws.com/x'],
      ['RoleARN', 'arn:aws:iam::111122223333:role/deployer'],
      ['NotificationARNs', ['arn:aws:sns:us-east-1:111122223333:topic']],
      ['TimeoutInMinutes', 5],
    ] as const) {
      await expect(created(cfn, 'unhonoured', resources({ G: logGroup() }), { [member]: value })).rejects.toThrow(
        `Isthmus does not implement the parameter ${member} of CreateStack`,
      )
    }
  })
})

describe('update', () => {
  test('changes in place, replaces, adds and removes, and cleans up afterwards', async () => {
    await created(
      cfn,
      'changing',
      resources({
        Same: logGroup({ LogGroupName: 'same' }),
        InPlace: logGroup({ LogGroupName: 'in-place', RetentionInDays: 1 }),
        Replaced: logGroup({ LogGroupName: 'old-name' }),
        Removed: logGroup({ LogGroupName: 'removed' }),
        Retained: logGroup({ LogGroupName: 'retained' }, { DeletionPolicy: 'Retain' }),
      }),
    )
    const before = (await story(cfn, 'changing')).length
    const stack = await updated(
      cfn,
      'changing',
      resources(
        {
          Same: logGroup({ LogGroupName: 'same' }),
          InPlace: logGroup({ LogGroupName: 'in-place', RetentionInDays: 3 }),
          Replaced: logGroup({ LogGroupName: 'new-name' }, { DependsOn: 'InPlace' }),
          Added: logGroup({ LogGroupName: { 'Fn::Sub': '${Replaced}-added' } }),
        },
        { Outputs: { Name: { Value: { Ref: 'Added' }, Description: 'what was added' } } },
      ),
    )
    expect(stack).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      Outputs: [{ OutputKey: 'Name', OutputValue: 'new-name-added', Description: 'what was added' }],
    })
    expect(stack.LastUpdatedTime).toBeInstanceOf(Date)
    expect((await story(cfn, 'changing')).slice(before)).toEqual([
      'changing UPDATE_IN_PROGRESS (User Initiated)',
      'InPlace UPDATE_IN_PROGRESS',
      'InPlace UPDATE_COMPLETE',
      'Replaced UPDATE_IN_PROGRESS (Requested update requires the creation of a new physical resource; hence creating one.)',
      'Replaced UPDATE_IN_PROGRESS (Resource creation Initiated)',
      'Replaced UPDATE_COMPLETE',
      'Added CREATE_IN_PROGRESS',
      'Added CREATE_IN_PROGRESS (Resource creation Initiated)',
      'Added CREATE_COMPLETE',
      'changing UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Replaced DELETE_IN_PROGRESS',
      'Removed DELETE_IN_PROGRESS',
      'Retained DELETE_SKIPPED',
      'Replaced DELETE_COMPLETE',
      'Removed DELETE_COMPLETE',
      'changing UPDATE_COMPLETE',
    ])
    expect(await Promise.all(['same', 'new-name', 'new-name-added', 'retained'].map(groupExists))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(await Promise.all(['old-name', 'removed'].map(groupExists))).toEqual([false, false])
    const { StackResources: left = [] } = await cfn.send(new DescribeStackResourcesCommand({ StackName: 'changing' }))
    expect(left.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Added', 'InPlace', 'Replaced', 'Same'])
  })

  test('that fails is rolled back to what was', async () => {
    const before = resources(
      {
        InPlace: logGroup({ LogGroupName: 'kept-in-place', RetentionInDays: 1 }),
        Replaced: logGroup({ LogGroupName: 'kept-name' }),
        Removed: logGroup({ LogGroupName: 'kept-too' }),
      },
      { Outputs: { O: { Value: { Ref: 'Replaced' } } } },
    )
    await created(cfn, 'undone', before)
    const told = (await story(cfn, 'undone')).length
    const stack = await updated(
      cfn,
      'undone',
      resources({
        InPlace: logGroup({ LogGroupName: 'kept-in-place', RetentionInDays: 7 }),
        Replaced: logGroup({ LogGroupName: 'other-name' }, { DependsOn: 'InPlace' }),
        Added: logGroup({ LogGroupName: 'added-in-vain' }, { DependsOn: 'Replaced' }),
        Role: broken({ DependsOn: 'Added' }),
      }),
    )
    expect(stack).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_COMPLETE',
      Outputs: [{ OutputKey: 'O', OutputValue: 'kept-name' }],
    })
    const after = (await story(cfn, 'undone')).slice(told)
    expect(after.slice(after.findIndex((line) => line.includes('UPDATE_ROLLBACK_IN_PROGRESS')))).toEqual([
      'undone UPDATE_ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [Role]. )',
      'InPlace UPDATE_IN_PROGRESS',
      'InPlace UPDATE_COMPLETE',
      'Replaced UPDATE_COMPLETE',
      'undone UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Role DELETE_COMPLETE',
      'Added DELETE_IN_PROGRESS',
      'Added DELETE_COMPLETE',
      'Replaced DELETE_IN_PROGRESS',
      'Replaced DELETE_COMPLETE',
      'undone UPDATE_ROLLBACK_COMPLETE',
    ])
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'kept-in-place' }))
    expect(logGroups[0]?.retentionInDays).toBe(1)
    expect(await Promise.all(['kept-name', 'kept-too', 'other-name', 'added-in-vain'].map(groupExists))).toEqual([
      true,
      true,
      false,
      false,
    ])
    // The stack is what it was: the same template changes nothing, and another one can follow.
    await expect(updated(cfn, 'undone', before)).rejects.toThrow('No updates are to be performed.')
    expect(
      (await updated(cfn, 'undone', resources({ Removed: logGroup({ LogGroupName: 'kept-too' }) }))).StackStatus,
    ).toBe('UPDATE_COMPLETE')
  })

  test('that fails may be left as it is and tried again', async () => {
    await created(cfn, 'tried', resources({ G: logGroup({ LogGroupName: 'tried' }) }))
    const failing = resources({ G: logGroup({ LogGroupName: 'tried-2' }), Role: broken({ DependsOn: 'G' }) })
    const failed = await updated(cfn, 'tried', failing, { DisableRollback: true })
    expect(failed.StackStatus).toBe('UPDATE_FAILED')
    expect(await Promise.all(['tried', 'tried-2'].map(groupExists))).toEqual([true, true])
    const again = await updated(cfn, 'tried', resources({ G: logGroup({ LogGroupName: 'tried-2' }) }))
    expect(again.StackStatus).toBe('UPDATE_COMPLETE')
    expect(await Promise.all(['tried', 'tried-2'].map(groupExists))).toEqual([false, true])
  })

  test('of nothing is refused, of outputs, tags or metadata alone is not', async () => {
    const template = resources({ G: logGroup({ LogGroupName: 'hardly' }) })
    await created(cfn, 'hardly', template)
    await expect(updated(cfn, 'hardly', template)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    })
    await expect(updated(cfn, 'hardly', { ...template, Description: 'other words' })).rejects.toThrow('No updates')
    const withOutput = { ...template, Outputs: { O: { Value: 'v' } } }
    expect((await updated(cfn, 'hardly', withOutput)).Outputs).toHaveLength(1)
    const tagged = await updated(cfn, 'hardly', withOutput, { Tags: [{ Key: 'team', Value: 'a' }] })
    expect(tagged.Tags).toEqual([{ Key: 'team', Value: 'a' }])
    const resourceArn = 'arn:aws:logs:us-east-1:111122223333:log-group:hardly'
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ team: 'a' })
    // Tags that are not given stay; an empty list removes them.
    const described = { Resources: { G: logGroup({ LogGroupName: 'hardly' }, { Metadata: { a: 1 } }) } }
    expect((await updated(cfn, 'hardly', described)).Tags).toHaveLength(1)
    expect((await updated(cfn, 'hardly', described, { Tags: [] })).Tags).toEqual([])
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags ?? {}).toEqual({})
    const metadata = await cfn.send(new DescribeStackResourceCommand({ StackName: 'hardly', LogicalResourceId: 'G' }))
    expect(metadata.StackResourceDetail?.Metadata).toBe('{"a":1}')
  })

  test('cannot replace what has a custom name, nor change a type', async () => {
    const role = (path: string) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'custom',
        Path: path,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    })
    await created(cfn, 'custom', resources({ R: role('/') }))
    expect((await updated(cfn, 'custom', resources({ R: role('/other/') }))).StackStatus).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    )
    expect(await reasonOf(cfn, 'custom', 'R', 'UPDATE_FAILED')).toBe(
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename custom and update the stack again.',
    )
    await expect(updated(cfn, 'custom', resources({ R: logGroup() }))).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [R]',
    )
  })

  test('a rollback that fails can be continued without what failed', async () => {
    await created(cfn, 'stuck', resources({ G: logGroup({ LogGroupName: 'stuck', RetentionInDays: 1 }) }))
    await cfn.send(
      new UpdateStackCommand({
        StackName: 'stuck',
        TemplateBody: JSON.stringify(
          resources({
            G: logGroup({ LogGroupName: 'stuck', RetentionInDays: 3 }),
            Slow: logGroup({ LogGroupName: 'stuck-slow' }, { DependsOn: 'G' }),
            Role: broken({ DependsOn: 'Slow' }),
          }),
        ),
        Capabilities: ['CAPABILITY_IAM'],
        DisableRollback: true,
      }),
    )
    await settledStack(cfn, 'stuck')
    await logs.send(new DeleteLogGroupCommand({ logGroupName: 'stuck' }))
    const failed = await updated(cfn, 'stuck', resources({ Role: broken() }))
    expect(failed).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to update: [G]. ',
    })
    await expect(updated(cfn, 'stuck', resources({ G: logGroup() }))).rejects.toThrow(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    )
    await cfn.send(new ContinueUpdateRollbackCommand({ StackName: 'stuck', ResourcesToSkip: ['G'] }))
    expect((await settledStack(cfn, 'stuck')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(await groupExists('stuck-slow')).toBe(false)
  })

  test('of a stack that is not there says so', async () => {
    await expect(updated(cfn, 'nostack', resources({ G: logGroup() }))).rejects.toThrow(
      'Stack [nostack] does not exist',
    )
  })
})

describe('deletion', () => {
  test('runs against the order of need, and the stack stays known by its ARN', async () => {
    const stack = await created(
      cfn,
      'ended',
      resources({
        A: logGroup({ LogGroupName: 'ended' }),
        B: logGroup({ LogGroupName: { 'Fn::Sub': '${A}-b' } }),
        C: logGroup({ LogGroupName: 'ended-retained' }, { DeletionPolicy: 'Retain' }),
      }),
    )
    const id = stack.StackId ?? ''
    const told = (await story(cfn, id)).length
    await cfn.send(new DeleteStackCommand({ StackName: 'ended' }))
    await waitUntilStackDeleteComplete({ client: cfn, maxWaitTime: 60 }, { StackName: id })
    expect((await story(cfn, id)).slice(told)).toEqual([
      'ended DELETE_IN_PROGRESS (User Initiated)',
      'C DELETE_SKIPPED',
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'ended DELETE_COMPLETE',
    ])
    expect(await Promise.all(['ended', 'ended-b', 'ended-retained'].map(groupExists))).toEqual([false, false, true])
    const { Stacks: [deleted] = [] } = await cfn.send(new DescribeStacksCommand({ StackName: id }))
    expect(deleted).toMatchObject({ StackStatus: 'DELETE_COMPLETE', StackName: 'ended' })
    expect(deleted?.DeletionTime).toBeInstanceOf(Date)
    expect(deleted?.EnableTerminationProtection).toBeUndefined()
    const list = await cfn.send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }))
    expect(list.StackSummaries?.map(({ StackId }) => StackId)).toContain(id)
    await expect(cfn.send(new DescribeStacksCommand({ StackName: 'ended' }))).rejects.toThrow(
      'Stack with id ended does not exist',
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'ended' }))
    await cfn.send(new DeleteStackCommand({ StackName: id }))
    // The name is free again.
    expect((await created(cfn, 'ended', resources({ G: logGroup() }))).StackId).not.toBe(id)
  })

  test('is refused while the stack is protected', async () => {
    await created(cfn, 'protected', resources({ G: logGroup() }), { EnableTerminationProtection: true })
    await expect(cfn.send(new DeleteStackCommand({ StackName: 'protected' }))).rejects.toThrow(
      'Stack [protected] cannot be deleted while TerminationProtection is enabled',
    )
    await cfn.send(
      new UpdateTerminationProtectionCommand({ StackName: 'protected', EnableTerminationProtection: false }),
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'protected' }))
  })

  test('of a stack that is being created ends the creation first', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `G${n}`,
        logGroup({ LogGroupName: `chain-${n}` }, n === 0 ? {} : { DependsOn: `G${n - 1}` }),
      ]),
    )
    const { StackId: id = '' } = await cfn.send(
      new CreateStackCommand({ StackName: 'cancelled', TemplateBody: JSON.stringify(resources(chain)) }),
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'cancelled' }))
    expect((await settledStack(cfn, id)).StackStatus).toBe('DELETE_COMPLETE')
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'chain-' }))
    expect(logGroups).toEqual([])
  })

  test('that fails can be repeated with the resource retained', async () => {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    const stack = await created(
      cfn,
      'clinging',
      resources({
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'clinging', AssumeRolePolicyDocument: trust } },
        G: logGroup({ LogGroupName: 'clinging' }),
      }),
    )
    const { IAMClient, PutRolePolicyCommand } = await import('@aws-sdk/client-iam')
    const iam = cloud.client(IAMClient, 'source')
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    })
    await iam.send(new PutRolePolicyCommand({ RoleName: 'clinging', PolicyName: 'by-hand', PolicyDocument: document }))
    await expect(
      cfn.send(new DeleteStackCommand({ StackName: 'clinging', RetainResources: ['Role'] })),
    ).rejects.toThrow('RetainResources can be specified only for stacks that are in DELETE_FAILED state')
    await cfn.send(new DeleteStackCommand({ StackName: 'clinging' }))
    expect(await settledStack(cfn, 'clinging')).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Role]. ',
    })
    expect(await reasonOf(cfn, 'clinging', 'Role', 'DELETE_FAILED')).toContain(
      'Cannot delete entity, must delete policies first.',
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'clinging', RetainResources: ['Role'] }))
    expect((await settledStack(cfn, stack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
    expect(await story(cfn, stack.StackId ?? '')).toContain('Role DELETE_SKIPPED')
  })
})

test('lists of stacks come in pages', async () => {
  const other = cloud.client(CloudFormationClient, 'target', 'eu-west-1')
  const names = Array.from({ length: 105 }, (_, n) => `page-${n}`)
  for (const name of names) {
    await other.send(
      new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(resources({ G: logGroup() })) }),
    )
  }
  const first = await other.send(new DescribeStacksCommand({}))
  expect(first.Stacks).toHaveLength(100)
  const second = await other.send(new DescribeStacksCommand({ NextToken: first.NextToken }))
  expect(second.NextToken).toBeUndefined()
  const found = [...(first.Stacks ?? []), ...(second.Stacks ?? [])].map(({ StackName }) => StackName)
  expect(new Set(found)).toEqual(new Set(names))
  await expect(other.send(new DescribeStacksCommand({ NextToken: 'nonsense' }))).rejects.toThrow('NextToken')
})
