/** A report as one page that needs nothing else: its style is in it, there is no script, and nothing is loaded. Pure. */
import { element, escapeMarkup, textElement } from './markup.ts'

export interface ReportPage {
  readonly title: string
  /** What this report has beyond the style of all. */
  readonly style: string
  /** Markup, in the order of the page. */
  readonly sections: readonly string[]
}

export function reportPage({ title, style, sections }: ReportPage): string {
  const meta =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`
  const head = `${meta}<title>${escapeMarkup(title)}</title><style>${STYLE}${style}</style>`
  return `<!doctype html><html lang="en"><head>${head}</head><body><main>${sections.join('')}</main></body></html>\n`
}

export function section(title: string, content: string): string {
  return element('section', textElement('h2', title) + content)
}

export interface Tile {
  readonly value: string
  readonly name: string
  readonly class?: 'good' | 'bad'
}

/** The figures that matter most. */
export function tiles(figures: readonly Tile[]): string {
  const all = figures.map((tile) =>
    element('div', textElement('b', tile.value, { class: tile.class }) + textElement('span', tile.name), {
      class: 'tile',
    }),
  )
  return element('div', all.join(''), { class: 'tiles' })
}

/** Of every report, in the light and in the dark. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --quiet: #5d6878; --line: #dfe3e9; --paper: #ffffff; --raised: #f6f7f9;
  --good: #1a7f4b; --bad: #c0362c; --c1: #2f6fde; --c2: #e08a1e; --c3: #c0362c; --c4: #8b5cc9; --c5: #14868c; --c6: #b0468a; --c7: #7a6a2b; --c8: #79808c; --c9: #b4bac4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #98a2b3; --line: #323a46; --paper: #161a20; --raised: #1e242c;
  --good: #4cc38a; --bad: #ff7d70; --c1: #6ea2ff; --c2: #f0ae55; --c3: #ff7d70; --c4: #b794f4; --c5: #4fc3c8; --c6: #e48ac3; --c7: #cbb86a; --c8: #98a2b3; --c9: #5d6878 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 900px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; line-height: 1.3; margin: 0 0 4px; overflow-wrap: anywhere } h2 { font-size: 18px; margin: 40px 0 10px }
p { margin: 4px 0 } .quiet { color: var(--quiet) } .good { color: var(--good) } .bad { color: var(--bad) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 10px; margin: 24px 0 }
.tile { background: var(--raised); border-radius: 8px; padding: 10px 12px }
.tile b { display: block; font-size: 20px; white-space: nowrap; font-variant-numeric: tabular-nums } .tile span { color: var(--quiet); font-size: 13px }
.scrolls { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word }
th { color: var(--quiet); font-weight: 500 } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
svg { display: block; width: 100%; height: auto }
`
