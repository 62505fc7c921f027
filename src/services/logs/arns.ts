/** ARNs of CloudWatch Logs' resources. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html */
import { formatArn, parseArn } from '../../core/arn.ts'
import type { Caller } from '../caller.ts'
import { AwsError } from '../../core/aws-error.ts'
import { invalidParameter } from './errors.ts'

/** Where a group is said to be; it need not exist. */
export interface GroupLocation {
  readonly account: string
  readonly region: string
  readonly name: string
}

export function groupArn({ account, region, name }: GroupLocation): string {
  return formatArn({ service: 'logs', region, account, resource: `log-group:${name}` })
}

/**
 * What AWS checks permissions on: the stream, whose name is empty for an action on the group (`…:log-group:NAME:log-stream:`). So a policy must
 * name `…:log-group:NAME:*`; only the tagging actions are checked on the bare group.
 */
export function streamArn(location: GroupLocation, stream: string): string {
  return `${groupArn(location)}:log-stream:${stream}`
}

export function locate(caller: Caller, name: string): GroupLocation {
  return { account: caller.account, region: caller.region, name }
}

/** From a name or an ARN, as `logGroupIdentifier` takes both. */
export function locateIdentifier(caller: Caller, identifier: string): GroupLocation {
  return locationFromArn(identifier) ?? locate(caller, identifier)
}

export interface GroupReference {
  readonly logGroupName?: string | undefined
  readonly logGroupIdentifier?: string | undefined
}

/** Throws when both or neither are given. */
export function locateReference(caller: Caller, { logGroupName, logGroupIdentifier }: GroupReference): GroupLocation {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw new AwsError('ValidationException', 'LogGroup name and LogGroup ARN are mutually exclusive parameters.')
  }
  if (logGroupIdentifier !== undefined) return locateIdentifier(caller, logGroupIdentifier)
  if (logGroupName !== undefined) return locate(caller, logGroupName)
  throw invalidParameter(
    "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null",
  )
}

const GROUP_RESOURCE = /^log-group:([^:*]+)$/

/** Undefined when it is not the ARN of a group. The form that ends in `:*` is for policies; AWS takes it nowhere else. */
export function locationFromArn(text: string): GroupLocation | undefined {
  const arn = parseArn(text)
  const name = arn && GROUP_RESOURCE.exec(arn.resource)?.[1]
  if (arn?.service !== 'logs' || name === undefined) return undefined
  return { account: arn.account, region: arn.region, name }
}
