/** Tables whose columns line up, and text folded to a width. Colour codes take no room. */

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows of cells, padded; two spaces between columns, none after the last. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(visibleLength(title), ...rows.map((row) => visibleLength(row[index] ?? ''))),
  )
  const formatRow = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? ''
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - visibleLength(cell)))
        return align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  return [formatRow(columns.map(({ title }) => title)), ...rows.map(formatRow)]
}

/** Breaks text into lines of at most `width`: at spaces, and within words that are longer than a line. */
export function fold(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((part) => chunks(part, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines
}

function chunks(word: string, width: number): string[] {
  const parts: string[] = []
  for (let start = 0; start < word.length; start += width) parts.push(word.slice(start, start + width))
  return parts
}

// eslint-disable-next-line no-control-regex -- colour codes start with the escape character
const COLOUR_CODE = /\u001b\[[\d;]*m/g

export function visibleLength(text: string): number {
  return text.replace(COLOUR_CODE, '').length
}
