/** How each service words a failed validation. */
import type { ServiceDescription } from './service-description.ts'

export interface Violation {
  /** `vpcConfig.subnetIds` */
  readonly path: string
  /** As printed; undefined where AWS does not show it. */
  readonly value: string | undefined
  /** `Member must not be null` */
  readonly constraint: string
  readonly kind: 'null' | 'min-length' | 'max-length' | 'min-value' | 'max-value' | 'pattern' | 'enum' | 'element'
}

export interface Wording {
  readonly errorName: string
  /** Where AWS has another name for what is missing. */
  readonly nullErrorName?: string
  message(violations: readonly Violation[]): string
  /** Further members of the error, from the first violation. */
  readonly fields?: (violation: Violation) => Readonly<Record<string, string>>
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html#API_CreatePolicy_Errors */
const ORGANIZATIONS_REASONS: Readonly<Record<Violation['kind'], string>> = {
  null: 'INPUT_REQUIRED',
  'min-length': 'MIN_LENGTH_EXCEEDED',
  'max-length': 'MAX_LENGTH_EXCEEDED',
  'min-value': 'MIN_VALUE_EXCEEDED',
  'max-value': 'MAX_VALUE_EXCEEDED',
  pattern: 'INVALID_PATTERN',
  enum: 'INVALID_ENUM',
  element: 'INVALID_LIST_MEMBER',
}

/** What IAM says of a value that breaks one of these patterns. */
const IAM_SENTENCES: Readonly<Record<string, string>> = {
  'Member must satisfy regular expression pattern: [\\w+=,.@-]+':
    'It must contain only alphanumeric characters and/or the following: +=,.@_-',
  'Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)':
    'It must begin and end with / and contain only alphanumeric characters and/or / characters.',
}
const ENUM_START = 'Member must satisfy enum value set'

export function createWording({ signingName, protocol }: ServiceDescription): Wording {
  switch (signingName) {
    case 'iam':
      return { errorName: 'ValidationError', message: iamMessage }
    case 'ec2':
      return { errorName: 'InvalidParameterValue', nullErrorName: 'MissingParameter', message: ec2Message }
    case 'logs':
      return { errorName: 'InvalidParameterException', message: usualMessage }
    case 'organizations':
      return {
        errorName: 'InvalidInputException',
        message: usualMessage,
        fields: ({ kind }) => ({ Reason: ORGANIZATIONS_REASONS[kind] }),
      }
    default:
      return { errorName: protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException', message: usualMessage }
  }
}

function usualMessage(violations: readonly Violation[]): string {
  const noun = violations.length === 1 ? 'error' : 'errors'
  return `${violations.length} validation ${noun} detected: ${violations.map(sentence).join('; ')}`
}

function sentence({ path, value, constraint, kind }: Violation): string {
  // Null stands without quotes, everything else within.
  const shown = value === undefined ? '' : kind === 'null' ? ' null' : ` '${value}'`
  return `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`
}

/** IAM shows neither values nor enums, and has sentences of its own for names and paths. Recorded 2025 and seen in clients' logs ever since. */
function iamMessage(violations: readonly Violation[]): string {
  const others = violations.filter(({ constraint }) => IAM_SENTENCES[constraint] === undefined)
  const [first] = violations
  if (first && others.length === 0) {
    return `The specified value for ${first.path} is invalid. ${IAM_SENTENCES[first.constraint]}`
  }
  return usualMessage(
    others.map((violation) =>
      violation.kind === 'null'
        ? violation
        : {
            ...violation,
            value: undefined,
            constraint: violation.kind === 'enum' ? ENUM_START : violation.constraint,
          },
    ),
  )
}

/** EC2 tells of one problem at a time, in sentences of its own. It says `greater than 5` and takes 5. Recorded in clients' logs. */
function ec2Message([first]: readonly Violation[]): string {
  if (!first) return ''
  const { path, value = '', constraint, kind } = first
  switch (kind) {
    case 'null':
      return `The request must contain the parameter ${path}`
    case 'min-value':
      return `Value ( ${value} ) for parameter ${path} is invalid. Expecting a value greater than ${limitOf(constraint)}.`
    case 'max-value':
      return `Value ( ${value} ) for parameter ${path} is invalid. Expecting a value less than or equal to ${limitOf(constraint)}.`
    case 'min-length':
    case 'max-length':
    case 'pattern':
    case 'enum':
    case 'element':
      return `Value (${value}) for parameter ${path} is invalid.`
  }
}

function limitOf(constraint: string): string {
  return constraint.slice(constraint.lastIndexOf(' ') + 1)
}
