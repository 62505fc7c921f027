/** One side of the diagram: account ⊃ VPC ⊃ subnet ⊃ interface, the function, and the way its calls take out of the VPC, hop by hop. Pure. */
import { TEST_INTERNET_HOST } from '../../../network/plan/addresses.ts'
import { hopName } from '../../../network/plan/verdict.ts'
import type { NetworkPath, Way } from '../../explain/network-path.ts'
import type { Site, SubnetSite, VpcSite } from '../landscape.ts'
import { drawArrowHead, drawBox, drawLine, drawMark, drawText, type Box, type Point } from './drawing.ts'
import { functionTitle } from './report-data.ts'
import { tellingHops } from './strip.ts'

export interface SiteFrame {
  readonly x: number
  readonly y: number
  readonly width: number
  /** As isthmus.yaml calls it. */
  readonly accountName?: string
  /** Beneath the account's name. */
  readonly place: string
  readonly role: 'caller' | 'callee'
}

export interface SiteDrawing {
  readonly markup: string
  readonly box: Box
  readonly functionBox: Box
  /** Where the crossing's call leaves the caller's VPC, and whether it does. */
  readonly exit?: Point & { readonly isOpen: boolean }
}

const PAD = 14
const GAP = 12
const TRUNK = 18
const STRONG = { font: 'bold', size: 13.5 } as const
const PLAIN = { font: 'sans', size: 12, class: 'quiet' } as const
const CODE = { font: 'mono', size: 11 } as const

export function drawSite(site: Site, frame: SiteFrame): SiteDrawing {
  const { x, y, width } = frame
  const inner = { x: x + PAD, width: width - 2 * PAD }
  const parts: string[] = []
  let bottom = y + PAD
  // The call comes in or goes out at the right where accounts are below each other.
  const heading = { x: inner.x, width: inner.width - 2 * TRUNK }
  const write = (text: string, style: Parameters<typeof drawText>[2]) => {
    const piece = drawText(text, { ...heading, y: bottom }, style)
    parts.push(piece.markup)
    bottom += piece.height
  }
  write(`account ${frame.accountName ?? ''}`.trim(), STRONG)
  write(site.function.account, CODE)
  if (frame.place !== '') write(frame.place, PLAIN)
  bottom += GAP

  const functionBox = drawFunction(site, frame.role, { ...inner, y: bottom }, parts)
  bottom = functionBox.y + functionBox.height + GAP * 1.5
  let exit: SiteDrawing['exit']
  if (site.vpc) {
    const vpc = drawVpc(site.vpc, frame.role, { ...inner, y: bottom, functionBox })
    parts.push(vpc.markup)
    bottom = vpc.bottom + (vpc.exit ? 2 * GAP : GAP)
    exit = vpc.exit
  }
  const box = { x, y, width, height: bottom - y }
  return { markup: drawBox(box, 'account') + parts.join(''), box, functionBox, ...(exit && { exit }) }
}

function drawFunction(
  { function: reference, vpc }: Site,
  role: SiteFrame['role'],
  { x, y, width }: Omit<Box, 'height'>,
  parts: string[],
): Box {
  const where =
    vpc === undefined
      ? "outside any VPC: in Lambda's own network"
      : role === 'callee'
        ? 'its own calls leave through the VPC; nobody enters by it'
        : 'its calls leave through the VPC'
  const text = { x: x + PAD, width: width - 2 * PAD }
  const title = drawText(`λ ${functionTitle(reference)}`, { ...text, y: y + 9 }, { ...STRONG, size: 15 })
  const sub = drawText(where, { ...text, y: y + 9 + title.height }, PLAIN)
  const box = { x, y, width, height: 18 + title.height + sub.height }
  parts.push(drawBox(box, 'function') + title.markup + sub.markup)
  return box
}

interface VpcFrame extends Omit<Box, 'height'> {
  readonly functionBox: Box
}

function drawVpc(
  vpc: VpcSite,
  role: SiteFrame['role'],
  frame: VpcFrame,
): { readonly markup: string; readonly bottom: number; readonly exit?: SiteDrawing['exit'] } {
  const { x, y, width, functionBox } = frame
  const trunkX = x + TRUNK
  const inner = { x: x + 2 * TRUNK, width: width - 2 * TRUNK - PAD }
  const parts: string[] = []
  const title = drawText('VPC', { ...inner, y: y + 10 }, { ...STRONG, size: 12.5 })
  const name = drawText(
    [vpc.id, ...vpc.cidrs].join(' '),
    { x: inner.x + 32, y: y + 11.5, width: inner.width - 32 },
    CODE,
  )
  parts.push(title.markup + name.markup)
  let bottom = y + 12 + Math.max(title.height, name.height) + 6

  const branches: number[] = []
  for (const subnet of vpc.subnets) {
    const drawn = drawSubnet(subnet, { ...inner, y: bottom })
    parts.push(drawn.markup)
    branches.push(drawn.interfaceY)
    bottom = drawn.bottom + 8
  }

  const path = role === 'caller' ? vpc.paths[0] : tellingPath(vpc.paths)
  const way = path && tellingWay(path)
  const kind = role === 'caller' ? 'call' : 'own'
  const start = { x: trunkX, y: functionBox.y + functionBox.height }
  const trunk: string[] = []
  let marks = ''
  let lastHop = branches.at(-1) ?? bottom
  let isOpen = true
  if (path && way) {
    const lane = drawLane(path, way, { ...inner, y: bottom, trunkX, role })
    parts.push(lane.markup)
    bottom = lane.bottom
    trunk.push(drawLine([start, { x: trunkX, y: lane.endY }], kind))
    lastHop = lane.endY
    isOpen = way.outcome === 'connects'
    marks = lane.marks
  } else {
    trunk.push(drawLine([start, { x: trunkX, y: lastHop }], kind))
  }
  for (const branchY of branches) {
    trunk.push(
      drawLine(
        [
          { x: trunkX, y: branchY },
          { x: inner.x + 10, y: branchY },
        ],
        `${kind} branch`,
      ),
    )
  }
  const box = { x, y, width, height: bottom + 4 - y }
  const exitPoint = { x: trunkX, y: bottom + 4 }
  let markup = drawBox(box, 'vpc') + parts.join('')
  let below = exitPoint.y
  if (path && role === 'callee') {
    const reached = drawReach(vpc.paths, { x: inner.x, y: below + 10, width: inner.width })
    markup += reached.markup
    const end = { x: trunkX, y: below + 24 }
    trunk.push(drawLine([{ x: trunkX, y: lastHop }, end], isOpen ? kind : 'stopped'))
    trunk.push(drawArrowHead(end, 'down', isOpen ? kind : 'stopped'))
    below = reached.bottom
  } else if (path) {
    trunk.push(drawLine([{ x: trunkX, y: lastHop }, exitPoint], isOpen ? kind : 'stopped'))
  }
  // Marks lie on the lines.
  markup += trunk.join('') + marks
  return { markup, bottom: below, ...(path && role === 'caller' && { exit: { ...exitPoint, isOpen } }) }
}

function drawSubnet(
  { id, cidr, interface: found }: SubnetSite,
  { x, y, width }: Omit<Box, 'height'>,
): { readonly markup: string; readonly bottom: number; readonly interfaceY: number } {
  const name = drawText(['subnet', id, cidr ?? ''].join(' '), { x: x + 10, y: y + 7, width: width - 20 }, CODE)
  const chip = { x: x + 10, y: y + 7 + name.height + 4, width: width - 20 }
  const label = drawText(
    found ? `ENI ${found.id} ${found.address}` : 'no interface of the function yet',
    { x: chip.x + 8, y: chip.y + 4, width: chip.width - 16 },
    CODE,
  )
  const chipHeight = label.height + 8
  const bottom = chip.y + chipHeight + 8
  const markup =
    drawBox({ x, y, width, height: bottom - y }, 'subnet') +
    name.markup +
    drawBox({ ...chip, height: chipHeight }, found ? 'interface' : 'interface none') +
    label.markup
  return { markup, bottom, interfaceY: chip.y + chipHeight / 2 }
}

interface LaneFrame extends Omit<Box, 'height'> {
  readonly trunkX: number
  readonly role: SiteFrame['role']
}

/** A mark for each hop that decided, with its rule beside it. */
function drawLane(
  { host, port }: NetworkPath,
  way: Way,
  { x, y, width, trunkX, role }: LaneFrame,
): { readonly markup: string; readonly marks: string; readonly bottom: number; readonly endY: number } {
  const title = role === 'caller' ? `the call, to ${host}:${port}` : `its own call, here to ${host}:${port}`
  const heading = drawText(title, { x, y: y + 4, width }, PLAIN)
  let markup = heading.markup
  let marks = ''
  let bottom = y + heading.height + 10
  let endY = bottom
  const hops = tellingHops(way)
  for (const hop of hops) {
    const isBlock = hop.decision !== 'pass'
    const name = drawText(hopName(hop), { x, y: bottom, width }, { ...CODE, class: isBlock ? 'bad' : '' })
    const reason = drawText(hop.reason, { x, y: bottom + name.height, width }, PLAIN)
    endY = bottom + 8
    marks += drawMark({ x: trunkX, y: endY }, isBlock ? 'block' : 'pass')
    markup += name.markup + reason.markup
    bottom += name.height + reason.height + 8
  }
  if (hops.length === 0) {
    const piece = drawText(way.text, { x, y: bottom, width }, PLAIN)
    endY = bottom + 8
    marks += drawMark({ x: trunkX, y: endY }, way.outcome === 'connects' ? 'pass' : 'block')
    markup += piece.markup
    bottom += piece.height + 8
  }
  return { markup, marks, bottom, endY }
}

/** Everywhere that the function's own calls were tried in thought. */
function drawReach(
  paths: readonly NetworkPath[],
  { x, y, width }: Omit<Box, 'height'>,
): { readonly markup: string; readonly bottom: number } {
  const heading = drawText('where its own calls get', { x, y, width }, PLAIN)
  let markup = heading.markup
  let bottom = y + heading.height + 4
  for (const { host, port, outcome } of paths) {
    const what = host === TEST_INTERNET_HOST.address ? ', as any address of the internet' : ''
    const name = drawText(`${host}:${port}${what}`, { x: x + 24, y: bottom, width: width - 24 }, CODE)
    markup += drawMark({ x: x + 8, y: bottom + 8 }, outcome === 'connects' ? 'pass' : 'block') + name.markup
    bottom += Math.max(name.height, 18) + 4
  }
  return { markup, bottom }
}

/** One that gets nowhere, before one that does: the last is the internet. */
function tellingPath(paths: readonly NetworkPath[]): NetworkPath | undefined {
  return [...paths].reverse().find(({ outcome }) => outcome !== 'connects') ?? paths.at(-1)
}

function tellingWay({ ways }: NetworkPath): Way | undefined {
  return ways.find(({ outcome }) => outcome !== 'connects') ?? ways[0]
}
