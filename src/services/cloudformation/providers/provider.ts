/** What a resource type is to the deployment: a schema, and create, update and delete through the service's own operations. */
import type * as ec2 from '@aws-sdk/client-ec2'
import type * as events from '@aws-sdk/client-eventbridge'
import type * as iam from '@aws-sdk/client-iam'
import type * as lambda from '@aws-sdk/client-lambda'
import type * as logs from '@aws-sdk/client-cloudwatch-logs'
import type * as sns from '@aws-sdk/client-sns'
import type * as sqs from '@aws-sdk/client-sqs'

import type { OperationInput, OperationName, OperationOutput } from '../../operation.ts'
import type { JsonObject } from '../template/json.ts'
import type { ObjectType } from './property-schema.ts'

interface Sdks {
  readonly ec2: typeof ec2
  readonly iam: typeof iam
  readonly lambda: typeof lambda
  readonly logs: typeof logs
  readonly sqs: typeof sqs
  readonly sns: typeof sns
  readonly events: typeof events
}

/** Calls a service as the deployer. Throws that service's `AwsError`. */
export type CallService = <S extends keyof Sdks, Name extends OperationName<Sdks[S]>>(
  service: S,
  operation: Name,
  input: OperationInput<Sdks[S], Name>,
) => Promise<OperationOutput<Sdks[S], Name>>

export interface ResourceContext {
  readonly account: string
  readonly region: string
  readonly call: CallService
  /** `<stack>-<logical id>-<12 random characters>`, shortened to fit. `toId` makes the physical id where that is not the name itself. */
  readonly generateName: (lengthMax: number, toId?: (name: string) => string) => string
  /** `<5 of the stack>-<4 of the logical id>-<12 random>`: ids that are not names. */
  readonly generateShortId: () => string
  /** The stack's tags; a resource's own win. */
  readonly stackTags: Readonly<Record<string, string>>
  /** The id of the stack that has a resource of this type with this physical id. */
  readonly ownerOf: (physicalId: string) => string | undefined
  readonly pause: (ms: number) => Promise<void>
  readonly now: () => number
}

/** A resource that exists. `physicalId` is what `Ref` answers; `attributes` what `Fn::GetAtt` does. */
export interface Resource {
  readonly physicalId: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface ResourceProvider {
  readonly type: string
  readonly schema: ObjectType
  /** Properties whose change replaces the resource. */
  readonly replacedBy: ReadonlySet<string>
  /** The property for a custom name, which cannot be replaced without being renamed. */
  readonly nameProperty?: string
  readonly attributes: readonly string[]
  /** True when the stack's tags go to the resource. */
  readonly taggable: boolean
  /** `initiated` is called as soon as something exists that a rollback must delete. */
  create(properties: JsonObject, context: ResourceContext, initiated: (physicalId: string) => void): Promise<Resource>
  /** Changes it in place; not called when a property of `replacedBy` changed. `previous.stackTags` are the tags it was given before. */
  update(
    next: JsonObject,
    previous: { readonly properties: JsonObject; readonly stackTags: Readonly<Record<string, string>> },
    resource: Resource,
    context: ResourceContext,
  ): Promise<Resource>
  /** A resource that is already gone counts as deleted. */
  delete(properties: JsonObject, resource: Resource, context: ResourceContext): Promise<void>
}
