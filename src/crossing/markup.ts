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

/** `element('td', 'a &lt; b', { class: 'n' })`: the content is markup already, attributes are text. */
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

/** An element of nothing but text. */
export function textElement(
  name: string,
  text: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
): string {
  return element(name, escapeMarkup(text), attributes)
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
        .map(({ isNumber }, index) => textElement(kind, row[index] ?? '', { class: isNumber ? 'number' : undefined }))
        .join(''),
    )
  const head = cells(
    'th',
    columns.map(({ title }) => title),
  )
  const body = rows.map((row) => cells('td', row)).join('')
  return element('div', element('table', element('thead', head) + element('tbody', body)), { class: 'scrolls' })
}

/** Short: a picture needs no more than hundredths of a pixel. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100)
}
