/** Put- and GetFunctionRecursionConfig: whether a recursive loop is stopped. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
import { onFunction } from '../function-permissions.ts'
import type { LambdaOperations } from '../service.ts'
import { unqualifiedTarget } from '../target.ts'

export const recursionConfig: LambdaOperations = {
  PutFunctionRecursionConfig: {
    permissions: onFunction('lambda:PutFunctionRecursionConfig'),
    handle(input, caller, lambda) {
      const { allowsRecursion: _, ...fn } = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      lambda.store.put(input.RecursiveLoop === 'Allow' ? { ...fn, allowsRecursion: true } : fn)
      return { RecursiveLoop: input.RecursiveLoop }
    },
  },

  GetFunctionRecursionConfig: {
    permissions: onFunction('lambda:GetFunctionRecursionConfig'),
    handle(input, caller, lambda) {
      const fn = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      return { RecursiveLoop: fn.allowsRecursion ? 'Allow' : 'Terminate' }
    },
  },
}
