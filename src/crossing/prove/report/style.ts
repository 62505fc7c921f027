/** How a proof's report looks, beyond the style of all reports. */

export const STYLE = `
main { max-width: 1140px }
dl.arns { margin: 0 0 14px } dl.arns dt, dl.arns dd { font-size: 13px }
.mono, .says, .strip b, dd { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; color: var(--quiet); font-size: 13px; margin: 8px 0 0; padding: 0; list-style: none }
.legend i { display: inline-block; width: 26px; border-top: 2.4px solid var(--c1); vertical-align: middle; margin-right: 7px }
.legend i.own { border-color: var(--c8); border-top-width: 1.8px } .legend i.stopped { border-color: var(--bad); border-top-style: dashed; border-top-width: 1.8px }

.diagram text { fill: var(--ink) } .diagram text.quiet { fill: var(--quiet) } .diagram text.bad { fill: var(--bad) }
.diagram .sans, .diagram .bold { font-family: system-ui, sans-serif } .diagram .bold { font-weight: 600 }
.diagram .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
.diagram rect { fill: none; stroke: var(--line); stroke-width: 1.2 }
.diagram .organization { stroke: var(--c9); stroke-dasharray: 6 5 } .diagram .account { fill: var(--raised); stroke: var(--c9) }
.diagram .function { fill: var(--paper); stroke: var(--c1); stroke-width: 1.8 } .diagram .lambda { fill: var(--paper); stroke: var(--c2); stroke-width: 1.8 }
.diagram .vpc { fill: var(--paper); stroke: var(--c4) } .diagram .subnet { fill: var(--raised); stroke: var(--c5) } .diagram .interface { fill: var(--paper); stroke: var(--c9) } .diagram .none { stroke-dasharray: 3 3 }
.way { fill: none; stroke-linecap: round } .way.call { stroke: var(--c1); stroke-width: 2.4 } .way.own { stroke: var(--c8); stroke-width: 1.8 } .way.branch { stroke-width: 1.4; stroke-dasharray: 1 4 }
.way.stopped { stroke: var(--bad); stroke-width: 1.8; stroke-dasharray: 4 5 } .head.call { fill: var(--c1) } .head.own { fill: var(--c8) } .head.stopped { fill: var(--bad) }
.mark circle { fill: var(--paper); stroke: var(--good); stroke-width: 1.6 } .mark path { fill: none; stroke: var(--good); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
.mark.block circle { fill: var(--bad); stroke: var(--bad) } .mark.block path { stroke: var(--paper); stroke-width: 2 }
.tall { display: none; max-width: 440px; margin: 0 auto }

.proof { table-layout: fixed } .proof th:nth-child(1) { width: 30px } .proof th:nth-child(3) { width: 128px } .proof th:nth-child(4) { width: 84px }
.proof td { padding: 10px 12px 10px 0 } .proof td:last-child, .proof th:last-child { padding-right: 8px }
.proof .not-ok { background: color-mix(in srgb, var(--bad) 7%, transparent) }
.verdict { display: inline-block; width: 20px; text-align: center; font-weight: 700 } .verdict.ok { color: var(--good) } .verdict.wrong { color: var(--bad) } .verdict.skipped { color: var(--quiet) }
.what { font-weight: 500 } .proof .step { padding-left: 22px } .note { font-size: 12.5px; margin: 4px 0 0 }
.says { font-size: 12.5px; line-height: 1.5; overflow-wrap: anywhere; margin: 4px 0 } .says:not(.bad) { color: var(--quiet) } .says b { color: var(--ink); font-weight: 600 }
.pill { display: inline-block; border: 1px solid; border-radius: 999px; padding: 0 9px; font-size: 12.5px; line-height: 20px; white-space: nowrap }
.pill.allowed { color: var(--c1) } .pill.denied { color: var(--c4) } .pill.timed-out { color: var(--c2) } .pill.refused { color: var(--c5) } .pill.failed { color: var(--bad) } .pill.skipped { color: var(--quiet) }
@media (prefers-color-scheme: light) { .pill.timed-out { color: #a65f0a } }
.strip { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; margin: 7px 0 4px; padding: 0; font-size: 12.5px; line-height: 1.4 }
.strip li { display: flex; gap: 6px; border: 1px solid var(--line); border-radius: 6px; padding: 3px 8px 3px 7px; background: var(--raised); max-width: 100%; min-width: 0 }
.strip li > span { min-width: 0; overflow-wrap: anywhere } .strip b { font-weight: 500; font-size: 12px } .strip span span { color: var(--quiet) } .strip.layers b { font-family: inherit; font-size: 12.5px }
.strip i { font-style: normal; font-weight: 700 } .strip .pass i { color: var(--good) } .strip .block i, .strip .deny i { color: var(--bad) }
.strip .block { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 9%, var(--paper)) } .strip .deny { border-color: var(--bad); border-style: dashed }
.way-to { font-size: 12.5px; margin: 6px 0 -3px }
details { font-size: 12.5px; margin-top: 2px } summary { color: var(--quiet); cursor: pointer; width: fit-content }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 14px; margin: 6px 0 4px } dt { color: var(--quiet) } dd { margin: 0; font-size: 12px; overflow-wrap: anywhere }

@media (max-width: 820px) { .wide { display: none } .tall { display: block } }
@media (max-width: 600px) {
  main { padding: 20px 14px 48px } h1 { font-size: 22px }
  .proof thead { display: none } .proof tr { display: grid; grid-template-columns: 26px minmax(0, 1fr) auto; border-bottom: 1px solid var(--line); padding: 10px 0 }
  .proof td { border: 0; padding: 0 } .proof .tried { grid-column: 2 / -1 } .proof .step { padding-left: 0 } .proof .came { grid-column: 2; margin-top: 6px } .proof .came .note { display: inline; margin-left: 8px } .proof .time { font-size: 12.5px; color: var(--quiet); align-self: end }
  dl { grid-template-columns: minmax(0, 1fr) } dd { margin-bottom: 4px } .tiles { grid-template-columns: 1fr 1fr }
}
@media print {
  :root { color-scheme: light } main { max-width: none; padding: 0 } .wide { display: block } .tall { display: none } body { font-size: 12px }
  h2 { font-size: 15px; margin-top: 24px; break-after: avoid } table, .pill { font-size: 12px } .says, .strip, .strip b, .strip.layers b, .note { font-size: 10.5px } .proof td { padding: 6px 10px 6px 0 }
  .tiles { grid-template-columns: repeat(4, 1fr); margin: 12px 0 } .proof th:nth-child(3) { width: 100px } .proof th:nth-child(4) { width: 64px }
  tr, .diagram { break-inside: avoid } details:not([open]) { display: none } * { print-color-adjust: exact }
}
`
