/** AWS-managed policies as records, so that they are read, attached and compiled like any other managed policy. */
import { createHash } from 'node:crypto'

import { awsManagedPolicies, type ManagedPolicyData } from './managed-policies.ts'
import { policyArn, type ManagedPolicy } from './records.ts'

export const AWS_ACCOUNT = 'aws'

/** By ARN, in the order of the data. */
export function createAwsManagedPolicies(): ReadonlyMap<string, ManagedPolicy> {
  return new Map(awsManagedPolicies.map((data) => [policyArn(AWS_ACCOUNT, data.path, data.name), recordFrom(data)]))
}

function recordFrom({ name, path, versionId, created, updated, statements }: ManagedPolicyData): ManagedPolicy {
  const updatedMs = Date.parse(updated)
  return {
    account: AWS_ACCOUNT,
    name,
    path,
    arn: policyArn(AWS_ACCOUNT, path, name),
    id: stableId(name),
    createdMs: Date.parse(created),
    updatedMs,
    tags: {},
    versions: [
      {
        id: versionId,
        document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
        createdMs: updatedMs,
      },
    ],
    defaultVersionId: versionId,
    versionsMade: Number(versionId.slice(1)),
  }
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ID_RANDOM_LENGTH = 17

/** The same id in every process. FIDELITY: not the id AWS gave the policy. */
function stableId(name: string): string {
  const digest = createHash('sha256').update(name).digest()
  return `ANPA${[...digest.subarray(0, ID_RANDOM_LENGTH)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('')}`
}
