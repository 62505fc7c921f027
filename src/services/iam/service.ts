/** The IAM domain: finding, making and changing users, groups, roles and managed policies, with AWS's errors for what is not there. */
import type * as sdk from '@aws-sdk/client-iam'

import { isAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { State } from '../../state/state.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { Caller } from '../caller.ts'
import type { Foundations } from '../cloud-service.ts'
import type { Operations } from '../operation.ts'
import { AWS_ACCOUNT, createAwsManagedPolicies } from './aws-managed.ts'
import { createCompiledPolicies } from './compiled-policies.ts'
import { createDirectory, type IamDirectory } from './directory.ts'
import type { EntityKind, Group, ManagedPolicy, Role, User } from './records.ts'
import { IamStore } from './store.ts'
import { uniqueId, type UniqueIdPrefix } from './unique-id.ts'

export type IamOperations = Operations<typeof sdk, IamService>

/** The last signed request of an access key. */
export interface KeyUse {
  readonly atMs: number
  readonly service: string
  readonly region: string
}

/** The SCPs of an account, level by level; undefined where none apply. */
export type ScpsOf = (account: string) => readonly (readonly CompiledPolicy[])[] | undefined

export class IamService {
  readonly scpsOf: ScpsOf
  readonly state: State
  readonly store: IamStore
  readonly ids: Ids
  readonly directory: IamDirectory
  readonly awsManaged: ReadonlyMap<string, ManagedPolicy>
  /** FIDELITY: AWS keeps the last use of a key durably; here it lasts as long as the process. */
  readonly keyUses = new Map<string, KeyUse>()

  readonly #clock: Clock

  constructor({ state, clock, ids }: Foundations, scpsOf: ScpsOf = () => undefined) {
    this.scpsOf = scpsOf
    this.state = state
    this.store = new IamStore(state)
    this.#clock = clock
    this.ids = ids
    this.awsManaged = createAwsManagedPolicies()
    const managedPolicy = (arn: string) => this.findPolicy(arn)
    this.directory = createDirectory(this.store, createCompiledPolicies(this.store, managedPolicy), managedPolicy)
  }

  /** IAM's times are whole seconds. */
  nowMs(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }

  newId(prefix: UniqueIdPrefix, account: string): string {
    return uniqueId(this.ids, prefix, account)
  }

  user(account: string, name: string): User {
    return this.store.find('user', account, name) ?? missing('user', name)
  }

  group(account: string, name: string): Group {
    return this.store.find('group', account, name) ?? missing('group', name)
  }

  groupsById(ids: readonly string[]): readonly Group[] {
    return ids.flatMap((id) => {
      const group = this.store.byId(id)
      return group?.kind === 'group' ? [group] : []
    })
  }

  role(account: string, name: string): Role {
    return this.store.find('role', account, name) ?? missing('role', name)
  }

  /** A role that its owner may change: not a service-linked one. */
  ownRole(account: string, name: string): Role {
    const role = this.role(account, name)
    refuseServiceLinked(role)
    return role
  }

  refuseTakenName(kind: EntityKind, account: string, name: string): void {
    if (!this.store.nameIsTaken(kind, account, name)) return
    throw new AwsError('EntityAlreadyExistsException', `${TITLES[kind]} with name ${name} already exists.`)
  }

  findPolicy(arn: string): ManagedPolicy | undefined {
    const aws = this.awsManaged.get(arn)
    if (aws) return aws
    const parsed = parseArn(arn)
    if (!parsed) return undefined
    const policy = this.store.findPolicy(parsed.account, arn.slice(arn.lastIndexOf('/') + 1))
    return policy?.arn === arn ? policy : undefined
  }

  /** AWS-managed or the account's own. `otherwise` words the error when there is none. */
  policy(account: string, arn: string, otherwise: (arn: string) => string = wasNotFound): ManagedPolicy {
    checkPolicyArn(arn)
    const found = this.findPolicy(arn)
    if (found && (found.account === account || found.account === AWS_ACCOUNT)) return found
    throw new AwsError('NoSuchEntityException', otherwise(arn))
  }

  /** The named user, or the calling one. */
  userOrCaller(caller: Caller, name: string | undefined): User {
    return this.user(caller.account, this.userNameOrCaller(caller, name))
  }

  userNameOrCaller({ principal }: Caller, name: string | undefined): string {
    if (name !== undefined) return name
    // FIDELITY: AWS lets a root user manage its own access keys; there are none here.
    if (principal.kind === 'user') return principal.name
    throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials', {
      status: 400,
    })
  }
}

const TITLES: Readonly<Record<EntityKind, string>> = { user: 'User', group: 'Group', role: 'Role' }

export function missing(kind: EntityKind, name: string): never {
  throw new AwsError('NoSuchEntityException', `The ${kind} with name ${name} cannot be found.`)
}

export function refuseServiceLinked(role: Role): void {
  if (role.linkedService === undefined) return
  throw new AwsError(
    'UnmodifiableEntityException',
    `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
  )
}

/** Two spaces, as AWS has it. */
export function checkPolicyArn(arn: string): void {
  const parsed = parseArn(arn)
  const whole = parsed?.service === 'iam' && (parsed.account === AWS_ACCOUNT || isAccountId(parsed.account))
  if (!whole) throw new AwsError('ValidationError', 'Invalid ARN:  Could not be parsed!', { status: 400 })
}

export const wasNotFound = (arn: string): string => `Policy ${arn} was not found.`
export const isNotAttachable = (arn: string): string => `Policy ${arn} does not exist or is not attachable.`
