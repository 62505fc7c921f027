/** One operation of an AWS service is one typed table entry; this file is the type. */
import type { ContextValue, ResourcePolicyKind } from '../policy/model.ts'
import type { CompiledPolicy } from '../policy/compile.ts'
import type { Caller } from './caller.ts'

/** One thing AWS checks before it performs an operation. */
export interface Permission {
  /** `lambda:InvokeFunction` */
  readonly action: string
  /** ARN, or `*`. */
  readonly resource: string
  /** The account that owns the resource; the caller's when absent. */
  readonly resourceAccount?: string
  /** The policy attached to that resource, if it has one. */
  readonly resourcePolicy?: CompiledPolicy | undefined
  /** `resource` when absent. */
  readonly resourceKind?: ResourcePolicyKind
  /** Service-specific condition keys, lower-case: `lambda:principal`, `iam:passedtoservice`, `sts:externalid`. */
  readonly context?: Readonly<Record<string, ContextValue>>
  /** `aws:ResourceTag/*` */
  readonly resourceTags?: Readonly<Record<string, string>> | undefined
  /** `aws:RequestTag/*` and `aws:TagKeys` */
  readonly requestTags?: Readonly<Record<string, string>> | undefined
  /** How the denial sentence prints the resource where that is not the ARN: `role Caller`. Null: it names none. */
  readonly resourceText?: string | null
  /** How the denial sentence prints the action where that is not the action itself: `sqs:sendmessage`. */
  readonly actionText?: string
  /** `false`: AWS's sentence ends after the resource, as STS's does; no "because …" follows. */
  readonly denialReason?: false
}

export interface Operation<Input, Output, Service> {
  /** Everything AWS checks, `iam:PassRole` included. Evaluated in order, before `handle`; handlers never check access. */
  permissions(input: Input, caller: Caller, service: Service): readonly Permission[]
  /** Top-level input members that are refused by name because we do not honour them. */
  readonly refuses?: readonly (keyof Input & string)[]
  handle(input: Input, caller: Caller, service: Service): Output | Promise<Output>
}

/** The operation names of an SDK client module: its `…Command` exports. */
export type OperationName<Sdk> = {
  [K in keyof Sdk]: K extends `${infer Name}Command` ? (Name extends '$' | '' ? never : Name) : never
}[keyof Sdk] &
  string

/** Members the model requires have been checked by the time a handler runs, so their `undefined` goes. */
type Given<Input> = {
  [K in keyof Input]: Partial<Pick<Input, K>> extends Pick<Input, K> ? Input[K] : Exclude<Input[K], undefined>
}

export type OperationInput<Sdk, Name extends string> = `${Name}Command` extends keyof Sdk
  ? Sdk[`${Name}Command`] extends new (...args: infer Arguments) => unknown
    ? Given<NonNullable<Arguments[0]>>
    : never
  : never

export type OperationOutput<Sdk, Name extends string> = `${Name}Command` extends keyof Sdk
  ? Sdk[`${Name}Command`] extends new (...args: never[]) => {
      resolveMiddleware(...args: never[]): (args: never) => Promise<{ output: infer Output }>
    }
    ? Omit<Output, '$metadata'>
    : never
  : never

/** A table of some of a service's operations: `Operations<typeof import('@aws-sdk/client-lambda'), LambdaService>`. */
export type Operations<Sdk, Service> = {
  readonly [Name in OperationName<Sdk>]?: Operation<OperationInput<Sdk, Name>, OperationOutput<Sdk, Name>, Service>
}

/** An operation with its service bound and its types forgotten: what the pipeline runs after the wire layer has checked the input. */
export interface BoundOperation {
  permissions(input: object, caller: Caller): readonly Permission[]
  readonly refuses: readonly string[]
  handle(input: object, caller: Caller): object | Promise<object>
}

export type BoundOperations = Readonly<Record<string, BoundOperation>>

/** Joins the tables of a service's resources. Throws when two tables name the same operation. */
export function bindOperations<Service>(
  service: Service,
  tables: readonly Readonly<Record<string, Operation<never, object, Service> | undefined>>[],
): BoundOperations {
  const bound: Record<string, BoundOperation> = {}
  for (const table of tables) {
    for (const [name, operation] of Object.entries(table)) {
      if (!operation) continue
      if (bound[name]) throw new Error(`operation ${name} is defined twice`)
      bound[name] = {
        permissions: (input, caller) => operation.permissions(input as never, caller, service),
        refuses: operation.refuses ?? [],
        handle: (input, caller) => operation.handle(input as never, caller, service),
      }
    }
  }
  return bound
}
