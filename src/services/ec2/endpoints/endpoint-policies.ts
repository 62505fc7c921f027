/** The policies of VPC endpoints: who may ask what through them. https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html */
import { AwsError } from '../../../core/aws-error.ts'
import { compilePolicy, type CompiledPolicy } from '../../../policy/compile.ts'
import { parsePolicy } from '../../../policy/parse.ts'
import { QUOTAS } from '../quotas.ts'
import type { VpcEndpointRecord } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'

/** As AWS answers them, spaces included. */
const DEFAULTS = {
  Interface: `{
  "Statement": [
    {
      "Action": "*", 
      "Effect": "Allow", 
      "Principal": "*", 
      "Resource": "*"
    }
  ]
}`,
  Gateway: '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
} as const

export function policyDocumentOf({ type, policy }: Pick<VpcEndpointRecord, 'type' | 'policy'>): string {
  return policy ?? DEFAULTS[type]
}

/**
 * The text to keep; undefined for none, which is the default. Throws AWS's error for what is no policy.
 * FIDELITY: AWS tells the line and column of the error, and not what it is; here it is the other way round.
 */
export function checkEndpointPolicy(ec2: Ec2Service, place: Place, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const charactersMax = ec2.quota(QUOTAS.endpointPolicyCharacters, place)
  if (text.length > charactersMax) throw invalid(`It has ${text.length} characters; the maximum is ${charactersMax}.`)
  try {
    parsePolicy(text, 'endpoint')
  } catch (error) {
    if (error instanceof AwsError) throw invalid(error.message)
    throw error
  }
  return text
}

function invalid(why: string): AwsError {
  return new AwsError('InvalidPolicyDocument', `The Policy Document is not valid. ${why}`)
}

export interface EndpointPolicies {
  of(endpoint: VpcEndpointRecord): CompiledPolicy
}

/** Compiles each policy at its first use. */
export function createEndpointPolicies(): EndpointPolicies {
  const compiled = new WeakMap<VpcEndpointRecord, CompiledPolicy>()
  return {
    of(endpoint) {
      let policy = compiled.get(endpoint)
      if (!policy) {
        const document = parsePolicy(policyDocumentOf(endpoint), 'endpoint')
        compiled.set(endpoint, (policy = compilePolicy(document, { name: `policy of ${endpoint.id}` })))
      }
      return policy
    },
  }
}
