/** Payloads from text, templates, files and modules. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

import { compilePayload, parsePayloadOption, requirePayload, type Occasion } from './payload.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-payload-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return `@${join(folder, name)}`
}

async function made(option: string, sequences: readonly number[] = [0]): Promise<readonly unknown[]> {
  const make = await compilePayload(parsePayloadOption(option))
  return sequences.map((sequence) => JSON.parse(make(occasion(sequence))) as unknown)
}

const occasion = (sequence: number): Occasion => ({ sequence, random: () => 0.5 })

describe('a payload', () => {
  it('is the text itself, byte for byte', async () => {
    const make = await compilePayload(parsePayloadOption('{ "a" : {"b":1}}'))
    expect(make(occasion(7))).toBe('{ "a" : {"b":1}}')
  })

  it('has its placeholders filled in', async () => {
    const template = '{"id":"{{uuid}}","n":{{ sequence }},"at":"{{now}}","x":{{random -5 5}}}'
    expect(await made(template, [7])).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        n: 7,
        at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        x: 0,
      },
    ])
  })

  it('comes from the lines of a file in turn, templates too', async () => {
    expect(await made(file('all.jsonl', '{"a":1}\n\n{"b":{{sequence}}}\n'), [0, 1, 2])).toEqual([
      { a: 1 },
      { b: 1 },
      { a: 1 },
    ])
  })

  it('is made by a module', async () => {
    const module = file('make.mjs', 'export const payload = ({ sequence, random }) => ({ sequence, half: random() })')
    expect(await made(module, [3])).toEqual([{ sequence: 3, half: 0.5 }])
  })

  it('is refused when it is not JSON, with what it became', () => {
    expect(() => parsePayloadOption('{"a":{{uuid}}}')).toThrow('is not JSON')
    expect(() => parsePayloadOption('{"a":"{{user}}"}')).toThrow('`{{user}}` is no placeholder')
    expect(() => parsePayloadOption('{"a":{{random 9 1}}}')).toThrow('`{{random 9 1}}` has no numbers')
    expect(() => parsePayloadOption(file('empty.jsonl', '\n'))).toThrow('has no payloads')
    expect(() => parsePayloadOption('@/does/not/exist.json')).toThrow('cannot be read')
  })

  it.each([
    ['none.mjs', 'export const other = 1', 'none.mjs` exports no function `payload`'],
    ['broken.mjs', 'export const', 'broken.mjs` cannot be loaded: '],
    ['throws.mjs', 'export const payload = () => { throw new Error("boom") }', 'for sequence 0: boom'],
    ['late.mjs', 'export const payload = async () => 1', 'for sequence 0: it answers a promise'],
    ['big.mjs', 'export const payload = () => 1n', 'for sequence 0: Do not know how to serialize a BigInt'],
  ])('is refused when its module %s is no good', async (name, code, message) => {
    const source = parsePayloadOption(file(name, code))
    await expect(requirePayload(source)).rejects.toThrow(message)
  })

  it('is refused when its module is not there', async () => {
    const message = '`/not/there.mjs` cannot be read'
    await expect(requirePayload(parsePayloadOption('@/not/there.mjs'))).rejects.toThrow(message)
  })
})
