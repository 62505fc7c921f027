/** What goes to the terminal: text on stdout for results, stderr for progress; colour only where a person is looking. */
import { styleText } from 'node:util'

import { createLiveArea, type LiveArea } from './live.ts'

export type Style = Parameters<typeof styleText>[0]

export interface Output {
  /** A line of the result. */
  line(text?: string): void
  /** A line about what is going on; never part of the result. */
  note(text: string): void
  /** Colours the text when stdout is a terminal. */
  paint(style: Style, text: string): string
  readonly columns: number
  readonly interactive: boolean
  /** On stderr, where a person looks at it. */
  readonly live?: LiveArea
}

const COLUMNS_WITHOUT_TERMINAL = 120

export function createOutput(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Output {
  const interactive = stdout.isTTY
  const colour = interactive && process.env['NO_COLOR'] === undefined
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  return {
    line: (text = '') => {
      stdout.write(`${text}\n`)
    },
    note: (text) => {
      stderr.write(`${text}\n`)
    },
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
    columns: interactive ? stdout.columns : COLUMNS_WITHOUT_TERMINAL,
    interactive,
    ...(stderr.isTTY && { live: createLiveArea(stderr) }),
  }
}

/** `| head` stops reading when it has enough: the command goes on in silence, since it may have permissions to put back. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
