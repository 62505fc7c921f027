/** Positions and keys as AWS's own examples have them. */
import { describe, expect, it } from 'vitest'

import { contextKeysOf } from './context-keys.ts'
import { readPolicy } from './parse.ts'
import { statementPositions } from './statement-positions.ts'

describe('the positions of statements', () => {
  // https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html
  it('are AWS’s for a single statement', () => {
    const text =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    expect(statementPositions(text)).toEqual([{ start: { line: 1, column: 38 }, end: { line: 1, column: 167 } }])
  })

  // https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html
  it('are AWS’s for a statement on lines of its own', () => {
    const text = JSON.stringify(
      { Version: '2012-10-17', Statement: [{ Sid: 'A', Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
      null,
      4,
    )
    expect(statementPositions(text)).toEqual([{ start: { line: 3, column: 19 }, end: { line: 9, column: 10 } }])
  })

  it('follow on from one statement to the next, whatever is in them', () => {
    const statement = '{"Effect":"Deny","Action":["a:B"],"Resource":"}]","Condition":{"Bool":{"Statement":["x"]}}}'
    const text = `{"Id":"Statement","Statement":[${statement},${statement}],"Version":"2012-10-17"}`
    const first = text.indexOf('[{') + 2
    expect(statementPositions(text)).toEqual([
      { start: { line: 1, column: first }, end: { line: 1, column: first + statement.length } },
      {
        start: { line: 1, column: first + statement.length },
        end: { line: 1, column: first + 2 * statement.length + 1 },
      },
    ])
  })
})

describe('the context keys of a policy', () => {
  // https://docs.aws.amazon.com/cli/latest/reference/iam/get-context-keys-for-custom-policy.html
  it('are those of its variables and conditions', () => {
    const text =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}'
    expect(contextKeysOf([readPolicy(text, 'identity')])).toEqual(['aws:username', 'aws:CurrentTime'])
  })

  it('are named once, defaults left out, and not in old policies’ plain text', () => {
    const policy = (version: string) =>
      readPolicy(
        JSON.stringify({
          Version: version,
          Statement: [
            {
              Effect: 'Allow',
              Action: 's3:*',
              Resource: "arn:aws:s3:::${aws:PrincipalTag/team, 'none'}/${*}",
              Condition: { StringLike: { 'AWS:principaltag/Team': '${aws:userid}' } },
            },
          ],
        }),
        'identity',
      )
    expect(contextKeysOf([policy('2012-10-17'), policy('2012-10-17')])).toEqual(['aws:PrincipalTag/team', 'aws:userid'])
    expect(contextKeysOf([policy('2008-10-17')])).toEqual(['AWS:principaltag/Team'])
  })
})
