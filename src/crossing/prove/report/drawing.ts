/** Pieces of a diagram as SVG: boxes, text that is folded to a width, lines that turn at right angles. Pure. */
import { coordinate, element, textElement } from '../../markup.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Piece {
  readonly markup: string
  readonly height: number
}

const LINE_HEIGHT = 1.4

export type Font = 'sans' | 'bold' | 'mono'

export interface TextStyle {
  readonly font: Font
  readonly size: number
  /** A class of the page's style. */
  readonly class?: string
}

/** Text from its top left corner on. */
export function drawText(text: string, { x, y, width }: Omit<Box, 'height'>, style: TextStyle): Piece {
  const { font, size } = style
  const lines = foldText(text, (line) => textWidth(line, font) * size <= width)
  const lineHeight = size * LINE_HEIGHT
  const markup = lines.map((line, index) =>
    textElement('text', line, {
      x,
      y: y + index * lineHeight + size,
      'font-size': size,
      class: `${font} ${style.class ?? ''}`.trim(),
    }),
  )
  return { markup: markup.join(''), height: lines.length * lineHeight }
}

/** As part of the size. Fonts differ: those of a wide one, since a line may be shorter than it could be, but not longer. */
function textWidth(text: string, font: Font): number {
  if (font === 'mono') return text.length * MONO_WIDTH
  let width = 0
  for (const character of text) {
    width += WIDTHS.find(([characters]) => characters.test(character))?.[1] ?? WIDE
  }
  return font === 'bold' ? width * BOLD : width
}

const MONO_WIDTH = 0.61
const BOLD = 1.12
const WIDE = 1
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!]/, 0.33],
  [/[ frt()[\]/-]/, 0.4],
  [/[a-ln-vx-z0-9_]/, 0.62],
  [/[A-LN-VX-Z]/, 0.72],
]

/** At spaces; a word that is longer than a line is cut, after a sign within it where there is one. */
export function foldText(text: string, fits: (line: string) => boolean): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (const [index, part] of cut(word, fits).entries()) {
      const longer = index > 0 || line === '' ? line + part : `${line} ${part}`
      if (fits(longer)) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = part
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** A word that fits on a line is left whole. */
function cut(word: string, fits: (line: string) => boolean): readonly string[] {
  if (fits(word)) return [word]
  const parts = word.match(/[^-:/.,]*[-:/.,]+|[^-:/.,]+$/g) ?? [word]
  return parts.flatMap((part) => (fits(part) ? [part] : Array.from(part)))
}

export function drawBox({ x, y, width, height }: Box, className: string): string {
  return element('rect', '', { x, y, width, height, rx: 8, class: className })
}

/** Through the points, with round corners. */
export function drawLine(points: readonly Point[], className: string): string {
  const [first, ...rest] = points
  if (!first) return ''
  let path = `M${at(first)}`
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? first
    const after = rest[index + 1]
    if (!after) {
      path += `L${at(point)}`
      continue
    }
    path += `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`
  }
  return element('path', '', { d: path, class: `way ${className}` })
}

const CORNER_RADIUS = 8

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const part = length === 0 ? 0 : Math.min(CORNER_RADIUS, length / 2) / length
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

function at({ x, y }: Point): string {
  return `${coordinate(x)} ${coordinate(y)}`
}

/** Its tip is at the point. */
export function drawArrowHead({ x, y }: Point, direction: 'right' | 'down', className: string): string {
  const d = direction === 'right' ? `M${at({ x, y })}l-9 -5v10z` : `M${at({ x, y })}l-5 -9h10z`
  return element('path', '', { d, class: `head ${className}` })
}

const RADIUS = 8

/** `pass`: it was let through here; `block`: here it ended. */
export function drawMark({ x, y }: Point, mark: 'pass' | 'block'): string {
  const sign = mark === 'pass' ? 'm-3.6 0.2l2.6 2.8l4.6 -5.6' : 'm-3.2 -3.2l6.4 6.4m0 -6.4l-6.4 6.4'
  const circle = element('circle', '', { cx: x, cy: y, r: RADIUS })
  return element('g', circle + element('path', '', { d: `M${at({ x, y })}${sign}` }), { class: `mark ${mark}` })
}
