/** Shows a proof to a person as it happens, or to a machine as one JSON object at the end. */
import type { Crossing } from '../crossing/crossing.ts'
import type { DeployedStack } from '../crossing/prove/deploy.ts'
import type { ProofRow } from '../crossing/prove/proof-row.ts'
import type { CrossingProof, ProofPart } from '../crossing/prove/prove.ts'
import type { Output } from './terminal/output.ts'
import { fold } from './terminal/table.ts'

export interface ProofView {
  note(text: string): void
  step(text: string, durationMs: number): void
  stack(stack: DeployedStack): void
  crossing(crossing: Crossing, part: ProofPart): void
  row(row: ProofRow): void
  summary(run: ProofRun): void
}

export interface ProofRun {
  readonly proofs: readonly CrossingProof[]
  /** It was stopped before everything was tried. */
  readonly interrupted: boolean
  readonly durationMs: number
}

export interface ProofCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const TITLE_WIDTH = 58
const RESULT_WIDTH = 9
const INDENT = '      '

export function createProofView(output: Output, json: boolean): ProofView {
  return json ? createJsonView(output) : createPersonView(output)
}

const MARKS = { ok: ['green', '✓'], failed: ['red', '✗'], skipped: ['yellow', '–'] } as const

function createJsonView(output: Output): ProofView {
  const stacks: DeployedStack[] = []
  const nothing = () => undefined
  return {
    note: (text) => output.note(`isthmus: ${text}`),
    step: nothing,
    stack: (stack) => stacks.push(stack),
    crossing: nothing,
    row: nothing,
    summary: ({ proofs, interrupted, durationMs }) => {
      const counts = countRows(proofs)
      output.line(
        JSON.stringify({
          ok: counts.failed === 0 && counts.passed > 0 && !interrupted,
          ...(interrupted && { interrupted }),
          ...counts,
          durationMs: Math.round(durationMs),
          stacks,
          crossings: proofs,
        }),
      )
    },
  }
}

function createPersonView(output: Output): ProofView {
  const paint: Output['paint'] = (style, text) => output.paint(style, text)
  /** Of the rows shown last: a heading comes where it changes. */
  let group: 'calls' | 'withdrawals' | 'grants' | 'network' | undefined

  const done = (text: string, durationMs: number) => {
    output.line(`  ${paint('green', '✓')} ${text.padEnd(TITLE_WIDTH + RESULT_WIDTH + 1)} ${milliseconds(durationMs)}`)
  }
  const heading = (next: typeof group, text: string) => {
    if (group === next) return
    group = next
    output.line()
    output.line(`  ${paint('bold', text)}`)
  }

  return {
    note: (text) => output.note(paint('dim', `  ${text}`)),
    step: done,
    stack: ({ name, account, action, durationMs }) => {
      done(`stack ${name} ${action} in ${account}`, durationMs)
    },
    crossing: ({ from, to, type, by }, part) => {
      const callee = to.qualifier === undefined ? to.name : `${to.name}:${to.qualifier}`
      if (part === 'call') {
        heading('calls', `${from.name} in ${from.account} calls ${callee} in ${to.account}`)
        const maker =
          by === 'code'
            ? `the code of ${from.name} with its execution role's session`
            : `a session of ${from.name}'s execution role`
        output.line(paint('dim', `${INDENT}${type}, made by ${maker}`))
      }
      if (part === 'network') heading('network', 'What the network lets through')
    },
    row: (row) => {
      const isCall = row.id === 'call-sync' || row.id === 'call-async'
      const isPermission = !isCall && group !== 'network'
      if (isPermission && row.expected === 'denied' && group !== 'grants') {
        heading(
          'withdrawals',
          'Each permission taken away in turn: the call fails, and works again once it is restored',
        )
      }
      if (isPermission && (row.expected === 'allowed' || group === 'grants')) {
        heading('grants', 'Each kind of grant, alone')
      }
      const [style, mark] = MARKS[row.outcome === 'skipped' ? 'skipped' : row.ok ? 'ok' : 'failed']
      const time = row.durationMs === undefined ? '' : milliseconds(row.durationMs)
      const judged = row.evidence === 'evaluated' ? paint('yellow', '  modelled') : ''
      const after = row.restored === undefined ? '' : row.restored ? '  restored' : paint('red', '  NOT restored')
      output.line(
        `  ${paint(style, mark)} ${row.title.padEnd(TITLE_WIDTH)} ${row.outcome.padEnd(RESULT_WIDTH)} ${time}${after}${judged}`,
      )
      for (const line of details(row, output)) output.line(paint('dim', INDENT + line))
    },
    summary: ({ proofs, interrupted, durationMs }) => {
      const { passed, failed, skipped } = countRows(proofs)
      const rest = `${skipped > 0 ? `, ${skipped} skipped` : ''}${interrupted ? ', interrupted' : ''}`
      const text = `${passed} proved, ${failed} failed${rest} in ${(durationMs / 1000).toFixed(1)} s`
      output.line()
      output.line(`  ${failed > 0 || passed === 0 || interrupted ? paint('red', text) : paint('green', text)}`)
    },
  }
}

function details(row: ProofRow, output: Output): readonly string[] {
  const width = Math.max(40, output.columns - INDENT.length)
  const lines: string[] = []
  const request = row.requestId === undefined || row.requestId === '' ? '' : `request ${row.requestId}`
  const told = `${row.error}: ${row.message}${request === '' ? '' : ` (${request})`}`
  if (row.message !== undefined) lines.push(...fold(told, width))
  else if (request !== '') lines.push(request)
  if (row.answer !== undefined) lines.push(...fold(`answered ${JSON.stringify(row.answer)}`, width))
  if (row.expectedMessage !== undefined) lines.push(...fold(`expected: ${row.expectedMessage}`, width))
  if (row.reason !== undefined) lines.push(...fold(row.reason, width))
  return lines
}

export function countRows(proofs: readonly CrossingProof[]): ProofCounts {
  const rows = proofs.flatMap((proof) => proof.rows)
  return {
    passed: rows.filter(({ ok, outcome }) => ok && outcome !== 'skipped').length,
    failed: rows.filter(({ ok }) => !ok).length,
    skipped: rows.filter(({ outcome }) => outcome === 'skipped').length,
  }
}

function milliseconds(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`.padStart(9)
}
