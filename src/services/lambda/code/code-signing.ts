/** GetFunctionCodeSigningConfig: Terraform asks it of every function. */
import { functionPermission, type LambdaOperations } from '../service.ts'
import { unqualifiedTarget } from '../target.ts'

export const codeSigning: LambdaOperations = {
  GetFunctionCodeSigningConfig: {
    permissions: (input, caller, lambda) => [
      functionPermission(
        'lambda:GetFunctionCodeSigningConfig',
        unqualifiedTarget(caller, input.FunctionName),
        caller,
        lambda,
        { grantable: false },
      ),
    ],
    handle(input, caller, lambda) {
      lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      // CodeSigningConfigArn is refused by name, so no function has a configuration; AWS's answer is an empty object then.
      return { CodeSigningConfigArn: undefined, FunctionName: undefined }
    },
  },
}
