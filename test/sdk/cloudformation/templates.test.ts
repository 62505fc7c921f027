/** What templates say: validation, summaries, parameters that must not be seen, exports and imports. */
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListExportsCommand,
  ListImportsCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, eventsOf, logGroup, resources, settledStack, story, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
})

afterAll(async () => {
  await cloud?.close()
})

const YAML = `
AWSTemplateFormatVersion: 2010-09-09
Description: Two things
Metadata: { Author: me }
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod], Description: which }
  Secret: { Type: String, NoEcho: true }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Days: { dev: { Keep: 1 }, prod: { Keep: 30 } }
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Join ['-', [!Ref 'AWS::StackName', !Select [1, !Split ['|', 'a|b']], !Ref Stage]]
      RetentionInDays: !FindInMap [Days, !Ref Stage, Keep]
  Role:
    Type: AWS::IAM::Role
    Condition: IsProd
    Properties:
      AssumeRolePolicyDocument: { Version: 2012-10-17, Statement: [] }
Outputs:
  Arn: { Value: !GetAtt Group.Arn }
  Where: { Value: !Sub '\${AWS::Region} \${AWS::AccountId} \${AWS::Partition} \${AWS::URLSuffix} \${!Kept}' }
  Prod: { Value: 'yes', Condition: IsProd }
`

describe('a template', () => {
  test('is validated and summarized without a stack', async () => {
    expect(await cfn.send(new ValidateTemplateCommand({ TemplateBody: YAML }))).toMatchObject({
      Description: 'Two things',
      Parameters: [
        { ParameterKey: 'Stage', DefaultValue: 'dev', NoEcho: false, Description: 'which' },
        { ParameterKey: 'Secret', NoEcho: true },
      ],
      Capabilities: ['CAPABILITY_IAM'],
      CapabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
    })
    expect(await cfn.send(new GetTemplateSummaryCommand({ TemplateBody: YAML }))).toMatchObject({
      Version: '2010-09-09',
      Metadata: '{"Author":"me"}',
      ResourceTypes: ['AWS::Logs::LogGroup', 'AWS::IAM::Role'],
      Parameters: [
        { ParameterKey: 'Stage', ParameterType: 'String', ParameterConstraints: { AllowedValues: ['dev', 'prod'] } },
        { ParameterKey: 'Secret' },
      ],
    })
  })

  test('deploys with its functions evaluated, and its secrets hidden', async () => {
    const stack = await created(cfn, 'whole', {}, {
      TemplateBody: YAML,
      Parameters: [{ ParameterKey: 'Secret', ParameterValue: 'hidden-value' }],
    } as object)
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Description: 'Two things',
      Parameters: [
        { ParameterKey: 'Secret', ParameterValue: '****' },
        { ParameterKey: 'Stage', ParameterValue: 'dev' },
      ],
      Outputs: [
        { OutputKey: 'Arn', OutputValue: 'arn:aws:logs:us-east-1:111122223333:log-group:whole-b-dev:*' },
        { OutputKey: 'Where', OutputValue: 'us-east-1 111122223333 aws amazonaws.com ${Kept}' },
      ],
    })
    const logs = cloud.client(CloudWatchLogsClient, 'source')
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'whole-' }))
    expect(logGroups).toMatchObject([{ logGroupName: 'whole-b-dev', retentionInDays: 1 }])
    const { TemplateBody, StagesAvailable } = await cfn.send(new GetTemplateCommand({ StackName: 'whole' }))
    expect(TemplateBody).toBe(YAML)
    expect(StagesAvailable).toEqual(['Original', 'Processed'])
    const summary = await cfn.send(new GetTemplateSummaryCommand({ StackName: 'whole' }))
    expect(summary.Description).toBe('Two things')
  })

  test('never shows a NoEcho parameter in an event or a change set', async () => {
    const template = {
      Parameters: { Secret: { Type: 'String', NoEcho: true } },
      Resources: { G: logGroup({ LogGroupName: 'no-echo', Tags: [{ Key: 'k', Value: { Ref: 'Secret' } }] }) },
    }
    await created(cfn, 'no-echo', template, {
      Parameters: [{ ParameterKey: 'Secret', ParameterValue: 'hidden-value' }],
    })
    const events = await eventsOf(cfn, 'no-echo')
    expect(events.map(({ ResourceProperties }) => ResourceProperties)).toContain(
      '{"LogGroupName":"no-echo","Tags":[{"Key":"k","Value":"****"}]}',
    )
    expect(JSON.stringify(events)).not.toContain('hidden-value')
    await updated(cfn, 'no-echo', template, { Parameters: [{ ParameterKey: 'Secret', ParameterValue: 'other-value' }] })
    expect(JSON.stringify(await eventsOf(cfn, 'no-echo'))).not.toMatch(/hidden-value|other-value/)
  })

  test('is refused in AWS’s words', async () => {
    const validate = (text: string) => cfn.send(new ValidateTemplateCommand({ TemplateBody: text }))
    await expect(validate('{"a": }')).rejects.toThrow('Template format error: JSON not well-formed. (line 1, column 8)')
    await expect(validate('a: [')).rejects.toThrow('Template format error: YAML not well-formed.')
    await expect(cfn.send(new ValidateTemplateCommand({}))).rejects.toThrow(
      'Either Template URL or Template Body must be specified.',
    )
    await expect(cfn.send(new GetTemplateCommand({}))).rejects.toThrow(
      'StackName is required if ChangeSetName is not specified.',
    )
    await expect(cfn.send(new GetTemplateCommand({ StackName: 'does-not-exist' }))).rejects.toThrow(
      'Stack with id does-not-exist does not exist',
    )
    await cfn.send(
      new CreateChangeSetCommand({
        StackName: 'reviewed',
        ChangeSetName: 'c',
        ChangeSetType: 'CREATE',
        TemplateBody: JSON.stringify(resources({ G: logGroup() })),
      }),
    )
    await expect(cfn.send(new GetTemplateSummaryCommand({ StackName: 'reviewed' }))).rejects.toThrow(
      'GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.',
    )
  })
})

describe('an export', () => {
  const exporting = (value: string, name: string) => ({
    Resources: { G: logGroup() },
    Outputs: { O: { Value: value, Export: { Name: name } } },
  })
  const importing = (name: string) => ({
    Resources: { G: logGroup({ LogGroupName: { 'Fn::ImportValue': { 'Fn::Sub': name } } }) },
  })

  test('is imported by another stack, which it then cannot leave', async () => {
    await created(cfn, 'exporter', exporting('shared-name', 'shared'))
    const importer = await created(cfn, 'importer', importing('shared'))
    expect(importer.StackStatus).toBe('CREATE_COMPLETE')
    const { Exports: exports } = await cfn.send(new ListExportsCommand({}))
    expect(exports).toMatchObject([{ Name: 'shared', Value: 'shared-name' }])
    expect((await cfn.send(new ListImportsCommand({ ExportName: 'shared' }))).Imports).toEqual(['importer'])

    expect((await updated(cfn, 'exporter', exporting('another', 'shared'))).StackStatus).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    )
    expect(await story(cfn, 'exporter')).toContain(
      'exporter UPDATE_ROLLBACK_IN_PROGRESS (Export shared cannot be updated as it is in use by importer. )',
    )
    expect((await updated(cfn, 'exporter', exporting('shared-name', 'renamed'))).StackStatus).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'exporter' }))
    expect(await settledStack(cfn, 'exporter')).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'Export shared cannot be deleted as it is in use by importer',
    })

    await cfn.send(new DeleteStackCommand({ StackName: 'importer' }))
    await settledStack(cfn, importer.StackId ?? '')
    await expect(cfn.send(new ListImportsCommand({ ExportName: 'shared' }))).rejects.toThrow(
      "Export 'shared' is not imported by any stack.",
    )
    await cfn.send(new DeleteStackCommand({ StackName: 'exporter' }))
    await expect(settledStack(cfn, 'exporter')).rejects.toThrow('does not exist')
  })

  test('belongs to one stack', async () => {
    await created(cfn, 'first', exporting('x', 'unique'))
    const second = await created(cfn, 'second', exporting('y', 'unique'))
    expect(second.StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await story(cfn, 'second')).toContain(
      'second ROLLBACK_IN_PROGRESS (Export with name unique is already exported by stack first. Rollback requested by user.)',
    )
  })

  test('that is not there fails a creation and refuses an update', async () => {
    const stack = await created(cfn, 'hopeful', importing('nowhere-${AWS::Region}'))
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await story(cfn, 'hopeful')).toEqual([
      'hopeful CREATE_IN_PROGRESS (User Initiated)',
      'hopeful ROLLBACK_IN_PROGRESS (No export named nowhere-us-east-1 found. Rollback requested by user.)',
      'hopeful ROLLBACK_COMPLETE',
    ])
    await created(cfn, 'content', resources({ G: logGroup() }))
    await expect(updated(cfn, 'content', importing('nowhere'))).rejects.toThrow('No export named nowhere found')
  })
})
