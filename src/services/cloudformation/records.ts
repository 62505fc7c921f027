/** What CloudFormation remembers: stacks, their resources, events and change sets. */
import type { Caller } from '../caller.ts'
import type { JsonObject } from './template/json.ts'
import type { ParameterValues } from './template/parameters.ts'
import type { DeletionPolicy } from './template/template.ts'

export type OperationName = 'CREATE' | 'UPDATE' | 'DELETE'
export type ResourceStatus = `${OperationName}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}` | 'DELETE_SKIPPED'

/** INVARIANT: every status that ends in `_IN_PROGRESS`, but for REVIEW_IN_PROGRESS, has a run in `deployments.ts`. */
export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | `CREATE_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `ROLLBACK_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `UPDATE_${'IN_PROGRESS' | 'COMPLETE_CLEANUP_IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `UPDATE_ROLLBACK_${'IN_PROGRESS' | 'COMPLETE_CLEANUP_IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`
  | `DELETE_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`

export function isUnderway(status: StackStatus): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'
}

export type Tags = Readonly<Record<string, string>>

/** What a request wants a stack to be. */
export interface StackDefinition {
  readonly templateBody: string
  readonly parameters: ParameterValues
  readonly capabilities: readonly string[]
  readonly tags: Tags
}

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING'

/** The stack operation that runs, or ran last. */
export interface StackOperation {
  readonly name: OperationName
  /** The deployer: every resource is made in its name. */
  readonly caller: Caller
  readonly clientRequestToken?: string
  readonly onFailure: OnFailure
  readonly retainResources: readonly string[]
  /** A resource that cannot be deleted is left behind instead of failing the stack. */
  readonly forceDelete: boolean
  /** New resources are deleted on rollback whatever their DeletionPolicy says. */
  readonly retainExceptOnCreate: boolean
  readonly changeSetId?: string
}

export interface StackOutput {
  readonly key: string
  readonly value: string
  readonly description?: string
  readonly exportName?: string
}

/** A resource version that has to go: replaced, removed, or made by an update that failed. */
export interface Remnant {
  readonly logicalId: string
  readonly type: string
  readonly state: ResourceState
  readonly retain: boolean
}

export interface StackRecord {
  /** `arn:aws:cloudformation:…:stack/name/uuid` */
  readonly id: string
  readonly name: string
  readonly account: string
  readonly region: string
  readonly status: StackStatus
  readonly statusReason?: string
  readonly createdAtMs: number
  readonly updatedAtMs?: number
  readonly deletedAtMs?: number
  readonly definition: StackDefinition
  /** What an update that runs goes back to if it fails. */
  readonly previousDefinition?: StackDefinition
  readonly operation: StackOperation
  readonly outputs: readonly StackOutput[]
  /** Names of the exports it uses. */
  readonly imports: readonly string[]
  readonly remnants: readonly Remnant[]
  readonly disableRollback: boolean
  readonly terminationProtection: boolean
  readonly changeSetId?: string
  readonly lastEventMs: number
}

/** One version of a resource. */
export interface ResourceState {
  readonly physicalId?: string
  readonly attributes: Readonly<Record<string, string>>
  readonly properties: JsonObject
  /** The properties as they may be shown, when NoEcho parameters hide some. */
  readonly shownProperties?: JsonObject
  readonly stackTags: Tags
  readonly metadata?: JsonObject
  /** The logical ids it needs, which are deleted after it. */
  readonly needs: readonly string[]
  readonly deletionPolicy: DeletionPolicy
  readonly updateReplacePolicy: 'Delete' | 'Retain'
}

export interface ResourceRecord extends ResourceState {
  readonly stackId: string
  readonly logicalId: string
  readonly type: string
  readonly status: ResourceStatus
  readonly statusReason?: string
  readonly updatedAtMs: number
  /** While an update runs: how to undo what it did to this resource. */
  readonly undo?:
    | { readonly kind: 'created' }
    | { readonly kind: 'changed' | 'replaced'; readonly state: ResourceState }
  /** The physical id it will have, kept before the resource exists so that a crash leaves nothing behind. */
  readonly intendedId?: string
}

export interface EventRecord {
  readonly stackId: string
  readonly eventId: string
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly timeMs: number
  readonly status: ResourceStatus | StackStatus
  readonly reason?: string
  readonly properties?: string
  readonly clientRequestToken?: string
}

export interface ChangeSetRecord {
  /** `arn:aws:cloudformation:…:changeSet/name/uuid` */
  readonly id: string
  readonly name: string
  readonly stackId: string
  readonly stackName: string
  readonly description?: string
  readonly kind: 'CREATE' | 'UPDATE'
  readonly createdAtMs: number
  readonly status: 'CREATE_COMPLETE' | 'FAILED'
  readonly statusReason?: string
  readonly executionStatus:
    | 'AVAILABLE'
    | 'UNAVAILABLE'
    | 'OBSOLETE'
    | 'EXECUTE_IN_PROGRESS'
    | 'EXECUTE_COMPLETE'
    | 'EXECUTE_FAILED'
  readonly definition: StackDefinition
  readonly onStackFailure?: OnFailure
  readonly clientToken?: string
  readonly changes: readonly PlannedChange[]
}

/** One resource in a change set. */
export interface PlannedChange {
  readonly action: 'Add' | 'Modify' | 'Remove'
  readonly logicalId: string
  readonly physicalId?: string
  readonly type: string
  readonly replacement?: 'True' | 'False' | 'Conditional'
  readonly policyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain'
  readonly scope: readonly ('Properties' | 'Metadata' | 'Tags')[]
  readonly details: readonly PlannedDetail[]
  /** JSON texts of the properties and metadata. */
  readonly before?: string
  readonly after?: string
}

export interface PlannedDetail {
  readonly attribute: 'Properties' | 'Metadata' | 'Tags'
  readonly name?: string
  readonly requiresRecreation: 'Never' | 'Conditionally' | 'Always'
  readonly evaluation: 'Static' | 'Dynamic'
  readonly source: 'DirectModification' | 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute'
  readonly causingEntity?: string
}
