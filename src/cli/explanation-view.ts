/** Shows an explanation to a person: the verdict, both accounts side by side, what stands in the way, and what to do about it. */
import type { BlockerView, CallExplanation, Fix, LayerView, Side, Verdict } from '../crossing/explain/explanation.ts'
import { hopName } from '../network/plan/verdict.ts'
import type { Output, Style } from './terminal/output.ts'
import { fold, visibleLength } from './terminal/table.ts'

interface View {
  readonly output: Output
  /** Account name → id. */
  readonly accounts: ReadonlyMap<string, string>
}

const VERDICTS: Readonly<Record<Verdict, { readonly style: Style; readonly text: string }>> = {
  allowed: { style: 'green', text: 'allowed' },
  denied: { style: 'red', text: 'denied' },
  fails: { style: 'red', text: 'permitted, and fails' },
  undecided: { style: 'yellow', text: 'undecided' },
}
const MARKS: Readonly<Record<LayerView['outcome'], readonly [Style, string]>> = {
  allow: ['green', '✓'],
  explicit_deny: ['red', '✗'],
  implicit_deny: ['red', '✗'],
  undecided: ['yellow', '?'],
  'not-applicable': ['dim', '–'],
}
const INDENT = '  '
const GAP = 4
/** Narrower than this, one account goes below the other. */
const COLUMN_CHARACTERS_MIN = 44

export function showExplanation(explanation: CallExplanation, view: View): void {
  showVerdict(explanation, view)
  showLayers(explanation, view)
  showNetwork(explanation, view)
  showBlockers(explanation, view)
  const { openings, facts, unread, evidence } = explanation
  const said = new Set(explanation.blockers.map(({ text }) => text))
  const news = facts.map(({ text }) => text).filter((text) => !said.has(text))
  showList('What to know', news, view)
  showList('What the grants open beyond this call', openings, view)
  showList(
    'Not read',
    unread
      .filter(({ leaves }) => leaves !== undefined || explanation.verdict === 'undecided')
      .map(
        ({ account, input, why, leaves }) =>
          `${input}${account === undefined ? '' : ` (account ${account})`}: ${why}${leaves === undefined ? '' : `; this leaves open ${leaves}`}`,
      ),
    view,
  )
  showList(
    'How this is known',
    evidence.map(({ how, outcome, detail, requestId }) => {
      const request = requestId === undefined || requestId === '' ? '' : ` (request ${requestId})`
      return `${how}: ${VERDICTS[outcome].text}. ${detail}${request}`
    }),
    view,
  )
}

function showVerdict({ verdict, call }: CallExplanation, { output }: View): void {
  const { style, text } = VERDICTS[verdict]
  output.line()
  output.line(
    `${INDENT}${output.paint([style, 'bold'].flat() as Style, text)}  ${call.action}${call.type === undefined ? '' : ` (${call.type})`}`,
  )
  output.line(`${INDENT}by  ${call.caller}`)
  output.line(`${INDENT}on  ${call.resource}`)
}

function showLayers({ call, layers }: CallExplanation, view: View): void {
  const { output } = view
  const width = Math.floor((output.columns - INDENT.length - GAP) / 2)
  const isNarrow = width < COLUMN_CHARACTERS_MIN
  const columns = (['caller', 'owner'] as const).map((side) =>
    sideLines(side, { call, layers }, isNarrow ? output.columns - INDENT.length : width, view),
  )
  output.line()
  if (isNarrow) {
    for (const line of columns.flat()) output.line(`${INDENT}${line}`)
    return
  }
  const [left = [], right = []] = columns
  for (let row = 0; row < Math.max(left.length, right.length); row++) {
    const cell = left[row] ?? ''
    const padding = ' '.repeat(Math.max(0, width - visibleLength(cell)) + GAP)
    output.line(`${INDENT}${cell}${padding}${right[row] ?? ''}`.trimEnd())
  }
}

function sideLines(
  side: Side,
  { call, layers }: Pick<CallExplanation, 'call' | 'layers'>,
  width: number,
  { output, accounts }: View,
): readonly string[] {
  const account = side === 'caller' ? call.callerAccount : call.resourceAccount
  const owner = call.action.startsWith('lambda:') ? "callee's" : "owner's"
  const whose = side === 'caller' ? "caller's" : owner
  const title =
    account === undefined
      ? `caller: ${call.caller === 'anonymous' ? 'anyone, unsigned' : 'an AWS service'}`
      : `${whose} account ${nameOfAccount(account, accounts)}`
  const own = layers.filter((layer) => layer.side === side)
  const titleWidth = Math.max(0, ...own.map((layer) => layer.title.length))
  const lines = own.flatMap((layer) => {
    const [style, mark] =
      layer.outcome === 'implicit_deny' && !layer.needed ? MARKS['not-applicable'] : MARKS[layer.outcome]
    const start = titleWidth + 4
    const [first = '', ...rest] = fold(layer.detail, Math.max(20, width - start))
    return [
      `${output.paint(style, mark)} ${layer.title.padEnd(titleWidth)}  ${output.paint('dim', first)}`,
      ...rest.map((line) => `${' '.repeat(start)}${output.paint('dim', line)}`),
    ]
  })
  return [output.paint('bold', title), ...lines]
}

function nameOfAccount(account: string, accounts: ReadonlyMap<string, string>): string {
  const name = [...accounts].find(([, id]) => id === account)?.[0]
  return name === undefined ? account : `${name} ${account}`
}

/** The way of the first environment that does not get through, or of any. */
function showNetwork({ network }: CallExplanation, { output }: View): void {
  const way = network?.ways.find(({ outcome }) => outcome !== 'connects') ?? network?.ways[0]
  if (network === undefined || way === undefined) return
  const from = way.subnetId === undefined ? '' : ` from ${way.subnetId}`
  output.line()
  output.line(`${INDENT}${output.paint('bold', `The way to ${network.host}:${network.port}${from}`)}`)
  for (const hop of way.hops) {
    const [style, mark] = MARKS[hop.decision === 'pass' ? 'allow' : 'explicit_deny']
    paragraph(`${hopName(hop)}: ${hop.reason}`, { indent: INDENT, label: mark, style }, output)
  }
}

function showBlockers({ blockers, fixes }: CallExplanation, view: View): void {
  const { output } = view
  if (blockers.length === 0) return
  output.line()
  output.line(
    `${INDENT}${output.paint('bold', blockers.length === 1 ? '1 thing stands in the way' : `${blockers.length} things stand in the way`)}`,
  )
  for (const [index, blocker] of blockers.entries()) {
    showBlocker(index, blocker, view)
    for (const fix of fixes.filter((candidate) => candidate.blocker === index)) showFix(fix, view)
  }
}

function showBlocker(
  index: number,
  { text, account, outcome, statements }: BlockerView,
  { output, accounts }: View,
): void {
  const where = account === undefined ? '' : `${nameOfAccount(account, accounts)}: `
  const number = `${index + 1}.`
  output.line()
  paragraph(`${where}${text}`, { indent: INDENT, label: number, style: 'red' }, output)
  for (const { policy, sid, index: position, mismatches } of outcome === 'implicit_deny' ? statements : []) {
    const name = `statement ${position + 1}${sid === undefined ? '' : ` (${sid})`} of ${policy}`
    paragraph(
      `${name}: ${mismatches.join('; ')}`,
      { indent: INDENT_OF_FIX, room: LABEL_CHARACTERS, label: 'near', style: 'dim' },
      output,
    )
  }
}

const INDENT_OF_FIX = '     '
/** `opens` and a space. */
const LABEL_CHARACTERS = 6
const FIX_LABELS: Readonly<Record<Fix['kind'], string>> = { needed: 'fix', alternative: 'or', tidying: 'tidy' }

function showFix({ kind, by, text, commands, opens }: Fix, { output }: View): void {
  paragraph(`${text} (${by})`, { indent: INDENT_OF_FIX, room: LABEL_CHARACTERS, label: FIX_LABELS[kind] }, output)
  // Never folded: a command is there to be copied.
  for (const { shell } of commands) {
    output.line(`${INDENT_OF_FIX}${' '.repeat(LABEL_CHARACTERS)}${output.paint('cyan', shell)}`)
  }
  for (const opening of opens) {
    paragraph(opening, { indent: INDENT_OF_FIX, room: LABEL_CHARACTERS, label: 'opens', style: 'dim' }, output)
  }
}

function showList(title: string, items: readonly string[], { output }: View): void {
  if (items.length === 0) return
  output.line()
  output.line(`${INDENT}${output.paint('bold', title)}`)
  for (const item of items) paragraph(item, { indent: INDENT, label: '-' }, output)
}

interface Paragraph {
  readonly indent: string
  readonly label: string
  /** Characters that the label takes before every line. */
  readonly room?: number
  readonly style?: Style
}

/** Folded text, with a label before its first line. */
function paragraph(text: string, { indent, label, room = label.length + 1, style }: Paragraph, output: Output): void {
  const lines = fold(text, Math.max(40, output.columns - indent.length - room))
  for (const [index, line] of lines.entries()) {
    const start = (index === 0 ? label : '').padEnd(room)
    output.line(`${indent}${start}${style === undefined ? line : output.paint(style, line)}`)
  }
}
