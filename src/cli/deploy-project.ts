/** Deploys the stacks of a project in the order its file names them. */
import { createClients, type AwsAccess } from '../crossing/access.ts'
import { deployStack, type DeployedStack } from '../crossing/prove/deploy.ts'
import { UserError } from '../core/user-error.ts'
import { readTemplate, stackName, type Project } from './project.ts'

export async function deployProject(
  access: AwsAccess,
  project: Project,
  onDeployed: (stack: DeployedStack) => void,
): Promise<void> {
  for (const stack of project.file.stacks) {
    const account = project.file.accounts[stack.account]
    const signer = account && access.signers.get(account.id)
    if (!signer)
      throw new UserError(`The account \`${stack.account}\` of stack \`${stackName(stack)}\` has no credentials`)
    const { cloudFormation } = createClients(access, signer)
    onDeployed(
      await deployStack(cloudFormation, {
        name: stackName(stack),
        account: stack.account,
        templateBody: readTemplate(project, stack.template),
        parameters: stack.parameters,
      }),
    )
  }
}
