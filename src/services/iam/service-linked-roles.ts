/** Roles that a service owns in a customer's account. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html */
import { AwsError } from '../../core/aws-error.ts'
import { accountScope } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { onEntity } from './access.ts'
import { entityArn, policyArn, type Role } from './records.ts'
import { MAX_SESSION_SECONDS_DEFAULT, wholeRoleShape } from './roles.ts'
import { missing, type IamOperations, type IamService } from './service.ts'
import { trustPolicyFrom } from './trust.ts'

interface LinkedService {
  readonly roleName: string
  readonly policyName: string
}

/** FIDELITY: AWS has some three hundred such services; these are the ones that a Lambda crossing meets. None of them takes a suffix. */
const LINKED_SERVICES: ReadonlyMap<string, LinkedService> = new Map([
  ['lambda.amazonaws.com', { roleName: 'AWSServiceRoleForLambda', policyName: 'AWSLambdaServiceRolePolicy' }],
  [
    'replicator.lambda.amazonaws.com',
    { roleName: 'AWSServiceRoleForLambdaReplicator', policyName: 'AWSLambdaReplicator' },
  ],
  [
    'organizations.amazonaws.com',
    { roleName: 'AWSServiceRoleForOrganizations', policyName: 'AWSOrganizationsServiceTrustPolicy' },
  ],
])

/** Finished deletions whose status can still be asked for, per account. */
const DELETION_TASKS_MAX = 100

export const serviceLinkedRoles: IamOperations = {
  CreateServiceLinkedRole: {
    permissions: ({ AWSServiceName }, caller) => [onLinkedRole(caller, AWSServiceName)],
    handle({ AWSServiceName, Description, CustomSuffix }, { account }, iam) {
      const linked = LINKED_SERVICES.get(AWSServiceName)
      if (!linked) {
        throw new AwsError('InvalidInputException', `There is no service-linked role for \`${AWSServiceName}\` here`)
      }
      if (CustomSuffix !== undefined) {
        throw new AwsError('InvalidInputException', `Custom suffix is not allowed for ${AWSServiceName}`)
      }
      const { roleName, policyName } = linked
      if (iam.store.nameIsTaken('role', account, roleName)) {
        throw new AwsError(
          'InvalidInputException',
          `Service role name ${roleName} has been taken in this account, please try a different suffix.`,
        )
      }
      const path = `/aws-service-role/${AWSServiceName}/`
      const role: Role = {
        kind: 'role',
        account,
        name: roleName,
        path,
        arn: entityArn('role', account, path, roleName),
        id: iam.newId('AROA', account),
        createdMs: iam.nowMs(),
        inline: {},
        attached: [policyArn('aws', '/aws-service-role/', policyName)],
        tags: {},
        ...(Description !== undefined && { description: Description }),
        maxSessionSeconds: MAX_SESSION_SECONDS_DEFAULT,
        trust: trustPolicyFrom(trustOfService(AWSServiceName), iam.directory),
        linkedService: AWSServiceName,
      }
      iam.store.put(role)
      return { Role: wholeRoleShape(iam, role) }
    },
  },

  DeleteServiceLinkedRole: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:DeleteServiceLinkedRole', ['role', RoleName]),
    ],
    handle({ RoleName }, { account }, iam) {
      const role = iam.role(account, RoleName)
      if (role.linkedService === undefined) missing('role', RoleName)
      // FIDELITY: AWS deletes in the background, once the service no longer needs the role.
      iam.store.remove(role)
      const taskId = `task${role.path}${role.name}/${iam.ids.uuid()}`
      const tasks = deletionTasks(iam, account)
      if (tasks.size >= DELETION_TASKS_MAX) {
        const oldest = tasks.values()[0]
        if (oldest) tasks.delete(oldest.taskId)
      }
      tasks.put(taskId, { taskId })
      return { DeletionTaskId: taskId }
    },
  },

  GetServiceLinkedRoleDeletionStatus: {
    permissions: ({ DeletionTaskId }, caller) => {
      const [, path, service = '', roleName = ''] = DeletionTaskId.split('/')
      return [
        {
          action: 'iam:GetServiceLinkedRoleDeletionStatus',
          resource: entityArn('role', caller.account, `/${path}/${service}/`, roleName),
        },
      ]
    },
    handle({ DeletionTaskId }, { account }, iam) {
      if (!deletionTasks(iam, account).has(DeletionTaskId)) {
        throw new AwsError('NoSuchEntityException', `The deletion task ${DeletionTaskId} cannot be found.`)
      }
      return { Status: 'SUCCEEDED' }
    },
  },
}

function onLinkedRole(caller: Caller, service: string): Permission {
  const name = LINKED_SERVICES.get(service)?.roleName ?? '*'
  return {
    action: 'iam:CreateServiceLinkedRole',
    resource: entityArn('role', caller.account, `/aws-service-role/${service}/`, name),
    context: { 'iam:awsservicename': service },
  }
}

function trustOfService(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  })
}

function deletionTasks(iam: IamService, account: string) {
  return iam.state.collection<{ readonly taskId: string }>('iam.deletion-tasks').in(accountScope(account))
}
