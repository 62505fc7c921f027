/** What the recorded errors of several services are about. */
import { CloudFormationClient, CreateChangeSetCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateRoleCommand, CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam'

import { created, settledStack } from '../cloudformation/stacks.ts'
import { ACCOUNTS, type TestCloud } from '../cloud.ts'
import { TEMPLATE, type StackIds } from './cases/cloudformation.ts'
import { resourcePolicy } from './cases/logs.ts'

const RESOURCE_POLICIES_MAX = 10

/** Answers the stacks that a request names by their ids. */
export async function populate(cloud: TestCloud): Promise<StackIds> {
  await makeRoles(cloud.client(IAMClient, 'source'))
  await makeGroups(cloud.client(CloudWatchLogsClient, 'source'))
  return makeStacks(cloud.client(CloudFormationClient, 'source'))
}

async function makeRoles(iam: IAMClient): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  }
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'any',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  )
  await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'lambda.amazonaws.com' }))
}

async function makeGroups(logs: CloudWatchLogsClient): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'group' }))
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'group', logStreamName: 'stream' }))
  for (let number = 1; number <= RESOURCE_POLICIES_MAX; number++) {
    await logs.send(new PutResourcePolicyCommand({ policyName: `p${number}`, policyDocument: resourcePolicy() }))
  }
}

async function makeStacks(cloudFormation: CloudFormationClient): Promise<StackIds> {
  await created(cloudFormation, 'there', JSON.parse(TEMPLATE) as object)
  await cloudFormation.send(
    new CreateChangeSetCommand({
      StackName: 'review',
      ChangeSetName: 'initial',
      ChangeSetType: 'CREATE',
      TemplateBody: TEMPLATE,
    }),
  )
  const { StackId: deleted = '' } = await created(cloudFormation, 'deleted', JSON.parse(TEMPLATE) as object)
  await cloudFormation.send(new DeleteStackCommand({ StackName: deleted }))
  await settledStack(cloudFormation, deleted)
  const { StackId: deleting = '' } = await created(cloudFormation, 'deleting', JSON.parse(TEMPLATE) as object)
  return { deleted, deleting }
}
