/**
 * Writes docs/fidelity.md: every deliberate difference from AWS, collected from the FIDELITY comments in the sources, and the operations
 * that are implemented. Run with `npx tsx scripts/list-fidelity.ts`; a test fails when the page is not up to date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(import.meta.dirname, '..')
const PAGE = join(ROOT, 'docs', 'fidelity.md')

const INTRODUCTION = `# Fidelity

Where Isthmus deliberately differs from AWS, or had to decide because AWS has not documented it. The page is generated from the \`FIDELITY:\`
comments in the sources by \`npx tsx scripts/list-fidelity.ts\`: change it there.
`

/** Folder of \`src/services\` → how AWS calls the service. */
const SERVICES: Readonly<Record<string, string>> = {
  cloudformation: 'CloudFormation',
  cloudtrail: 'CloudTrail',
  cloudwatch: 'CloudWatch',
  events: 'EventBridge',
  iam: 'IAM',
  lambda: 'Lambda',
  logs: 'CloudWatch Logs',
  organizations: 'Organizations',
  sns: 'SNS',
  sqs: 'SQS',
  sts: 'STS',
}

export function fidelityPage(): string {
  const differences = sourceFiles()
    .map((path) => ({ path, remarks: remarksOf(readFileSync(join(ROOT, path), 'utf8')) }))
    .filter(({ remarks }) => remarks.length > 0)
  const lines = differences.flatMap(({ path, remarks }) => remarks.map((remark) => `- \`${path}\`: ${remark}`))
  const operations = Object.entries(SERVICES).map(([folder, name]) => {
    const names = operationsOf(folder)
    return `| ${name} | ${names.length} | ${names.join(', ')} |`
  })
  return [
    INTRODUCTION,
    '## Differences\n',
    ...lines,
    '\n## Operations\n',
    "Every other operation answers in the service's own form that it is not implemented, naming it.\n",
    '| service | count | operations |\n| --- | --: | --- |',
    ...operations,
    '',
  ].join('\n')
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

/** The keys of the operation tables: AWS's names, two spaces deep, each with its permissions. */
function operationsOf(folder: string): readonly string[] {
  return sourceFiles()
    .filter((path) => path.startsWith(join('src', 'services', folder)))
    .flatMap((path) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^ {2}([A-Z][A-Za-z]+): \{$/gm)])
    .map((match) => match[1] ?? '')
    .sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, fidelityPage())
