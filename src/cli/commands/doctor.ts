/** `isthmus doctor`: what this machine lacks, what that costs, and how to get it. */
import type { Command } from 'commander'

import { EXIT_ENVIRONMENT, EXIT_OK } from '../exit-codes.ts'
import { examineMachine, type Finding } from '../machine.ts'
import type { Output } from '../terminal/output.ts'
import { fold, formatTable } from '../terminal/table.ts'

const MARKS = { ok: ['green', '✓'], missing: ['yellow', '–'], broken: ['red', '✗'] } as const

export function addDoctor(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('doctor')
    .summary('say what this machine lacks, and what that costs')
    .description('Examines this machine. Exit code 3 when something is missing that Isthmus cannot do without.')
    .option('--json', 'print the findings as JSON')
    .action(async (options: { readonly json?: true }) => {
      const findings = await examineMachine()
      if (options.json) output.line(JSON.stringify({ findings }))
      else print(findings, output)
      finish(findings.some(({ status }) => status === 'broken') ? EXIT_ENVIRONMENT : EXIT_OK)
    })
}

function print(findings: readonly Finding[], output: Output): void {
  const rows = findings.map(({ name, status, detail }) => {
    const [style, mark] = MARKS[status]
    return [output.paint(style, mark), name, detail]
  })
  for (const line of formatTable([{ title: ' ' }, { title: 'WHAT' }, { title: 'FOUND' }], rows)) output.line(line)
  for (const { name, status, cost, remedy } of findings) {
    if (status === 'ok') continue
    output.line()
    output.line(output.paint('bold', name))
    for (const line of fold(`Without it: ${cost}`, output.columns - 2)) output.line(`  ${line}`)
    for (const line of fold(`Remedy: ${remedy}`, output.columns - 2)) output.line(`  ${line}`)
  }
}
