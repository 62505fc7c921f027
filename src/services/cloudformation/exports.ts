/** Exports of an account and Region, and who imports them. */
import { paginate, sortedBy } from '../pagination.ts'
import { anyStackPermission, invalidNextToken, type CloudFormationOperations } from './service.ts'
import { validationError } from './template/validation-error.ts'

const PAGE_LENGTH = 100

export const exportOperations: CloudFormationOperations = {
  ListExports: {
    permissions: () => [anyStackPermission('ListExports')],
    handle(input, caller, cf) {
      const all = [...cf.store.exports(caller)].map(([name, { stack, value }]) => ({
        ExportingStackId: stack.id,
        Name: name,
        Value: value,
      }))
      const keyOf = ({ Name }: (typeof all)[number]) => Name
      const page = paginate(sortedBy(all, keyOf), {
        keyOf,
        token: input.NextToken,
        limit: PAGE_LENGTH,
        invalidToken: invalidNextToken,
      })
      return { Exports: [...page.items], NextToken: page.nextToken }
    },
  },

  ListImports: {
    permissions: () => [anyStackPermission('ListImports')],
    handle(input, caller, cf) {
      const importers = cf.store
        .stacks(caller)
        .filter(({ status, imports }) => status !== 'DELETE_COMPLETE' && imports.includes(input.ExportName))
        .map(({ name }) => name)
      if (importers.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`)
      const page = paginate(
        sortedBy(importers, (name) => name),
        {
          keyOf: (name) => name,
          token: input.NextToken,
          limit: PAGE_LENGTH,
          invalidToken: invalidNextToken,
        },
      )
      return { Imports: [...page.items], NextToken: page.nextToken }
    },
  },
}
