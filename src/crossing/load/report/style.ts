/** How plots look, beside the style of every report. */

export const STYLE = `
figure { margin: 26px 0 0; overflow-x: auto } figure svg { min-width: 560px } figcaption { font-weight: 600; margin-bottom: 4px }
.key { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: 14px; white-space: nowrap }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px } .beyond { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: 14px }
.grid { stroke: var(--line) } .label { fill: var(--quiet); font-size: 11px }
.end { text-anchor: end } .middle { text-anchor: middle } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
.limit { stroke: var(--bad); stroke-dasharray: 5 4 } .limit-name { fill: var(--bad) } .hover { fill: transparent } .hover:hover { fill: var(--ink); fill-opacity: .06 }
${Array.from({ length: 9 }, (_, index) => `i.c${index + 1} { background: var(--c${index + 1}) } .line.c${index + 1} { stroke: var(--c${index + 1}) } .column.c${index + 1} { fill: var(--c${index + 1}) }`).join('\n')}
@media print { .hover { display: none } figure { break-inside: avoid } }
`
