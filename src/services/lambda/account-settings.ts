/** GetAccountSettings: an account's quotas in a Region, and what it uses of them. */
import { CODE_STORAGE_BYTES_MAX, PACKAGE_UNZIPPED_BYTES_MAX, PACKAGE_ZIPPED_BYTES_MAX } from './limits.ts'
import { LAMBDA_QUOTAS } from './quotas.ts'
import type { LambdaOperations } from './service.ts'

export const accountSettings: LambdaOperations = {
  GetAccountSettings: {
    permissions: () => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
    handle(_input, caller, lambda) {
      const functions = lambda.store.functionsIn(caller)
      const concurrency = lambda.quotas.valueOf(LAMBDA_QUOTAS.concurrentExecutions, caller)
      const packages = [
        ...functions.flatMap((fn) => [fn.latest, ...lambda.store.versionsOf(fn)]),
        ...lambda.layers.versionsIn(caller),
      ]
      return {
        AccountLimit: {
          TotalCodeSize: CODE_STORAGE_BYTES_MAX,
          CodeSizeUnzipped: PACKAGE_UNZIPPED_BYTES_MAX,
          CodeSizeZipped: PACKAGE_ZIPPED_BYTES_MAX,
          ConcurrentExecutions: concurrency,
          UnreservedConcurrentExecutions: lambda.accountConcurrency.unreserved(caller),
        },
        AccountUsage: {
          TotalCodeSize: packages.reduce((bytes, { code }) => bytes + code.sizeBytes, 0),
          FunctionCount: functions.length,
        },
      }
    },
  },
}
