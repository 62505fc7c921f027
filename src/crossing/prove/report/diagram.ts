/** The diagram of a crossing: both accounts in their organization, Lambda between them, and the call as it was deployed. Pure. */
import { element, textElement } from '../../markup.ts'
import type { Landscape, Site } from '../landscape.ts'
import { drawArrowHead, drawBox, drawLine, drawMark, drawText, type Box } from './drawing.ts'
import { callAsDeployed, type CallAsDeployed, type Gate } from './gates.ts'
import { functionTitle, type ProofReport } from './report-data.ts'
import { drawSite, type SiteDrawing } from './site-drawing.ts'

/** Side by side, and one below the other for a narrow screen: the page's style shows one of them. */
const LAYOUTS = {
  wide: { width: 1100, pad: 20, column: 372, gap: 38 },
  tall: { width: 372, pad: 8, column: 356, gap: 46 },
} as const

type Layout = keyof typeof LAYOUTS

export function drawDiagram(report: ProofReport, landscape: Landscape): string {
  return drawLayout('wide', report, landscape) + drawLayout('tall', report, landscape)
}

function drawLayout(layout: Layout, report: ProofReport, landscape: Landscape): string {
  const { width, pad, column, gap } = LAYOUTS[layout]
  const { caller, callee } = landscape
  const organization = sharedOrganization(landscape)
  const parts: string[] = []
  const top = organization === undefined ? pad : ORGANIZATION_HEADING
  const frame = (site: Site, role: 'caller' | 'callee', y: number, x: number) => {
    const accountName = report.accounts.get(site.function.account)
    return drawSite(site, {
      x,
      y,
      width: column,
      place: placeOf(site, organization),
      role,
      ...(accountName !== undefined && { accountName }),
    })
  }
  const call = callAsDeployed(report, landscape)
  const left = frame(caller, 'caller', top, pad)
  const isWide = layout === 'wide'
  const lambdaFrame = isWide
    ? { x: pad + column + gap, y: top, width: width - 2 * (pad + column + gap) }
    : { x: pad, y: bottomOf(left.box) + gap, width: column }
  const gates = isLostBeforeLambda(left, call) ? LOST : (call?.gates ?? [])
  const lambda = drawLambda(landscape, gates, lambdaFrame, isWide ? arrivalY(left) : undefined)
  const right = isWide
    ? frame(callee, 'callee', top, width - pad - column)
    : frame(callee, 'callee', bottomOf(lambda.box) + gap, pad)
  parts.push(left.markup, right.markup, lambda.markup)
  const connect = isWide ? connectAcross : connectDown
  parts.push(connect({ left, right, lambda: lambda.box, call }))

  const bottom = Math.max(...[left, right, lambda].map(({ box }) => bottomOf(box)))
  const height = bottom + pad
  const frameBox =
    organization === undefined
      ? ''
      : drawBox({ x: 1, y: 1, width: width - 2, height: height - 2 }, 'organization') +
        drawText(`organization ${organization}`, { x: pad + 4, y: 13, width: width - 2 * pad }, HEADING).markup
  const title = diagramTitle(landscape, call)
  return element('svg', textElement('title', title) + frameBox + parts.join(''), {
    viewBox: `0 0 ${width} ${Math.ceil(height)}`,
    role: 'img',
    class: `diagram ${layout}`,
  })
}

const ORGANIZATION_HEADING = 42
const HEADING = { font: 'bold', size: 13.5 } as const
const PLAIN = { font: 'sans', size: 12, class: 'quiet' } as const
const SMALL = { font: 'sans', size: 11.5, class: 'quiet' } as const

const LOST: readonly Gate[] = [
  { side: 'lambda', title: 'not asked', reason: 'the call does not leave the VPC of the caller', passes: false },
]

/** Nobody is asked about a call that does not arrive. */
function isLostBeforeLambda({ exit }: SiteDrawing, call: CallAsDeployed | undefined): boolean {
  return (
    exit?.isOpen === false &&
    call?.outcome !== 'allowed' &&
    call?.gates.every(({ side }) => side === 'lambda') !== false
  )
}

function bottomOf({ y, height }: Box): number {
  return y + height
}

function arrivalY({ functionBox }: SiteDrawing): number {
  return functionBox.y + functionBox.height / 2
}

function sharedOrganization({ caller, callee }: Landscape): string | undefined {
  const id = caller.organization?.id
  return id !== undefined && id === callee.organization?.id ? id : undefined
}

/** The levels above the account; with the organization where the two accounts do not share one. */
function placeOf({ organization }: Site, shared: string | undefined): string {
  if (!organization) return ''
  const levels = organization.levels.length === 0 ? '' : `in ${organization.levels.join(' › ')}`
  return shared === undefined ? `organization ${organization.id} ${levels}`.trim() : levels
}

function diagramTitle({ caller, callee }: Landscape, call: CallAsDeployed | undefined): string {
  const outcome = call === undefined ? '' : `: ${call.outcome}`
  return `${functionTitle(caller.function)} in account ${caller.function.account} calls ${functionTitle(callee.function)} in account ${callee.function.account}${outcome}`
}

/** Lambda's API is in nobody's network: it asks the policies of both accounts, and runs the callee itself. */
function drawLambda(
  { callee }: Landscape,
  asked: readonly Gate[],
  { x, y, width }: Omit<Box, 'height'>,
  reachY: number | undefined,
): { readonly markup: string; readonly box: Box } {
  const inner = { x: x + 12, width: width - 24 }
  const parts: string[] = []
  let bottom = y + 12
  const write = (text: string, style: Parameters<typeof drawText>[2], indent = 0) => {
    const piece = drawText(text, { x: inner.x + indent, y: bottom, width: inner.width - indent }, style)
    parts.push(piece.markup)
    bottom += piece.height
  }
  write('AWS Lambda', HEADING)
  write(`Invoke in ${callee.function.region}, outside every VPC`, PLAIN)
  for (const [side, heading] of SIDES) {
    const gates = asked.filter((gate) => gate.side === side)
    if (gates.length === 0) continue
    bottom += 10
    write(heading, SMALL)
    bottom += 4
    for (const gate of gates) drawGate(gate)
  }
  const height = Math.max(bottom + 10 - y, reachY === undefined ? 0 : reachY + 24 - y)
  const box = { x, y, width, height }
  return { markup: drawBox(box, 'lambda') + parts.join(''), box }

  function drawGate({ title, reason, passes }: Gate): void {
    parts.push(drawMark({ x: inner.x + 8, y: bottom + 9 }, passes ? 'pass' : 'block'))
    write(title, { font: 'sans', size: 12.5, ...(passes ? {} : { class: 'bad' }) }, 24)
    write(reason, SMALL, 24)
    bottom += 6
  }
}

const SIDES: readonly (readonly [Gate['side'], string])[] = [
  ['caller', "asked of the caller's account"],
  ['callee', "asked of the callee's account"],
  ['lambda', 'about this call'],
]

/** Between the VPC and the way along its lower edge. */
const EXIT = 12

interface Connection {
  readonly left: SiteDrawing
  readonly right: SiteDrawing
  readonly lambda: Box
  readonly call: CallAsDeployed | undefined
}

/** The call does not get to Lambda, or Lambda does not let it through, or it arrives. */
function stages({ left, call }: Connection): { readonly toLambda: string; readonly toCallee: string } {
  const leaves = left.exit?.isOpen !== false
  const arrives = leaves && call?.outcome === 'allowed'
  return { toLambda: leaves ? 'call' : 'stopped', toCallee: arrives ? 'call' : 'stopped' }
}

function connectAcross(connection: Connection): string {
  const { left, right, lambda } = connection
  const { toLambda, toCallee } = stages(connection)
  const lambdaEnd = lambda.x + lambda.width
  const from = arrivalY(left)
  const calleeY = arrivalY(right)
  const outY = Math.min(bottomOf(lambda) - 16, calleeY)
  const target = { x: right.functionBox.x, y: calleeY }
  const middle = (lambdaEnd + right.box.x) / 2
  const parts: string[] = []
  if (left.exit) {
    const turn = (left.box.x + left.box.width + lambda.x) / 2
    const { x, y } = left.exit
    const points = [
      { x, y },
      { x, y: y + EXIT },
      { x: turn, y: y + EXIT },
      { x: turn, y: from },
      { x: lambda.x, y: from },
    ]
    parts.push(drawLine(points, toLambda))
  } else {
    const start = left.functionBox.x + left.functionBox.width
    parts.push(
      drawLine(
        [
          { x: start, y: from },
          { x: lambda.x, y: from },
        ],
        toLambda,
      ),
    )
  }
  parts.push(drawArrowHead({ x: lambda.x, y: from }, 'right', toLambda))
  const bend =
    outY === calleeY
      ? []
      : [
          { x: middle, y: outY },
          { x: middle, y: calleeY },
        ]
  parts.push(drawLine([{ x: lambdaEnd, y: outY }, ...bend, target], toCallee), drawArrowHead(target, 'right', toCallee))
  if (isStoppedByLambda(connection)) parts.push(drawMark({ x: lambdaEnd, y: outY }, 'block'))
  return parts.join('')
}

function connectDown(connection: Connection): string {
  const { left, right, lambda } = connection
  const { toLambda, toCallee } = stages(connection)
  const start = left.exit ?? {
    x: left.functionBox.x + left.functionBox.width - 24,
    y: bottomOf(left.functionBox),
  }
  const into = { x: start.x, y: lambda.y }
  const out = { x: right.functionBox.x + right.functionBox.width - 24, y: bottomOf(lambda) }
  const target = { x: out.x, y: right.functionBox.y }
  return [
    drawLine([start, into], toLambda),
    drawArrowHead(into, 'down', toLambda),
    drawLine([out, target], toCallee),
    drawArrowHead(target, 'down', toCallee),
    isStoppedByLambda(connection) ? drawMark(out, 'block') : '',
  ].join('')
}

function isStoppedByLambda({ left, call }: Connection): boolean {
  return left.exit?.isOpen !== false && call !== undefined && call.outcome !== 'allowed'
}
