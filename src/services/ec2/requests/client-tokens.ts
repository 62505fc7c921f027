/** Repeated requests to create: with the same token and parameters the answer is what the first one made. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
import { createHash } from 'node:crypto'

import { AwsError } from '../../../core/aws-error.ts'
import type { Kind, Records, ResourceRecord } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'

interface Repeatable {
  readonly ClientToken?: string | undefined
}

/** What a request with this token has made already. Throws where the parameters were others. */
export function alreadyCreated<K extends Kind>(
  ec2: Ec2Service,
  kind: K,
  place: Place,
  input: Repeatable,
): Records[K] | undefined {
  const { ClientToken: token } = input
  if (token === undefined) return undefined
  const found = ec2.list(kind, place).find(({ creation }) => creation?.clientToken === token)
  if (found && found.creation?.inputSha256 !== digestOf(input)) {
    throw new AwsError(
      'IdempotentParameterMismatch',
      `The client token '${token}' has already been used with other parameters`,
    )
  }
  return found
}

/** To be kept in the record of what the request makes. */
export function creationOf(input: Repeatable): Pick<ResourceRecord, 'creation'> {
  const { ClientToken: clientToken } = input
  return clientToken === undefined ? {} : { creation: { clientToken, inputSha256: digestOf(input) } }
}

function digestOf(input: object): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex')
}
