/** Answers cut into pieces at every place there is. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { AnswerReader, headerOf, type HttpAnswer } from './http-answer.ts'

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

function plain(status: number, bytes: Buffer): Buffer {
  const head = `HTTP/1.1 ${status} X\r\nX-Amzn-RequestId: 1A\r\nContent-Length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

function chunked(bytes: Buffer, size: number, trailer: string): Buffer {
  const parts: Buffer[] = [Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')]
  for (let start = 0; start < bytes.length; start += size) {
    const chunk = bytes.subarray(start, start + size)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)])
}

function readAll(stream: Buffer, size: number): readonly HttpAnswer[] {
  const reader = new AnswerReader()
  const answers: HttpAnswer[] = []
  for (let start = 0; start < stream.length; start += size) {
    // A connection has one exchange at a time, so a piece never holds two answers' ends.
    const answer = reader.push(stream.subarray(start, start + size))
    if (answer) answers.push(answer)
  }
  return answers
}

it('reads an answer of any length, whatever pieces it comes in', () => {
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 80 }), (bytes, size) => {
      const [answer, ...more] = readAll(plain(200, bytes), size)
      expect(more).toEqual([])
      expect(answer).toMatchObject({ status: 200, keepsAlive: true })
      expect(answer?.body.equals(bytes)).toBe(true)
      expect(answer && headerOf(answer.head, 'x-amzn-requestid')).toBe('1A')
    }),
  )
})

it('reads an answer in chunks, with trailers or without', () => {
  fc.assert(
    fc.property(
      body,
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 80 }),
      fc.constantFrom('', 'x-a: b\r\n'),
      (bytes, chunkSize, size, trailer) => {
        const stream = Buffer.concat([chunked(bytes, chunkSize, trailer), plain(429, Buffer.from('{}'))])
        const cut = chunked(bytes, chunkSize, trailer).length
        const reader = new AnswerReader()
        const answers = [stream.subarray(0, cut), stream.subarray(cut)].flatMap((part) => {
          const found: HttpAnswer[] = []
          for (let start = 0; start < part.length; start += size) {
            const answer = reader.push(part.subarray(start, Math.min(part.length, start + size)))
            if (answer) found.push(answer)
          }
          return found
        })
        expect(answers.map(({ status }) => status)).toEqual([200, 429])
        expect(answers[0]?.body.equals(bytes)).toBe(true)
      },
    ),
  )
})

it('knows an answer without a body, and one that ends its connection', () => {
  expect(readAll(Buffer.from('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'), 7)).toMatchObject([
    { status: 204, keepsAlive: false },
  ])
})

it.each([
  'SSH-2.0-OpenSSH\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
])('refuses what is no answer: %j', (text) => {
  expect(() => readAll(Buffer.from(text), 1000)).toThrow(/answer/)
})
