/** The rows of a proof as a table: what was tried, what came, in AWS's words, and what decided. Pure. */
import { element, escapeMarkup, table, textElement } from '../../markup.ts'
import type { ProofRow } from '../proof-row.ts'
import type { CrossingProof } from '../prove.ts'
import { decisionOf, type ProofReport } from './report-data.ts'
import { decisionStrip, pathStrip } from './strip.ts'
import { LAYER_NAMES, layerReason } from './layer-names.ts'

/** A sign and a colour for each, so that neither is needed alone. */
export const OUTCOME_SIGNS: Readonly<Record<ProofRow['outcome'], { readonly sign: string; readonly class: string }>> = {
  allowed: { sign: '→', class: 'allowed' },
  denied: { sign: '⊘', class: 'denied' },
  'timed out': { sign: '…', class: 'timed-out' },
  refused: { sign: '⊗', class: 'refused' },
  failed: { sign: '!', class: 'failed' },
  skipped: { sign: '–', class: 'skipped' },
}

export interface TableRow {
  readonly proof: CrossingProof
  readonly row: ProofRow
}

export function proofTable(report: ProofReport, rows: readonly TableRow[]): string {
  const head = '<thead><tr><th></th><th>Tried</th><th>Came</th><th class="number">Time</th></tr></thead>'
  const body = rows.map((each) => rowMarkup(report, each)).join('')
  return element('table', head + element('tbody', body), { class: 'proof' })
}

function rowMarkup(report: ProofReport, { proof, row }: TableRow): string {
  const [sign, state, words] = row.outcome === 'skipped' ? SKIPPED : row.ok ? PROVED : FAILED
  // What is done within the row before is shown within it.
  const isStep = row.title.startsWith('  ')
  const mark = textElement('span', sign, { class: `verdict ${state}`, role: 'img', 'aria-label': words })
  const came = OUTCOME_SIGNS[row.outcome]
  const pill = textElement('span', `${came.sign} ${row.outcome}`, { class: `pill ${came.class}` })
  const expected =
    row.ok || row.outcome === row.expected ? '' : textElement('div', `expected ${row.expected}`, { class: 'note bad' })
  const restored =
    row.restored === undefined
      ? ''
      : textElement('div', row.restored ? 'restored' : 'NOT restored', {
          class: row.restored ? 'note quiet' : 'note bad',
        })
  const cells = [
    element('td', mark, { class: 'sign' }),
    element('td', triedMarkup(report, { proof, row }), { class: isStep ? 'tried step' : 'tried' }),
    element('td', pill + expected + restored, { class: 'came' }),
    textElement('td', row.durationMs === undefined ? '' : milliseconds(row.durationMs), { class: 'number time' }),
  ]
  return element('tr', cells.join(''), { class: row.ok ? undefined : 'not-ok' })
}

const PROVED = ['✓', 'ok', 'came out as expected'] as const
const FAILED = ['✗', 'wrong', 'did not come out as expected'] as const
const SKIPPED = ['–', 'skipped', 'skipped'] as const

function triedMarkup(report: ProofReport, { proof, row }: TableRow): string {
  const decided = decisionOf(report, proof, row)
  const parts = [textElement('div', row.title.trim(), { class: 'what' })]
  if (row.message !== undefined) {
    const code = row.error === undefined || row.error === 'Error' ? '' : `${textElement('b', row.error)} `
    parts.push(element('p', code + escapeMarkup(row.message), { class: 'says' }))
  }
  if (row.expectedMessage !== undefined) {
    parts.push(
      element('p', `${textElement('b', 'expected')} ${escapeMarkup(row.expectedMessage)}`, { class: 'says bad' }),
    )
  }
  if (row.reason !== undefined) parts.push(textElement('p', row.reason, { class: row.ok ? 'quiet' : 'bad' }))
  if (decided && hasDecided(proof, row, decided.decision.outcome)) parts.push(decisionStrip(decided.decision))
  if (row.path) parts.push(pathStrip(row.path))
  parts.push(unfolded(row, decided))
  return parts.join('')
}

/** A request may be permitted and fail of something else; that the network lets one through is not for policies to say. */
function hasDecided({ part }: CrossingProof, { outcome }: ProofRow, decided: string): boolean {
  return outcome === 'denied' ? decided !== 'allow' : outcome === 'allowed' && part !== 'network'
}

/** What the sentence leaves out: the very request, and each layer with its statement. */
function unfolded(row: ProofRow, decided: ReturnType<typeof decisionOf>): string {
  const facts: (readonly [string, string])[] = []
  if (decided) {
    facts.push(['action', decided.action], ['resource', decided.resource], ['decision', decided.decision.outcome])
    for (const layer of decided.decision.trace) {
      if (layer.outcome === undefined) continue
      const { statement, notes = [] } = layer
      const arn = statement?.policyArn === undefined ? '' : `, ${statement.policyArn}`
      facts.push([LAYER_NAMES[layer.layer], [`${layerReason(layer)}${arn}`, ...notes].join('; ')])
    }
  }
  if (row.requestId !== undefined && row.requestId !== '') facts.push(['request', row.requestId])
  if (row.answer !== undefined) facts.push(['answer', JSON.stringify(row.answer)])
  if (facts.length === 0) return ''
  const list = facts.map(([name, value]) => textElement('dt', name) + textElement('dd', value)).join('')
  const summary = textElement('summary', decided ? 'the decision' : 'the request')
  return element('details', summary + element('dl', list), { open: row.ok ? undefined : '' })
}

export function milliseconds(durationMs: number): string {
  if (durationMs >= 10_000) return `${(durationMs / 1000).toFixed(1)} s`
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
}

export function stacksTable({ stacks }: ProofReport): string {
  const rows = stacks.map(({ name, account, action, durationMs }) => [name, account, action, milliseconds(durationMs)])
  return table([{ title: 'Stack' }, { title: 'Account' }, { title: 'Done' }, { title: 'Time', isNumber: true }], rows)
}
