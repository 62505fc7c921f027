/** Put-, Get- and DeleteFunctionConcurrency: the part of the account's limit that one function owns; 0 stops it. */
import { unreservedConcurrency } from './account-concurrency.ts'
import { invalidParameterWithoutType } from './errors.ts'
import { UNRESERVED_CONCURRENCY_MIN } from './limits.ts'
import { LAMBDA_QUOTAS } from './quotas.ts'
import { functionPermission, type LambdaOperations } from './service.ts'
import { unqualifiedTarget } from './target.ts'

export const reservedConcurrency: LambdaOperations = {
  PutFunctionConcurrency: {
    permissions: (input, caller, lambda) => [
      functionPermission(
        'lambda:PutFunctionConcurrency',
        unqualifiedTarget(caller, input.FunctionName),
        caller,
        lambda,
      ),
    ],
    handle(input, caller, lambda) {
      const fn = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      const others = lambda.store.functionsIn(fn).filter(({ name }) => name !== fn.name)
      const limit = lambda.quotas.valueOf(LAMBDA_QUOTAS.concurrentExecutions, fn)
      if (unreservedConcurrency(others, limit) - input.ReservedConcurrentExecutions < UNRESERVED_CONCURRENCY_MIN) {
        throw invalidParameterWithoutType(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
        )
      }
      lambda.store.put({ ...fn, reservedConcurrency: input.ReservedConcurrentExecutions })
      return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions }
    },
  },

  GetFunctionConcurrency: {
    permissions: (input, caller, lambda) => [
      functionPermission(
        'lambda:GetFunctionConcurrency',
        unqualifiedTarget(caller, input.FunctionName),
        caller,
        lambda,
      ),
    ],
    handle(input, caller, lambda) {
      const { reservedConcurrency } = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
    },
  },

  DeleteFunctionConcurrency: {
    permissions: (input, caller, lambda) => [
      functionPermission(
        'lambda:DeleteFunctionConcurrency',
        unqualifiedTarget(caller, input.FunctionName),
        caller,
        lambda,
      ),
    ],
    handle(input, caller, lambda) {
      const { reservedConcurrency: _, ...fn } = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      lambda.store.put(fn)
      return {}
    },
  },
}
