/** Requests over an alphabet so small that policies written for one often speak of another. */
import type { AuthorizationRequest, ContextValue, Principal, RequestContext } from '../../src/policy/model.ts'
import type { Dice } from './dice.ts'

export const ACCOUNTS = ['111122223333', '444455556666'] as const

const USER_ID = 'AIDAANN0ANN0ANN0ANN00'
const ROLE_ID = 'AROARED0RED0RED0RED00'

/** Actions with a resource of theirs in an account; `key` and `trust` services have resource policies that must allow. */
const RESOURCES: Readonly<Record<string, (account: string) => readonly string[]>> = {
  'lambda:InvokeFunction': (account) => [
    `arn:aws:lambda:us-east-1:${account}:function:red`,
    `arn:aws:lambda:us-east-1:${account}:function:red:blue`,
    `arn:aws:lambda:eu-west-1:${account}:function:blue`,
  ],
  'lambda:InvokeAsync': (account) => [`arn:aws:lambda:us-east-1:${account}:function:red`],
  's3:GetObject': () => ['arn:aws:s3:::red/blue/red', 'arn:aws:s3:::red/ann', 'arn:aws:s3:::blue/*'],
  'sqs:SendMessage': (account) => [`arn:aws:sqs:us-east-1:${account}:red`, `arn:aws:sqs:us-east-1:${account}:blue`],
  'kms:Decrypt': (account) => [`arn:aws:kms:us-east-1:${account}:key/red`],
  'sts:AssumeRole': (account) => [`arn:aws:iam::${account}:role/red`, `arn:aws:iam::${account}:role/blue/red`],
  'logs:DescribeLogGroups': () => ['*'],
}

/** By the type of their values: what may be generated for them, and which operators fit. */
export const CONTEXT_KEYS = {
  string: {
    keys: ['aws:username', 'aws:PrincipalTag/team', 'aws:SourceVpce', 'aws:userid'],
    values: ['ann', 'red', 'RED', 'blue', 'r*d', ''],
    operators: ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase'],
    negated: ['StringNotEquals', 'StringNotLike', 'StringNotEqualsIgnoreCase'],
  },
  strings: {
    keys: ['aws:TagKeys', 'aws:PrincipalOrgPaths'],
    values: ['red', 'Red', 'blue', 'o-a/r-b/ou-c/'],
    operators: ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase'],
    negated: ['StringNotEquals', 'StringNotLike', 'StringNotEqualsIgnoreCase'],
  },
  arn: {
    keys: ['aws:PrincipalArn', 'aws:SourceArn'],
    values: [
      'arn:aws:iam::111122223333:role/red',
      'arn:aws:iam::111122223333:user/ann',
      'arn:aws:s3:::red',
      'arn:aws:sns:us-east-1:444455556666:red:blue',
    ],
    operators: ['ArnEquals', 'ArnLike'],
    negated: ['ArnNotEquals', 'ArnNotLike'],
  },
  number: {
    keys: ['aws:MultiFactorAuthAge', 's3:max-keys'],
    values: ['0', '10', '10.5', '-3', '300'],
    operators: [
      'NumericEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    negated: ['NumericNotEquals'],
  },
  date: {
    keys: ['aws:CurrentTime', 'aws:TokenIssueTime'],
    values: ['2026-01-01T00:00:00Z', '2026-06-01T12:30:00Z', '2026-06-01T14:30:00+02:00', '1780317000'],
    operators: ['DateEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals'],
    negated: ['DateNotEquals'],
  },
  address: {
    keys: ['aws:SourceIp', 'aws:VpcSourceIp'],
    values: ['10.0.0.1', '10.0.0.200', '10.1.0.1', '2001:db8::1', '2001:db8:1::ff'],
    operators: ['IpAddress'],
    negated: ['NotIpAddress'],
  },
  boolean: {
    keys: ['aws:SecureTransport', 'aws:MultiFactorAuthPresent'],
    values: ['true', 'false'],
    operators: ['Bool'],
    negated: [],
  },
  binary: {
    keys: ['example:digest'],
    values: ['cmVk', 'Ymx1ZQ=='],
    operators: ['BinaryEquals'],
    negated: [],
  },
} as const

export type KeyType = keyof typeof CONTEXT_KEYS
export const KEY_TYPES = Object.keys(CONTEXT_KEYS) as readonly KeyType[]

/** A context that can be printed and made smaller. */
export type ContextValues = Readonly<Record<string, ContextValue>>

export class ListedContext implements RequestContext {
  readonly values: ContextValues
  readonly #byKey: ReadonlyMap<string, ContextValue>

  constructor(values: ContextValues) {
    this.values = values
    this.#byKey = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]))
  }

  get(lowerCaseKey: string): ContextValue | undefined {
    return this.#byKey.get(lowerCaseKey)
  }
}

export interface ListedRequest extends AuthorizationRequest {
  readonly context: ListedContext
}

export function drawRequest(dice: Dice): ListedRequest {
  const principal = drawPrincipal(dice)
  const own = 'account' in principal ? principal.account : ACCOUNTS[0]
  const resourceAccount = dice.chance(50) ? own : dice.in(ACCOUNTS)
  const action = dice.in(Object.keys(RESOURCES))
  const resource = dice.in(RESOURCES[action]?.(resourceAccount) ?? ['*'])
  return { principal, action, resource, resourceAccount, context: new ListedContext(drawContext(dice)) }
}

function drawPrincipal(dice: Dice): Principal {
  const account = dice.in(ACCOUNTS)
  const name = dice.of('ann', 'red')
  switch (dice.number(12)) {
    case 0:
      return { kind: 'anonymous' }
    case 1:
      return dice.of<Principal>(
        { kind: 'service', service: 's3.amazonaws.com' },
        { kind: 'service', service: 'sns.amazonaws.com', names: ['sns.amazonaws.com', 'sns.us-east-1.amazonaws.com'] },
      )
    case 2:
      return { kind: 'root', account, arn: `arn:aws:iam::${account}:root` }
    case 3:
    case 4:
      return {
        kind: 'federated-user',
        account,
        arn: `arn:aws:sts::${account}:federated-user/${name}`,
        userArn: `arn:aws:iam::${account}:user/ann`,
        userId: USER_ID,
        name,
      }
    case 5:
    case 6:
    case 7:
      return { kind: 'user', account, arn: `arn:aws:iam::${account}:user/${name}`, uniqueId: USER_ID, name }
    default:
      return {
        kind: 'role-session',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/red/${name}`,
        roleArn: `arn:aws:iam::${account}:role/blue/red`,
        roleId: ROLE_ID,
        roleName: 'red',
        sessionName: name,
        serviceLinked: dice.chance(8),
      }
  }
}

function drawContext(dice: Dice): ContextValues {
  const values: Record<string, ContextValue> = {}
  for (const type of KEY_TYPES) {
    const kind = CONTEXT_KEYS[type]
    for (const key of dice.some<string>(kind.keys, 60)) {
      values[key] = type === 'strings' ? dice.some<string>(kind.values, 45) : dice.in<string>(kind.values)
    }
  }
  return values
}
