/**
 * Writes docs/fidelity.md: every deliberate difference from AWS, collected from the FIDELITY comments in the sources, and the operations
 * that are implemented. Run with `npx tsx scripts/list-fidelity.ts`; a test fails when the page is not up to date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { operationSections } from './list-operations.ts'

const ROOT = resolve(import.meta.dirname, '..')
const PAGE = join(ROOT, 'docs', 'fidelity.md')

const INTRODUCTION = `# Fidelity

Where Isthmus deliberately differs from AWS, or had to decide because AWS has not documented it. The page is generated from the \`FIDELITY:\`
comments in the sources by \`npx tsx scripts/list-fidelity.ts\`: change it there.
`

export async function fidelityPage(): Promise<string> {
  const differences = sourceFiles()
    .map((path) => ({ path, remarks: remarksOf(readFileSync(join(ROOT, path), 'utf8')) }))
    .filter(({ remarks }) => remarks.length > 0)
  const lines = differences.flatMap(({ path, remarks }) => remarks.map((remark) => `- \`${path}\`: ${remark}`))
  return [INTRODUCTION, '## Differences\n', ...lines, '', await operationSections()].join('\n')
}

function sourceFiles(): readonly string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join('src', path))
    .sort()
}

/** The text from the mark to the end of its comment, on one line. */
function remarksOf(source: string): readonly string[] {
  const comments = [
    ...[...source.matchAll(/\/\*\*?([\s\S]*?)\*\//g)].map((match) => (match[1] ?? '').replace(/^\s*\* ?/gm, '')),
    ...[...source.matchAll(/(?:^[ \t]*\/\/.*\n)+/gm)].map((match) => match[0].replace(/^\s*\/\/ ?/gm, '')),
  ]
  return comments.flatMap((comment) => {
    const start = comment.indexOf('FIDELITY:')
    return start < 0
      ? []
      : [
          comment
            .slice(start + 'FIDELITY:'.length)
            .replace(/\s+/g, ' ')
            .trim(),
        ]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, await fidelityPage())
