/** How an explanation looks on a terminal: two accounts side by side where there is room, colour only where somebody looks. */
import { PassThrough } from 'node:stream'

import { describe, expect, it } from 'vitest'

import type { CallExplanation } from '../crossing/explain/explanation.ts'
import { showExplanation } from './explanation-view.ts'
import { createOutput } from './terminal/output.ts'
import { visibleLength } from './terminal/table.ts'

const EXPLANATION: CallExplanation = {
  verdict: 'denied',
  call: {
    caller: 'arn:aws:iam::111122223333:role/r',
    callerAccount: '111122223333',
    action: 'lambda:InvokeFunction',
    resource: 'arn:aws:lambda:us-east-1:444455556666:function:f',
    resourceAccount: '444455556666',
  },
  evidence: [{ how: 'evaluated', outcome: 'denied', detail: 'the engine' }],
  layers: [
    {
      side: 'caller',
      account: '111122223333',
      layer: 'identity',
      title: 'identity policies',
      outcome: 'allow',
      needed: true,
      detail: 'allow: statement 1 of may-call',
      statements: [],
    },
    {
      side: 'owner',
      account: '444455556666',
      layer: 'resource',
      title: 'policy of f',
      outcome: 'implicit_deny',
      needed: true,
      detail: 'nothing allows the call',
      statements: [],
    },
  ],
  blockers: [],
  fixes: [],
  openings: [],
  facts: [],
  unread: [],
}

function shown(terminal: { readonly isTTY: boolean; readonly columns: number }): readonly string[] {
  const stream = Object.assign(new PassThrough(), terminal) as unknown as NodeJS.WriteStream
  const output = createOutput(stream, stream)
  showExplanation(EXPLANATION, { output, accounts: new Map([['source', '111122223333']]) })
  return String((stream as unknown as PassThrough).read()).split('\n')
}

describe('showExplanation', () => {
  it('puts the accounts side by side, aligned', () => {
    const lines = shown({ isTTY: false, columns: 0 })
    const titles = lines.find((line) => line.includes("caller's account source 111122223333")) ?? ''
    const layers = lines.find((line) => line.includes('✓ identity policies')) ?? ''
    expect(titles.indexOf("callee's account 444455556666")).toBe(layers.indexOf('✗ policy of f'))
  })

  it('puts one below the other where there is no room', () => {
    const lines = shown({ isTTY: true, columns: 80 })
    expect(lines.some((line) => line.includes('identity policies') && line.includes('policy of f'))).toBe(false)
    expect(lines.every((line) => visibleLength(line) <= 80)).toBe(true)
  })

  it('has no colour where nobody looks', () => {
    expect(shown({ isTTY: false, columns: 0 }).join('')).not.toContain('\u001b')
  })
})
