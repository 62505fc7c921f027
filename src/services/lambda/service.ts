/** What Lambda's operations work with, and the permission they ask for. */
import type { RuntimeCommand } from '../../compute/compute.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Caller } from '../caller.ts'
import type { AllowsAction, AllowsOperation, CallOperation } from '../cloud-service.ts'
import type { IdentityDirectory, OrganizationDirectory, QuotaDirectory } from '../directories.ts'
import type { Ec2Network } from '../ec2/index.ts'
import type { Operations, Permission } from '../operation.ts'
import type { AccountConcurrency } from './concurrency/account-concurrency.ts'
import type { AsyncInvocations } from './asynchronous/async-invocations.ts'
import type { CodeStore } from './code/code.ts'
import type { EventInvokeConfigs } from './asynchronous/event-invoke-config-store.ts'
import type { ExecutionCaller } from './execution-caller.ts'
import type { TrustsLambda } from './execution-role.ts'
import { functionArn } from './function-name.ts'
import type { FunctionStore } from './function-store.ts'
import type { Invoker } from './invocation/invoker.ts'
import type { LayerStore } from './layers/layer-store.ts'
import type { LambdaMetrics } from './metrics.ts'
import type { ProvisionedStore } from './concurrency/provisioned-store.ts'
import type { Provisioning } from './concurrency/provisioning.ts'
import type { Target } from './target.ts'
import type { TraceSampler } from './invocation/tracing.ts'
import type { Transitions } from './transitions.ts'
import type { UrlStore } from './urls/url-store.ts'
import type { VpcConnections } from './vpc/vpc-connections.ts'

export interface LambdaService {
  readonly store: FunctionStore
  readonly identities: IdentityDirectory
  readonly quotas: QuotaDirectory
  readonly trustsLambda: TrustsLambda
  readonly layers: LayerStore
  readonly urls: UrlStore
  readonly organizations: Pick<OrganizationDirectory, 'organizationOf'>
  readonly code: CodeStore
  readonly transitions: Transitions
  readonly invoker: Invoker
  readonly metrics: LambdaMetrics
  readonly asyncInvocations: AsyncInvocations
  readonly accountConcurrency: AccountConcurrency
  readonly provisioned: ProvisionedStore
  readonly provisioning: Provisioning
  readonly eventInvokeConfigs: EventInvokeConfigs
  /** The execution role itself. */
  readonly callerOf: ExecutionCaller
  readonly allows: AllowsOperation
  readonly allowsAction: AllowsAction
  readonly traceSampler: TraceSampler
  readonly ec2: Pick<Ec2Network, 'subnet' | 'securityGroup'>
  readonly vpcConnections: VpcConnections
  readonly call: CallOperation
  readonly clock: Clock
  readonly ids: Ids
  /** An interpreter that the project names for a runtime. */
  readonly runtimeCommand: (runtime: string) => RuntimeCommand | undefined
  /** A URL from which the package can be downloaded for some minutes. */
  codeLocation(sha256: string): string
  /** Where a function URL is reached from this machine. */
  functionUrl(id: string, region: string): Promise<string>
}

export type LambdaOperations = Operations<typeof import('@aws-sdk/client-lambda'), LambdaService>

/**
 * The permission to do `action` to a function. The resource is matched with the qualifier that the request gave, and only the policy of that
 * very qualifier takes part. `grantable` is false for the actions that a function's policy cannot grant to another account.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export function functionPermission(
  action: string,
  target: Target,
  caller: Caller,
  lambda: LambdaService,
  more: Partial<Permission> & { readonly grantable?: boolean } = {},
): Permission {
  const { grantable = true, ...rest } = more
  return {
    action,
    resource: functionArn(target),
    resourceAccount: target.account,
    resourcePolicy: grantable || target.account === caller.account ? lambda.store.compiledPolicy(target) : undefined,
    resourceTags: lambda.store.find(target)?.tags,
    ...rest,
  }
}
