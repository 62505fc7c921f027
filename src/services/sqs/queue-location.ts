/** How a queue is named: by its URL, by its ARN, or by its name in an account. */
import { isAccountId, parseAccountId, type AccountId } from '../../core/account.ts'
import { formatArn, parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { isRegion, type Region } from '../../core/region.ts'
import type { Caller } from '../caller.ts'

export interface QueueLocation {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
}

/**
 * The account and the name are the last two parts of the path; the Region is the request's, and the host is whatever the client found us at.
 * Throws InvalidAddress.
 */
export function locationFromUrl(caller: Caller, url: string): QueueLocation {
  const [account, name] = url.replace(/\/+$/, '').split('/').slice(-2)
  if (account === undefined || !isAccountId(account) || name === undefined || name === '') {
    throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`)
  }
  return { account, region: caller.region, name }
}

/** `http://127.0.0.1:4566/111122223333/jobs` */
export function queueUrl(endpoint: string, { account, name }: QueueLocation): string {
  return `${endpoint}/${account}/${name}`
}

export function queueArn({ account, region, name }: QueueLocation): string {
  return formatArn({ service: 'sqs', region, account, resource: name })
}

/** Undefined when the text is not the ARN of a queue. */
export function locationFromArn(text: string): QueueLocation | undefined {
  const arn = parseArn(text)
  if (arn?.service !== 'sqs' || !isRegion(arn.region) || !isAccountId(arn.account)) return undefined
  return { account: parseAccountId(arn.account), region: arn.region, name: arn.resource }
}
