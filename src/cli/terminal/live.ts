/** A few lines at the bottom of a terminal that are drawn anew in place. */

export interface LiveArea {
  /** Replaces what was drawn last. */
  draw(lines: readonly string[]): void
  /** Takes it off the screen. */
  clear(): void
}

const CURSOR_UP = (lines: number) => (lines > 0 ? `\u001b[${lines}A` : '')
const ERASE_LINE_END = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Lines must not be longer than the terminal is wide. */
export function createLiveArea(stream: Pick<NodeJS.WriteStream, 'write'>): LiveArea {
  let height = 0
  return {
    draw(lines) {
      const text = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('')
      stream.write(`${CURSOR_UP(height)}${text}${ERASE_BELOW}`)
      height = lines.length
    },
    clear() {
      if (height > 0) stream.write(`${CURSOR_UP(height)}${ERASE_BELOW}`)
      height = 0
    },
  }
}

const LEVELS = '▁▂▃▄▅▆▇█'

/** The last `width` values as bars of one line; the highest of them is a full one. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const peak = Math.max(...shown, 0)
  return shown
    .map((value) => LEVELS[peak === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor((value / peak) * LEVELS.length))])
    .join('')
}
