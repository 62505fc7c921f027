/** Reading an encoded authorization message. https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
import { AwsError } from '../../core/aws-error.ts'
import type { StsOperations } from './service.ts'

export const decodeMessage: StsOperations = {
  DecodeAuthorizationMessage: {
    permissions: () => [{ action: 'sts:DecodeAuthorizationMessage', resource: '*', denialReason: false }],
    handle({ EncodedMessage }, { account }, { messages }) {
      const DecodedMessage = messages.decode(account, EncodedMessage)
      if (DecodedMessage === undefined) {
        throw new AwsError('InvalidAuthorizationMessageException', 'Message is not valid')
      }
      return { DecodedMessage }
    },
  },
}
