/** Put-, Get- and DeleteFunctionConcurrency: the part of the account's limit that one function owns; 0 stops it. */
import { invalidParameterWithoutType } from '../errors.ts'
import { UNRESERVED_CONCURRENCY_MIN } from '../limits.ts'
import { provisionedInAll } from './provisioned-concurrency.ts'
import { onFunction } from '../function-permissions.ts'
import type { LambdaOperations } from '../service.ts'
import { unqualifiedTarget } from '../target.ts'

export const reservedConcurrency: LambdaOperations = {
  PutFunctionConcurrency: {
    permissions: onFunction('lambda:PutFunctionConcurrency'),
    handle(input, caller, lambda) {
      const fn = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      const target = unqualifiedTarget(caller, input.FunctionName)
      const provisioned = provisionedInAll(target, lambda)
      if (input.ReservedConcurrentExecutions < provisioned) {
        // The spaces are AWS's.
        throw invalidParameterWithoutType(
          ` ReservedConcurrentExecutions  ${input.ReservedConcurrentExecutions} should not be lower than function's total provisioned concurrency [${provisioned}].`,
        )
      }
      // What the function's provisioned environments took from the account they now take from the reservation.
      const released = fn.reservedConcurrency === undefined ? provisioned : 0
      const rest = lambda.accountConcurrency.unreserved(fn, fn.name) + released
      if (rest - input.ReservedConcurrentExecutions < UNRESERVED_CONCURRENCY_MIN) {
        throw invalidParameterWithoutType(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
        )
      }
      lambda.store.put({ ...fn, reservedConcurrency: input.ReservedConcurrentExecutions })
      return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions }
    },
  },

  GetFunctionConcurrency: {
    permissions: onFunction('lambda:GetFunctionConcurrency'),
    handle(input, caller, lambda) {
      const { reservedConcurrency } = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
    },
  },

  DeleteFunctionConcurrency: {
    permissions: onFunction('lambda:DeleteFunctionConcurrency'),
    handle(input, caller, lambda) {
      const { reservedConcurrency: _, ...fn } = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      lambda.store.put(fn)
      return {}
    },
  },
}
