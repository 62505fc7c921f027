/** STS. */
import { AssumeRoleCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts'

import type { Case, Outside } from '../../recorded-error.ts'
import type { stsRecordings } from '../recordings/sts.ts'

type Name = keyof typeof stsRecordings

const assume = (input: Partial<AssumeRoleCommandInput>) => ({
  calls: [
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/any',
      RoleSessionName: 'session',
      ...input,
    }),
  ],
})

/** There is a role `any` that the account may assume with tags. */
export const sts: Readonly<Partial<Record<Name, Case>>> = {
  'session-name-malformed': assume({ RoleSessionName: 'Session1:2' }),
  'role-arn-no-arn': assume({ RoleArn: 'nothing-valid-in-here' }),
  'role-arn-no-resource': assume({ RoleArn: 'arn:a:a::aaaaaaaaaa:' }),
  'role-arn-four-colons': assume({ RoleArn: 'arn:a:::something/test-role' }),
  'role-arn-five-colons': assume({ RoleArn: 'arn:a::::something/test-role' }),
  'role-arn-b': assume({ RoleArn: 'arn::b:::something/test-role' }),
  'tags-twice': assume({
    Tags: [
      { Key: 'SessionTag1', Value: 'a' },
      { Key: 'sessiontag1', Value: 'b' },
    ],
  }),
  'transitive-tag-not-given': assume({ Tags: [{ Key: 'given', Value: 'a' }], TransitiveTagKeys: ['other'] }),
}

export const stsOutside: Readonly<Partial<Record<Name, Outside>>> = {
  // Takes a chain of sessions.
  'transitive-tag-overridden': { test: 'test/sdk/sts/assume-role.test.ts' },
}
