/** A proof as one page: the diagram of both accounts, the table of what was tried, and what decided about each call. Pure. */
import { element, escapeMarkup, textElement } from '../../markup.ts'
import { reportPage, section, tiles } from '../../report-page.ts'
import type { Landscape } from '../landscape.ts'
import type { CrossingProof } from '../prove.ts'
import { drawDiagram } from './diagram.ts'
import { proofTable, stacksTable, type TableRow } from './proof-table.ts'
import { functionTitle, isPair, type ProofReport } from './report-data.ts'
import { STYLE } from './style.ts'

export function proofPage(report: ProofReport): string {
  const title = titleOf(report)
  return reportPage({
    title,
    style: STYLE,
    sections: [
      head(report, title),
      figures(report),
      ...report.landscapes.map((landscape) => crossingSections(report, landscape)),
      report.stacks.length === 0 ? '' : section('Deployed', stacksTable(report)),
      howSection(report),
    ],
  })
}

function titleOf({ landscapes, proofs }: ProofReport): string {
  const [only, ...others] = landscapes
  if (!only) return 'Proof'
  if (others.length > 0) return `Proof of ${proofs.filter(({ part }) => part === 'call').length} crossings`
  return `Proof of ${functionTitle(only.caller.function)} → ${functionTitle(only.callee.function)}`
}

function head(report: ProofReport, title: string): string {
  const { endpoint, region, startedAt, interrupted } = report
  const { passed, failed } = countOf(report)
  const where = endpoint === undefined ? `on AWS in ${region}` : `on Isthmus at ${endpoint}`
  const isProved = failed === 0 && passed > 0 && !interrupted
  const verdict = isProved
    ? 'Everything came out as expected'
    : failed > 0
      ? `${failed} of ${passed + failed} did not come out as expected`
      : 'Not everything was tried'
  return [
    textElement('h1', title),
    textElement('p', `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${where}`, { class: 'quiet' }),
    textElement('p', verdict, { class: isProved ? 'good' : 'bad' }),
    interrupted ? textElement('p', 'Interrupted before everything was tried', { class: 'bad' }) : '',
  ].join('')
}

function figures(report: ProofReport): string {
  const { passed, failed, skipped } = countOf(report)
  return tiles([
    { value: String(passed), name: 'proved', ...(passed > 0 && { class: 'good' as const }) },
    { value: String(failed), name: 'failed', ...(failed > 0 && { class: 'bad' as const }) },
    { value: String(skipped), name: 'skipped' },
    { value: `${(report.durationMs / 1000).toFixed(1)} s`, name: 'in all' },
  ])
}

function countOf({ proofs }: ProofReport) {
  const rows = proofs.flatMap((proof) => proof.rows)
  return {
    passed: rows.filter(({ ok, outcome }) => ok && outcome !== 'skipped').length,
    failed: rows.filter(({ ok }) => !ok).length,
    skipped: rows.filter(({ outcome }) => outcome === 'skipped').length,
  }
}

function crossingSections(report: ProofReport, landscape: Landscape): string {
  const { caller, callee, unread } = landscape
  const proofs = report.proofs.filter((proof) => isPair(proof, landscape))
  const ends = [
    ['caller', caller.function.arn],
    ['callee', callee.function.arn],
  ] as const
  const arns = ends.map(([name, arn]) => textElement('dt', name) + textElement('dd', arn)).join('')
  const left = unread.length === 0 ? '' : textElement('p', `Not read: ${unread.join('; ')}`, { class: 'quiet' })
  const diagram = element('dl', arns, { class: 'arns' }) + drawDiagram(report, landscape) + legend() + left
  const groups = groupsOf(proofs).map(({ title, rows }) => section(title, proofTable(report, rows)))
  return section('As deployed', diagram) + groups.join('')
}

function legend(): string {
  const entries = [
    ['call', 'the call'],
    ['own', "the function's own calls"],
    ['stopped', 'where nothing arrives any more'],
  ] as const
  const items = entries.map(([name, text]) => element('li', `<i class="${name}"></i>${escapeMarkup(text)}`))
  return element('ul', items.join(''), { class: 'legend' })
}

interface Group {
  readonly title: string
  readonly rows: readonly TableRow[]
}

function groupsOf(proofs: readonly CrossingProof[]): readonly Group[] {
  const of = (part: CrossingProof['part']) =>
    proofs.filter((proof) => proof.part === part).flatMap((proof) => proof.rows.map((row) => ({ proof, row })))
  const permissions = of('permissions')
  // The withdrawals come first; among the grants is one that is to be denied.
  const firstGrant = permissions.findIndex(({ row }) => row.expected === 'allowed')
  const end = firstGrant < 0 ? permissions.length : firstGrant
  const maker = proofs[0]?.by === 'code' ? "the caller's own code" : "a session of the caller's execution role"
  return [
    { title: `The call, made by ${maker}`, rows: of('call') },
    {
      title: 'Each permission taken away in turn: the call fails, and works again once it is restored',
      rows: permissions.slice(0, end),
    },
    { title: 'Each kind of grant, alone', rows: permissions.slice(end) },
    { title: 'What the network lets through', rows: of('network') },
  ].filter(({ rows }) => rows.length > 0)
}

function howSection({ endpoint, modelled, proofs }: ProofReport): string {
  const hasNetwork = proofs.some(({ part }) => part === 'network')
  const lines = [
    "Every call was really made: by the execution role of the caller, or by the service that was granted. AWS's sentences are compared word for word.",
    "Organization, accounts and networks were read through AWS's own APIs before anything was changed; a way through the network is judged from what EC2 described when the call was made.",
    endpoint === undefined
      ? 'Which layer and which statement decided is not told by AWS beyond its sentence; `isthmus explain` works it out.'
      : 'Which layer and which statement decided is what Isthmus recorded of each request.',
    ...(modelled === undefined ? [] : [`No packets were carried, calls to AWS were judged instead: ${modelled}.`]),
    ...(hasNetwork
      ? [
          "The networks of the proof were made for it and are removed again; a function of the proof's own beside the callee makes the callee's calls to the internet.",
        ]
      : []),
  ]
  return section('How this was shown', lines.map((line) => textElement('p', line, { class: 'quiet' })).join(''))
}
