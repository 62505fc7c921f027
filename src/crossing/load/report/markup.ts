/** Text in HTML and SVG: what came from elsewhere is escaped. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** `element('td', 'a < b', { class: 'n' })`; the content is markup already, attributes are not. */
export function element(
  name: string,
  content: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
): string {
  let text = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${key}="${escapeMarkup(typeof value === 'number' ? coordinate(value) : value)}"`
  }
  return `${text}>${content}</${name}>`
}

/** A table of cells that are text; those of the named columns are numbers. */
export function table(
  columns: readonly { readonly title: string; readonly isNumber?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const cells = (kind: 'th' | 'td', row: readonly string[]) =>
    element(
      'tr',
      columns
        .map(({ isNumber }, index) =>
          element(kind, escapeMarkup(row[index] ?? ''), { class: isNumber ? 'number' : undefined }),
        )
        .join(''),
    )
  const head = element(
    'thead',
    cells(
      'th',
      columns.map(({ title }) => title),
    ),
  )
  const body = element('tbody', rows.map((row) => cells('td', row)).join(''))
  return element('div', element('table', head + body), { class: 'scrolls' })
}

/** Short: a picture needs no more than hundredths of a pixel. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100)
}
