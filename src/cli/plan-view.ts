/** Shows a capacity plan to a person: each limit with what is needed of it, grouped by what has the limit, and why. */
import { profileText } from '../crossing/load/profile-text.ts'
import { dollars } from '../crossing/plan/cost.ts'
import { functionTexts } from '../crossing/plan/function-text.ts'
import { number } from '../crossing/plan/limits/concurrency.ts'
import { LIMIT_NAMES } from '../crossing/plan/limits/names.ts'
import type { FunctionPlan, LimitVerdict, Plan } from '../crossing/plan/plan-data.ts'
import { assumedText, breaksText, isAssumed, markOf, unjudgedText, verdictText } from '../crossing/plan/verdict-text.ts'
import type { Output } from './terminal/output.ts'
import { fold, formatTable } from './terminal/table.ts'

/** Less than this the simulation and the formula are of one opinion. */
const NOTABLE_DIFFERENCE = 0.1

export function printPlan(plan: Plan, output: Output): void {
  output.line()
  output.line(`  ${output.paint('bold', profileText(plan.profile))}`)
  for (const fn of plan.functions) printFunction(fn, output)
  printLimits(plan.limits, output)
  for (const one of plan.unjudged) printFolded(`? ${unjudgedText(one)}`, { indent: 2, style: 'yellow' }, output)
  printCost(plan, output)
  for (const note of plan.notes) printFolded(`note: ${note}`, { indent: 2, style: 'yellow' }, output)
  output.line()
  printFolded(
    `${VERDICT_MARKS[plan.verdict]} ${verdictText(plan)}`,
    { indent: 2, style: VERDICT_STYLES[plan.verdict] },
    output,
  )
}

const VERDICT_MARKS = { holds: '✓', assumed: '?', breaks: '✗' } as const
const VERDICT_STYLES = { holds: 'green', assumed: 'yellow', breaks: 'red' } as const

const TONES = { quiet: 'dim', notable: 'yellow', bad: 'red' } as const

function printFunction(fn: FunctionPlan, output: Output): void {
  output.line(`  ${fn.arn}`)
  for (const { text, tone } of functionTexts(fn)) {
    printFolded(text, { indent: 6, ...(tone !== 'plain' && { style: TONES[tone] }) }, output)
  }
}

function printLimits(unordered: readonly LimitVerdict[], output: Output): void {
  const subjects = [...new Set(unordered.map(({ of }) => of))]
  const limits = subjects.flatMap((subject) => unordered.filter(({ of }) => of === subject))
  const right = (title: string) => ({ title, align: 'right' as const })
  const rows = limits.map((row) => [
    `${markOf(row)} ${LIMIT_NAMES[row.kind]}`,
    number(row.needed),
    number(row.limit),
    number(row.headroom),
    breaksText(row),
  ])
  const [heading = '', ...lines] = formatTable(
    [{ title: 'LIMIT' }, right('NEEDED'), right('LIMIT'), right('HEADROOM'), { title: 'BREAKS' }],
    rows,
  )
  output.line()
  output.line(output.paint('dim', `  ${heading}`))
  let subject: string | undefined
  for (const [index, line] of lines.entries()) {
    const row = limits[index]
    if (!row) continue
    if (row.of !== subject) printFolded(row.of, { indent: 2, style: 'bold' }, output)
    subject = row.of
    output.line(`  ${row.holds ? (isAssumed(row) ? output.paint('yellow', line) : line) : output.paint('red', line)}`)
    for (const text of reasons(row)) printFolded(text, { indent: 6, style: 'dim' }, output)
  }
}

function reasons(row: LimitVerdict): readonly string[] {
  const { formula, holds, cause, refused, raise, remark, firstSecond, aloneSecond } = row
  const differs = formula && difference(row, formula)
  const assumed = assumedText(row)
  return [
    ...(formula ? [formula.text] : []),
    ...(differs === undefined ? [] : [differs]),
    ...(remark === undefined ? [] : [remark]),
    ...(assumed === undefined ? [] : [assumed]),
    ...(holds || cause === undefined ? [] : [`${refused === undefined ? '' : `${number(refused)} × `}${cause}`]),
    ...(holds || aloneSecond === undefined || firstSecond === aloneSecond
      ? []
      : [
          firstSecond === undefined
            ? `hidden by other limits; alone it would be met at ${aloneSecond} s`
            : `alone it would be met at ${aloneSecond} s`,
        ]),
    ...(holds || !raise ? [] : [`remedy: ${raise.how}`]),
  ]
}

/** Where the formula and the simulation are not of one opinion, both are said. */
function difference(
  { needed, aloneSecond, kind }: LimitVerdict,
  formula: NonNullable<LimitVerdict['formula']>,
): string | undefined {
  const apart = Math.abs(formula.needed - needed) > NOTABLE_DIFFERENCE * Math.max(formula.needed, needed) + 1
  const otherTime = kind !== 'event-age' && formula.firstSecond !== aloneSecond
  if (!apart && !otherTime) return undefined
  const when = (second: number | undefined) => (second === undefined ? 'never' : `at ${second} s`)
  const parts = [
    ...(apart ? [`needed ${number(formula.needed)} by formula, ${number(needed)} by simulation`] : []),
    ...(otherTime ? [`met ${when(formula.firstSecond)} by formula, ${when(aloneSecond)} by simulation`] : []),
  ]
  return parts.join('; ')
}

function printCost({ cost, profile }: Plan, output: Output): void {
  const parts = (['requests', 'duration', 'init', 'logs', 'provisioned'] as const)
    .filter((part) => cost[part] >= DOLLARS_SHOWN_MIN)
    .map((part) => `${part} $${dollars(cost[part])}`)
  output.line()
  printFolded(
    `costs $${dollars(cost.total)} on AWS (${parts.join(', ')}); $${dollars(cost.perMonth)} a month if it never ends`,
    { indent: 2 },
    output,
  )
  const closed = profile.executor.endsWith('vus') ? '; as many invocations as the simulation made' : ''
  printFolded(
    `prices of ${cost.pricesRegion}, ${cost.pricesAsOf}, without the free tier; networks and what the callees call cost extra${closed}`,
    { indent: 2, style: 'dim' },
    output,
  )
}

/** Less would be shown as nothing. */
const DOLLARS_SHOWN_MIN = 0.000_05

function printFolded(
  text: string,
  { indent, style }: { readonly indent: number; readonly style?: Parameters<Output['paint']>[0] },
  output: Output,
): void {
  for (const line of fold(text, Math.max(40, output.columns - indent - 1))) {
    output.line(' '.repeat(indent) + (style === undefined ? line : output.paint(style, line)))
  }
}
