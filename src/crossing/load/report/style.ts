/** How the report looks, in the light and in the dark. */

export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --quiet: #5d6878; --line: #dfe3e9; --paper: #ffffff; --raised: #f6f7f9;
  --good: #1a7f4b; --bad: #c0362c; --c1: #2f6fde; --c2: #e08a1e; --c3: #c0362c; --c4: #8b5cc9; --c5: #14868c; --c6: #b0468a; --c7: #7a6a2b; --c8: #79808c; --c9: #b4bac4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #98a2b3; --line: #323a46; --paper: #161a20; --raised: #1e242c;
  --good: #4cc38a; --bad: #ff7d70; --c1: #6ea2ff; --c2: #f0ae55; --c3: #ff7d70; --c4: #b794f4; --c5: #4fc3c8; --c6: #e48ac3; --c7: #cbb86a; --c8: #98a2b3; --c9: #5d6878 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 900px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 18px; margin: 40px 0 10px }
p { margin: 4px 0 } .quiet { color: var(--quiet) } .good { color: var(--good) } .bad { color: var(--bad) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 10px; margin: 24px 0 }
.tile { background: var(--raised); border-radius: 8px; padding: 10px 12px }
.tile b { display: block; font-size: 20px; white-space: nowrap; font-variant-numeric: tabular-nums } .tile span { color: var(--quiet); font-size: 13px }
.scrolls { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word }
th { color: var(--quiet); font-weight: 500 } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
figure { margin: 26px 0 0 } figcaption { font-weight: 600; margin-bottom: 4px }
.key { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: 14px; white-space: nowrap }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px } .beyond { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: 14px }
svg { display: block; width: 100%; height: auto } .grid { stroke: var(--line) } .label { fill: var(--quiet); font-size: 11px }
.end { text-anchor: end } .middle { text-anchor: middle } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
.limit { stroke: var(--bad); stroke-dasharray: 5 4 } .limit-name { fill: var(--bad) } .hover { fill: transparent } .hover:hover { fill: var(--ink); fill-opacity: .06 }
${Array.from({ length: 9 }, (_, index) => `i.c${index + 1} { background: var(--c${index + 1}) } .line.c${index + 1} { stroke: var(--c${index + 1}) } .column.c${index + 1} { fill: var(--c${index + 1}) }`).join('\n')}
@media print { .hover { display: none } figure { break-inside: avoid } }
`
