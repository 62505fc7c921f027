/**
 * Packages that are loaded when they are first needed, so that the cloud starts without them.
 *
 * By `require`, because all of them are CommonJS: `import` first parses a bundle for the names it exports, which takes as long as running it.
 * Modules that a command loads only when it runs may do so at their top, in place of an import.
 */
import { createRequire } from 'node:module'

interface Packages {
  readonly '@smithy/core/cbor': typeof import('@smithy/core/cbor')
  readonly yaml: typeof import('yaml')
  readonly yauzl: typeof import('yauzl')
  readonly yazl: typeof import('yazl')
  readonly '@aws-sdk/client-cloudformation': typeof import('@aws-sdk/client-cloudformation')
  readonly '@aws-sdk/client-cloudtrail': typeof import('@aws-sdk/client-cloudtrail')
  readonly '@aws-sdk/client-cloudwatch': typeof import('@aws-sdk/client-cloudwatch')
  readonly '@aws-sdk/client-cloudwatch-logs': typeof import('@aws-sdk/client-cloudwatch-logs')
  readonly '@aws-sdk/client-ec2': typeof import('@aws-sdk/client-ec2')
  readonly '@aws-sdk/client-eventbridge': typeof import('@aws-sdk/client-eventbridge')
  readonly '@aws-sdk/client-iam': typeof import('@aws-sdk/client-iam')
  readonly '@aws-sdk/client-lambda': typeof import('@aws-sdk/client-lambda')
  readonly '@aws-sdk/client-organizations': typeof import('@aws-sdk/client-organizations')
  readonly '@aws-sdk/client-service-quotas': typeof import('@aws-sdk/client-service-quotas')
  readonly '@aws-sdk/client-sns': typeof import('@aws-sdk/client-sns')
  readonly '@aws-sdk/client-sqs': typeof import('@aws-sdk/client-sqs')
  readonly '@aws-sdk/client-sts': typeof import('@aws-sdk/client-sts')
}

const require = createRequire(import.meta.url)

/** The second time it costs a look-up. */
export function loadPackage<Name extends keyof Packages>(name: Name): Packages[Name] {
  return require(name) as Packages[Name]
}
