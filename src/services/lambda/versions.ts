/** PublishVersion and ListVersionsByFunction. */
import { invalidParameter, revisionMismatch } from './errors.ts'
import { codeSha256, functionConfiguration, listedConfiguration } from './function-configuration.ts'
import { LATEST } from './function-name.ts'
import { pageOf, versionOrder } from './listing.ts'
import { publish, requireSettled, unchangedVersion } from './publishing.ts'
import { onFunction } from './function-permissions.ts'
import type { LambdaOperations } from './service.ts'
import { unqualifiedTarget } from './target.ts'

export const versions: LambdaOperations = {
  PublishVersion: {
    refuses: ['PublishTo'],
    permissions: onFunction('lambda:PublishVersion'),
    handle(input, caller, lambda) {
      const fn = lambda.store.require(unqualifiedTarget(caller, input.FunctionName))
      requireSettled(fn)
      if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) {
        throw revisionMismatch('GetFunction/GetAlias')
      }
      const sha256 = codeSha256(fn.latest)
      if (input.CodeSha256 !== undefined && input.CodeSha256 !== sha256) {
        throw invalidParameter(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        )
      }
      const version =
        unchangedVersion(fn, lambda) ?? publish(fn, lambda, { description: input.Description, pending: false })
      return functionConfiguration(version, version.version)
    },
  },

  ListVersionsByFunction: {
    permissions: onFunction('lambda:ListVersionsByFunction'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      const fn = lambda.store.require(target)
      const page = pageOf(
        [fn.latest, ...lambda.store.versionsOf(target)],
        ({ version }) => versionOrder(version),
        input,
      )
      return {
        Versions: page.items.map((version) =>
          listedConfiguration(version, version.version === LATEST ? LATEST : version.version),
        ),
        NextMarker: page.NextMarker,
      }
    },
  },
}
