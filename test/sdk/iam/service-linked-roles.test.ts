/** Roles that belong to a service. */
import {
  AttachRolePolicyCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { decoded } from './documents.ts'

const ROLE = 'AWSServiceRoleForLambdaReplicator'
const SERVICE = 'replicator.lambda.amazonaws.com'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

test('a service-linked role is made once, cannot be changed by its account, and is deleted as a task', async () => {
  const { Role } = await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: SERVICE, Description: 'd' }))
  expect(Role).toMatchObject({
    RoleName: ROLE,
    Arn: `arn:aws:iam::111122223333:role/aws-service-role/${SERVICE}/${ROLE}`,
    Description: 'd',
  })
  expect(decoded(Role?.AssumeRolePolicyDocument)).toHaveProperty('Statement.0.Principal.Service', SERVICE)
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: ROLE }))
  expect(AttachedPolicies).toEqual([
    { PolicyName: 'AWSLambdaReplicator', PolicyArn: 'arn:aws:iam::aws:policy/aws-service-role/AWSLambdaReplicator' },
  ])

  await expect(iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: SERVICE }))).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: `Service role name ${ROLE} has been taken in this account, please try a different suffix.`,
    $metadata: { httpStatusCode: 400 },
  })
  const unmodifiable = {
    name: 'UnmodifiableEntityException',
    message: `Cannot perform the operation on the protected role '${ROLE}' - this role is only modifiable by AWS`,
    $metadata: { httpStatusCode: 400 },
  }
  await expect(iam.send(new DeleteRoleCommand({ RoleName: ROLE }))).rejects.toMatchObject(unmodifiable)
  await expect(
    iam.send(new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })),
  ).rejects.toMatchObject(unmodifiable)
  await iam.send(new UpdateRoleDescriptionCommand({ RoleName: ROLE, Description: 'other' }))

  const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName: ROLE }))
  expect(DeletionTaskId).toMatch(new RegExp(`^task/aws-service-role/${SERVICE}/${ROLE}/[0-9a-f-]{36}$`))
  expect((await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).Status).toBe('SUCCEEDED')
  await expect(iam.send(new GetRoleCommand({ RoleName: ROLE }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  })
})

test('suffixes and unknown services and tasks are refused', async () => {
  await expect(
    iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'lambda.amazonaws.com', CustomSuffix: 'x' })),
  ).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: 'Custom suffix is not allowed for lambda.amazonaws.com',
  })
  for (const service of ['nothing.amazonaws.com', 'constructor']) {
    await expect(iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: service }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    })
  }
  const DeletionTaskId = 'task/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda/none'
  await expect(iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  })
})
