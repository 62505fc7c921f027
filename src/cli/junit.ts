/** Results as the JUnit XML that build servers read: one suite per file, one test case per policy case. */
import { failureLines, failureSummary } from './check-view.ts'
import type { CheckedFile } from './run-check.ts'

export function junitReport(files: readonly CheckedFile[]): string {
  const cases = files.flatMap((file) => file.cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="isthmus check" ${counts(cases)}>`,
    ...files.flatMap(({ path, cases: ofFile }) => [
      `  <testsuite name="${escape(path)}" ${counts(ofFile)}>`,
      ...ofFile.flatMap((each) => {
        const testcase = `<testcase name="${escape(each.policyCase.id)}" classname="${escape(path)}" file="${escape(path)}" line="${each.line}"`
        if (each.pass) return [`    ${testcase}/>`]
        const lines = failureLines(each, path, { paint: (_style, text) => text })
        return [
          `    ${testcase}>`,
          `      <failure message="${escape(failureSummary(each))}">${escape(lines.join('\n'))}</failure>`,
          '    </testcase>',
        ]
      }),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function counts(cases: readonly { readonly pass: boolean }[]): string {
  return `tests="${cases.length}" failures="${cases.filter(({ pass }) => !pass).length}" errors="0"`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** XML 1.0 has no way to write most control characters. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

function escape(text: string): string {
  return text.replace(UNWRITABLE, '\u{fffd}').replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
