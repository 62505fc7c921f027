/** What the callee's account says of it: the concurrency it may use, its memory and timeout, and where it logs. */
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'

import type { Clients } from '../access.ts'
import type { FunctionReference } from '../crossing.ts'
import type { CalleeFacts } from './run-data.ts'

/** What could not be read is left out and told to `onUnread`. */
export async function readCalleeFacts(
  { lambda }: Clients,
  callee: FunctionReference,
  onUnread: (what: string, error: unknown) => void,
): Promise<CalleeFacts> {
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      onUnread(what, error)
      return undefined
    }
  }
  const configuration = await attempt('its configuration', () =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: callee.arn })),
  )
  const reserved = await attempt('its reserved concurrency', () =>
    lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: callee.unqualifiedArn })),
  )
  const account =
    reserved && reserved.ReservedConcurrentExecutions === undefined
      ? await attempt("its account's concurrency", () => lambda.send(new GetAccountSettingsCommand({})))
      : undefined
  const reservation = reserved?.ReservedConcurrentExecutions
  const unreserved = account?.AccountLimit?.UnreservedConcurrentExecutions
  const { MemorySize, Timeout, Architectures, Runtime, LoggingConfig, VpcConfig } = configuration ?? {}
  return {
    ...(unreserved !== undefined && { concurrencyLimit: { kind: 'account' as const, value: unreserved } }),
    ...(reservation !== undefined && { concurrencyLimit: { kind: 'reserved' as const, value: reservation } }),
    ...(MemorySize !== undefined && { memoryMb: MemorySize }),
    ...(Timeout !== undefined && { timeoutMs: Timeout * 1000 }),
    ...(Architectures?.[0] !== undefined && { architecture: Architectures[0] }),
    ...(VpcConfig?.VpcId && { vpcId: VpcConfig.VpcId }),
    ...(Runtime !== undefined && { runtime: Runtime }),
    ...(LoggingConfig?.LogGroup !== undefined && { logGroup: LoggingConfig.LogGroup }),
  }
}
