/** Which principals a trust policy may name, and how it shows them later. */
import { describe, expect, test } from 'vitest'

import { displayedTrust, trustPolicyFrom } from './trust.ts'

const ADA = 'arn:aws:iam::111122223333:user/ada'
const ADA_ID = 'AIDAAAAAAAAAAAAAAAAAA'

/** A directory of the given ARN → id pairs. */
function identities(known: Readonly<Record<string, string>>) {
  return {
    uniqueIdOf: (arn: string) => known[arn],
    arnOf: (id: string) => Object.entries(known).find((entry) => entry[1] === id)?.[0],
  }
}

const trusting = (principal: unknown) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  })

describe('the principals of a trust policy', () => {
  test.each([
    ['an account', { AWS: '444455556666' }],
    ['the root of an account', { AWS: 'arn:aws:iam::444455556666:root' }],
    ['an existing user', { AWS: [ADA] }],
    ['the id of an existing user', { AWS: ADA_ID }],
    ['a role session', { AWS: 'arn:aws:sts::111122223333:assumed-role/Role/session' }],
    ['a service', { Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'] }],
    ['everyone', '*'],
  ])('may be %s', (_, principal) => {
    expect(() => trustPolicyFrom(trusting(principal), identities({ [ADA]: ADA_ID }))).not.toThrow()
  })

  test.each([
    ['a user that does not exist', { AWS: ADA }, `"AWS":"${ADA}"`],
    ['a group', { AWS: 'arn:aws:iam::111122223333:group/g' }, '"AWS":"arn:aws:iam::111122223333:group/g"'],
    ['the id of nobody', { AWS: 'AROAZZZZZZZZZZZZZZZZZ' }, '"AWS":"AROAZZZZZZZZZZZZZZZZZ"'],
    ['a short account id', { AWS: '1234' }, '"AWS":"1234"'],
    ['something that is no service', { Service: 'lambda' }, '"SERVICE":"lambda"'],
  ])('may not be %s', (_, principal, shown) => {
    expect(() => trustPolicyFrom(trusting(principal), identities({}))).toThrow(
      expect.objectContaining({
        name: 'MalformedPolicyDocumentException',
        message: expect.stringContaining(shown) as string,
      }),
    )
  })
})

test('an account id is shown as the ARN of its root', () => {
  const trust = trustPolicyFrom(trusting({ AWS: '444455556666' }), identities({}))
  expect(JSON.parse(displayedTrust(trust, identities({})))).toHaveProperty(
    'Statement.0.Principal.AWS',
    'arn:aws:iam::444455556666:root',
  )
})

test('a principal is shown by its ARN while it lives, by its id afterwards, and by its new ARN when renamed', () => {
  const trust = trustPolicyFrom(trusting({ AWS: ADA }), identities({ [ADA]: ADA_ID }))
  const shown = (known: Readonly<Record<string, string>>) =>
    (JSON.parse(displayedTrust(trust, identities(known))) as { Statement: [{ Principal: { AWS: string } }] })
      .Statement[0].Principal.AWS
  expect(shown({ [ADA]: ADA_ID })).toBe(ADA)
  expect(shown({})).toBe(ADA_ID)
  expect(shown({ [ADA]: 'AIDABBBBBBBBBBBBBBBBB' })).toBe(ADA_ID)
  expect(shown({ 'arn:aws:iam::111122223333:user/ada.l': ADA_ID })).toBe('arn:aws:iam::111122223333:user/ada.l')
})

test('a trust policy of more than 2048 characters is refused', () => {
  const long = trusting({ AWS: Array.from({ length: 80 }, (_, i) => String(100_000_000_000 + i)) })
  expect(() => trustPolicyFrom(long, identities({}))).not.toThrow()
  const longer = trusting({ AWS: Array.from({ length: 160 }, (_, i) => String(100_000_000_000 + i)) })
  expect(() => trustPolicyFrom(longer, identities({}))).toThrow('Cannot exceed quota for ACLSizePerRole: 2048')
})
