/** Properties against a schema: what is converted and what is told. */
import { expect, test } from 'vitest'

import {
  boolean,
  checkProperties,
  document,
  integer,
  list,
  map,
  object,
  refused,
  string,
  tags,
} from './property-schema.ts'

const schema = object(
  {
    Name: string,
    Size: integer,
    On: boolean,
    Policy: document,
    Names: list(string),
    Variables: map(string),
    Nested: object({ A: integer }, ['A']),
    Later: refused,
    Tags: tags,
  },
  ['Name'],
)

test('texts become what they stand for', () => {
  expect(
    checkProperties(schema, {
      Name: 3,
      Size: '128',
      On: 'true',
      Policy: { Version: '2012-10-17' },
      Names: [1, 'b'],
      Variables: { a: true },
    }),
  ).toEqual({
    ok: true,
    properties: {
      Name: '3',
      Size: 128,
      On: true,
      Policy: { Version: '2012-10-17' },
      Names: ['1', 'b'],
      Variables: { a: 'true' },
    },
  })
})

test('every problem is told with its path', () => {
  expect(
    checkProperties(schema, {
      Size: 'big',
      On: 'perhaps',
      Names: 'a',
      Nested: { B: 1 },
      Later: 1,
      Extra: 1,
      Tags: [{ Key: ['k'] }],
    }),
  ).toEqual({
    ok: false,
    problems: [
      '#: required key [Name] not found',
      '#/Size: expected type: Integer, found: String',
      '#/On: expected type: Boolean, found: String',
      '#/Names: expected type: JSONArray, found: String',
      '#/Nested: required key [A] not found',
      '#/Nested: extraneous key [B] is not permitted',
      '#/Later: this property is not supported by Isthmus',
      '#: extraneous key [Extra] is not permitted',
      '#/Tags/0/Key: expected type: String, found: JSONArray',
    ],
  })
})
