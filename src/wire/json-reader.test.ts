/** The type checks of AWS’s JSON deserializer, in the words observed on its services. */
import { describe, expect, test } from 'vitest'
import { readJsonBody } from './json-reader.ts'
import type { Member, Shape, StructureShape } from './shape.ts'

function member(name: string, shape: Shape, number?: 'integer' | 'double'): Member {
  return {
    name,
    shape,
    required: false,
    sensitive: false,
    location: 'body',
    locationName: name,
    jsonName: name,
    xmlName: name,
    ec2Name: name,
    flattened: false,
    constraint: number && { number },
  }
}

function structure(name: string, members: readonly Member[]): StructureShape {
  return { kind: 'structure', name, members, union: false, eventStream: false }
}

const strings: Shape = { kind: 'list', element: { kind: 'string' }, elementName: undefined, flattened: false }
const shape = structure('Request', [
  member('Id', { kind: 'string' }),
  member('Max', { kind: 'number' }, 'integer'),
  member('Weight', { kind: 'number' }, 'double'),
  member('Dry', { kind: 'boolean' }),
  member('Names', strings),
  member('Inner', structure('Inner', [member('Location', { kind: 'string' })])),
  member('Tags', { kind: 'map', value: { kind: 'string' }, keyName: 'key', valueName: 'value', flattened: false }),
  member('Zip', { kind: 'blob' }),
  member('At', { kind: 'timestamp', format: undefined }),
])

function read(text: string): Record<string, unknown> {
  return readJsonBody(shape, Buffer.from(text))
}

describe('AWS says what it found and what it wanted:', () => {
  test.each([
    ['{"Max":"1"}', 'STRING_VALUE can not be converted to an Integer'],
    ['{"Max":true}', 'TRUE_VALUE can not be converted to an Integer'],
    ['{"Max":false}', 'FALSE_VALUE can not be converted to an Integer'],
    ['{"Max":[1]}', 'Start of list found where not expected'],
    ['{"Max":{"a":1}}', 'Start of structure or map found where not expected.'],
    ['{"Weight":"1"}', 'STRING_VALUE can not be converted to a Double'],
    ['{"Id":1}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Id":1.5}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Id":["x"]}', 'Start of list found where not expected'],
    ['{"Id":{"a":1}}', 'Start of structure or map found where not expected.'],
    ['{"Dry":0}', 'NUMBER_VALUE can not be converted to a Boolean'],
    ['{"Names":[1]}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Names":"x"}', 'Expected list or null'],
    ['{"Names":1}', 'Expected list or null'],
    ['{"Names":{}}', 'Start of structure or map found where not expected.'],
    ['{"Names":[["a"]]}', 'Start of list found where not expected'],
    ['{"Inner":"x"}', 'Expected null'],
    ['{"Inner":{"Location":1}}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Tags":[]}', 'Start of list found where not expected'],
    ['{"At":"yesterday"}', 'STRING_VALUE can not be converted to milliseconds since epoch'],
    ['[]', 'Start of list found where not expected'],
  ])('%s', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'SerializationException', message }) as Error)
  })

  test.each(['', '{', 'null', '"x"', '1', '{"Id":"x",}', '{"Id":"x"} {}', '{"Zip":"not base64!"}'])(
    'nothing of %j',
    (text) => {
      expect(() => read(text)).toThrow(
        expect.objectContaining({ name: 'SerializationException', message: '' }) as Error,
      )
    },
  )
})

test('nulls and unknown keys are as if they were not there', () => {
  expect(read('{"Id":"x","Max":null,"Foo":1,"Inner":{"Location":null}}')).toEqual({ Id: 'x', Inner: {} })
})

test('the fraction is cut off a whole number and kept on a decimal', () => {
  expect(read('{"Max":1.9,"Weight":0.5}')).toEqual({ Max: 1, Weight: 0.5 })
})

test('blobs are base64, times are seconds', () => {
  expect(read('{"Zip":"AQL6","At":1700000000.5}')).toEqual({
    Zip: Buffer.from([1, 2, 250]),
    At: new Date(1_700_000_000_500),
  })
})

test('a key named __proto__ is a key like any other', () => {
  const { Tags } = read('{"Tags":{"__proto__":"x"}}')
  expect(Object.entries(Tags as object)).toEqual([['__proto__', 'x']])
})
