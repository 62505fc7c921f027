/** What a service's actions, resources and condition keys are: the shape of `data/iam-data.ts`. */

/** `Date` and the like are single values; `ArrayOf…` ones are multivalued and want `ForAnyValue` or `ForAllValues`. */
export type ConditionKeyType =
  | 'String'
  | 'ARN'
  | 'Bool'
  | 'Numeric'
  | 'Date'
  | 'IPAddress'
  | 'Binary'
  | 'ArrayOfString'
  | 'ArrayOfARN'

export interface ActionAuthorization {
  /** Names of `resources`; without any the action's resource is `*`. */
  readonly on?: readonly string[]
  /** Keys beside the global ones and those of the resource; as AWS writes them, `aws:RequestTag/${TagKey}`. */
  readonly keys?: readonly string[]
}

export interface ResourceType {
  /** `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}` */
  readonly arn: string
  readonly keys?: readonly string[]
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
export interface ServiceAuthorization {
  readonly actions: Readonly<Record<string, ActionAuthorization>>
  readonly resources: Readonly<Record<string, ResourceType>>
  readonly keys: Readonly<Record<string, ConditionKeyType>>
}
