/** Responses that are passed on while the function writes them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { FunctionImage, InvocationResult } from '../../src/compute/compute.ts'
import { randomIds } from '../../src/core/ids.ts'
import { startGate } from '../sdk/lambda/gate.ts'
import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  harness = await createHarness()
})

afterAll(() => harness.close())

interface Streamed {
  readonly contentType: string | undefined
  readonly chunks: readonly string[]
  readonly result: InvocationResult
}

/** `readEveryMs`: a reader that takes one chunk, and for so long no other. `came` is told how many have come. */
async function stream(
  image: FunctionImage,
  event: object = {},
  { readEveryMs, came }: { readonly readEveryMs?: number; readonly came?: (count: number) => void } = {},
): Promise<Streamed> {
  const chunks: string[] = []
  let contentType: string | undefined
  const result = await harness.compute.invokeStream(
    image,
    {
      requestId: randomIds.uuid(),
      payload: Buffer.from(JSON.stringify(event)),
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:streaming',
      traceId: 'Root=1-65a00000-000000000000000000000000;Sampled=0',
    },
    {
      begin: (type) => void (contentType = type),
      write(chunk) {
        chunks.push(chunk.toString())
        came?.(chunks.length)
        return readEveryMs === undefined
      },
      drained: (proceed) => void setTimeout(proceed, readEveryMs),
    },
  )
  return { contentType, chunks, result }
}

const textOf = ({ chunks }: Streamed) => chunks.join('')

describe('a response', () => {
  it('comes in pieces as the function writes it, with its content type', async () => {
    const image = await harness.image('streaming', { handler: 'index.slowly' })
    // After each piece the function waits until that has come here.
    const gate = await startGate()
    const next = async () => {
      await gate.reached(1)
      gate.open()
      gate.shut()
    }
    const streamed = await stream(
      image,
      { count: 3, bytes: 5, gate: gate.url },
      { came: (count) => void (count <= 3 && next()) },
    )
    gate.close()
    expect(streamed.contentType).toBe('text/plain')
    expect(streamed.chunks).toEqual(['00000', '11111', '22222'])
    expect(streamed.result).toMatchObject({ payload: Buffer.alloc(0) })
    expect(streamed.result.functionError).toBeUndefined()
  })

  it('may be larger than one payload, and waits for a reader that is slow', async () => {
    const image = await harness.image('streaming', { handler: 'index.slowly', timeoutMs: 20_000 })
    const streamed = await stream(image, { count: 80, bytes: 100_000 }, { readEveryMs: 1 })
    expect(textOf(streamed)).toHaveLength(8_000_000)
    expect((await stream(image, { count: 1, bytes: 1 })).chunks).toHaveLength(1)
  })

  it('ends at 200 MB', async () => {
    const image = await harness.image('streaming', { handler: 'index.slowly', timeoutMs: 30_000 })
    const streamed = await stream(image, { count: 21, bytes: 10_000_000 })
    expect(textOf(streamed).length).toBeLessThanOrEqual(209_715_200)
    expect(JSON.parse(streamed.result.payload.toString())).toEqual({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (209715200 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    })
  })

  it('of a function that does not stream is one piece', async () => {
    const streamed = await stream(await harness.image('echo'), { some: 'event' })
    expect(streamed.chunks).toHaveLength(1)
    expect(JSON.parse(textOf(streamed))).toMatchObject({ event: { some: 'event' } })
  })

  it('that breaks off ends with the error', async () => {
    const late = await stream(await harness.image('streaming', { handler: 'index.failsLate' }))
    expect(textOf(late)).toBe('some bytes')
    expect(late.result.functionError).toBe('Unhandled')
    expect(JSON.parse(late.result.payload.toString())).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'half-way',
    })
    const early = await stream(await harness.image('streaming', { handler: 'index.failsEarly' }))
    expect(early.chunks).toEqual([])
    expect(JSON.parse(early.result.payload.toString())).toMatchObject({ errorMessage: 'before a byte' })
  })

  it('stops when the function runs out of time', async () => {
    const image = await harness.image('streaming', { handler: 'index.slowly', timeoutMs: 2000 })
    const streamed = await stream(image, { count: 100, bytes: 5, pauseMs: 50 })
    expect(streamed.chunks.length).toBeGreaterThan(1)
    expect(JSON.parse(streamed.result.payload.toString())).toMatchObject({ errorType: 'Sandbox.Timedout' })
    const count = streamed.chunks.length
    expect((await stream(image, { count: 2, bytes: 5 })).result.functionError).toBeUndefined()
    expect(streamed.chunks).toHaveLength(count)
  })
})
