/**
 * Amazon Resource Names: `arn:partition:service:region:account:resource`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */

export interface Arn {
  readonly partition: string
  readonly service: string
  /** Empty for global resources. */
  readonly region: string
  /** Empty where the service's ARNs carry none (S3 buckets). */
  readonly account: string
  /** Everything after the fifth colon; may itself contain colons and slashes. */
  readonly resource: string
}

/** Undefined when the text is not an ARN of six parts with a partition, a service and a resource. */
export function parseArn(text: string): Arn | undefined {
  if (!text.startsWith('arn:')) return undefined
  const partitionEnd = text.indexOf(':', 4)
  const serviceEnd = partitionEnd < 0 ? -1 : text.indexOf(':', partitionEnd + 1)
  const regionEnd = serviceEnd < 0 ? -1 : text.indexOf(':', serviceEnd + 1)
  const accountEnd = regionEnd < 0 ? -1 : text.indexOf(':', regionEnd + 1)
  if (accountEnd < 0) return undefined
  const arn: Arn = {
    partition: text.slice(4, partitionEnd),
    service: text.slice(partitionEnd + 1, serviceEnd),
    region: text.slice(serviceEnd + 1, regionEnd),
    account: text.slice(regionEnd + 1, accountEnd),
    resource: text.slice(accountEnd + 1),
  }
  return arn.partition !== '' && arn.service !== '' && arn.resource !== '' ? arn : undefined
}

export function formatArn(arn: Omit<Arn, 'partition'> & { readonly partition?: string }): string {
  return `arn:${arn.partition ?? 'aws'}:${arn.service}:${arn.region}:${arn.account}:${arn.resource}`
}
