/** Where AWS was recorded to check input otherwise than its published models say. Applied by generate-constraints.ts. */

export interface ConstraintCorrections {
  /** `Structure.Member`: checked by the service itself, in words of its own. */
  readonly unchecked?: readonly string[]
  /** Shape → its values in the order AWS prints them. */
  readonly enumOrder?: Readonly<Record<string, readonly string[]>>
  /** Shapes of elements of which AWS does not say `Member must not be null`. */
  readonly nullable?: readonly string[]
}

export const corrections: Readonly<Record<string, ConstraintCorrections | undefined>> = {
  lambda: {
    // `Value X at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [...] or be a valid ARN`
    unchecked: ['CreateFunctionRequest.Runtime', 'UpdateFunctionConfigurationRequest.Runtime'],
    enumOrder: {
      InvokeMode: ['RESPONSE_STREAM', 'BUFFERED'],
      RecursiveLoop: ['Terminate', 'Allow'],
      EventSourcePosition: ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'],
    },
    nullable: ['SubnetId', 'SecurityGroupId'],
  },
  logs: {
    enumOrder: { OutputFormat: ['w3c', 'raw', 'json', 'plain', 'parquet'] },
  },
}
