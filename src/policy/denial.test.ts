/** AWS's sentence for every layer, and the shapes that services give it. */
import { expect, test } from 'vitest'
import { denialMessage, type Denial } from './denial.ts'
import type { AuthorizationRequest, Decision, Layer, Principal } from './model.ts'

const CALLER: Principal = {
  kind: 'user',
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/John',
  uniqueId: '',
  name: 'John',
}
const ARN = 'arn:aws:iam::123456789012:policy/P'

function message(
  decision: Partial<Decision>,
  more: Partial<Denial> = {},
  request: Partial<AuthorizationRequest> = {},
): string {
  return denialMessage({
    request: {
      principal: CALLER,
      action: 'codecommit:ListRepositories',
      resource: '*',
      resourceAccount: '123456789012',
      context: new Map<string, string>(),
      ...request,
    },
    decision: { outcome: 'implicit_deny', trace: [], ...decision },
    ...more,
  })
}

const START = 'User: arn:aws:iam::123456789012:user/John is not authorized to perform: codecommit:ListRepositories'

test.each([
  ['identity', 'because no identity-based policy allows the codecommit:ListRepositories action'],
  ['resource', 'because no resource-based policy allows the codecommit:ListRepositories action'],
  ['boundary', 'because no permissions boundary allows the codecommit:ListRepositories action'],
  ['session', 'because no session policy allows the codecommit:ListRepositories action'],
  ['scp', 'because no service control policy allows the codecommit:ListRepositories action'],
  ['endpoint', 'because no VPC endpoint policy allows the codecommit:ListRepositories action'],
  ['trust', 'because no role trust policy allows the codecommit:ListRepositories action'],
] as const)('what no %s policy allows is denied in these words', (blockedBy, reason) => {
  expect(message({ blockedBy })).toBe(`${START} on resource: * ${reason}`)
})

test.each([
  ['identity', `with an explicit deny in an identity-based policy: ${ARN}`],
  ['resource', 'with an explicit deny in a resource-based policy'],
  ['boundary', `with an explicit deny in a permissions boundary: ${ARN}`],
  ['session', `with an explicit deny in a session policy: ${ARN}`],
  ['scp', `with an explicit deny in a service control policy: ${ARN}`],
  ['rcp', `with an explicit deny in a resource control policy: ${ARN}`],
  ['endpoint', 'with an explicit deny in a VPC endpoint policy'],
  ['trust', 'with an explicit deny in the role trust policy'],
] as const)('what a managed %s policy denies quotes its ARN where AWS does', (blockedBy: Layer, reason: string) => {
  const statement = { policyName: 'P', policyArn: ARN, index: 0 }
  expect(message({ outcome: 'explicit_deny', blockedBy, statement })).toBe(`${START} on resource: * ${reason}`)
})

test('an inline policy has no ARN to quote', () => {
  const statement = { policyName: 'P', index: 0 }
  expect(message({ outcome: 'explicit_deny', blockedBy: 'identity', statement })).toMatch(/identity-based policy$/)
})

test('the ARN of an RCP stays within its organization', () => {
  const denied = {
    outcome: 'explicit_deny',
    blockedBy: 'rcp',
    statement: { policyName: 'P', policyArn: ARN, index: 0 },
  } as const
  const across = (principalOrg: string): string =>
    message(
      denied,
      {},
      {
        resourceAccount: '444455556666',
        context: new Map([
          ['aws:principalorgid', principalOrg],
          ['aws:resourceorgid', 'o-a'],
        ]),
      },
    )
  expect(across('o-a')).toMatch(new RegExp(`${ARN}$`))
  expect(across('o-b')).toMatch(/resource control policy$/)
})

test('services choose how the resource, the action and the reason are shown', () => {
  expect(message({}, { resourceText: 'role R', form: 'without-reason' })).toBe(`${START} on resource: role R`)
  expect(message({}, { resourceText: null, form: 'without-reason' })).toBe(START)
  expect(message({ blockedBy: 'identity' }, { actionText: 'sqs:sendmessage' })).toContain(
    'to perform: sqs:sendmessage on resource: * because no identity-based policy allows the sqs:sendmessage action',
  )
})

test('an anonymous caller is called anonymous', () => {
  expect(message({ blockedBy: 'resource' }, {}, { principal: { kind: 'anonymous' } })).toMatch(
    /^User: anonymous is not/,
  )
})
