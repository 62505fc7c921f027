/**
 * Names every template may `Ref` without declaring them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
 */
import type { Json } from './json.ts'

export const NO_VALUE = 'AWS::NoValue'

export type PseudoParameters = Readonly<Record<string, Json>>

export function pseudoParameters(stack: {
  readonly account: string
  readonly region: string
  readonly name: string
  readonly id: string
}): PseudoParameters {
  return {
    'AWS::AccountId': stack.account,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': stack.region,
    'AWS::StackId': stack.id,
    'AWS::StackName': stack.name,
    'AWS::URLSuffix': 'amazonaws.com',
  }
}

const NAMES = new Set([...Object.keys(pseudoParameters({ account: '', region: '', name: '', id: '' })), NO_VALUE])

export function isPseudoParameter(name: string): boolean {
  return NAMES.has(name)
}
