/** Who am I, and whose key is this. */
import { AwsError } from '../../core/aws-error.ts'
import { callerArn } from '../../policy/principal-text.ts'
import { callerUserId } from '../caller.ts'
import { accountOfId } from '../iam/unique-id.ts'
import type { StsOperations } from './service.ts'

const ACCESS_KEY_ID = /^A(?:KIA|SIA)[A-Z2-7]{16}$/

export const callerIdentity: StsOperations = {
  // "No permissions are required", and no policy can deny it. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  GetCallerIdentity: {
    permissions: () => [],
    handle: (_input, { principal, account }) => ({
      UserId: callerUserId(principal),
      Account: account,
      Arn: callerArn(principal),
    }),
  },

  // The account is written in the id, so the key need not exist any more.
  GetAccessKeyInfo: {
    permissions: () => [{ action: 'sts:GetAccessKeyInfo', resource: '*', denialReason: false }],
    handle({ AccessKeyId }) {
      const account = ACCESS_KEY_ID.test(AccessKeyId) ? accountOfId(AccessKeyId) : undefined
      if (account === undefined) {
        throw new AwsError('ValidationError', `Invalid AccessKeyId ${AccessKeyId}`, { status: 400 })
      }
      return { Account: account }
    },
  },
}
