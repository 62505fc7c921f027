/** Runs policy unit tests and says what came of them: to a person, to a program, and to a build server. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { UserError } from '../core/user-error.ts'
import { isAsExpected, policiesOfCase, requestOfCase, type PolicyCase } from '../policy/case.ts'
import { explainDecision, type Explanation } from '../policy/explain.ts'
import { readCaseFiles, type NamedCaseFile } from './case-files.ts'
import { failureLines } from './check-view.ts'
import type { CheckCommandOptions } from './commands/check.ts'
import { EXIT_CHECK_FAILED, EXIT_OK, EXIT_USAGE } from './exit-codes.ts'
import { junitReport } from './junit.ts'
import type { Output } from './terminal/output.ts'

export interface CheckedCase {
  readonly policyCase: PolicyCase
  readonly line: number
  readonly explanation: Explanation
  readonly pass: boolean
}

export interface CheckedFile {
  readonly path: string
  readonly cases: readonly CheckedCase[]
}

/** Answers the exit code. Nothing is decided while any file has a problem. */
export function runCheck(paths: readonly string[], options: CheckCommandOptions, output: Output): number {
  const files = readCaseFiles(paths)
  const problems = files.flatMap((file) => file.problems)
  if (problems.length > 0) return refuse(files, problems, options, output)
  const checked = files.map(checkFile)
  if (options.junit !== undefined) write(options.junit, junitReport(checked))
  const failed = checked.flatMap(({ cases }) => cases.filter(({ pass }) => !pass)).length
  if (options.json) printForPrograms(checked, output)
  else printForPeople(checked, output)
  return failed === 0 ? EXIT_OK : EXIT_CHECK_FAILED
}

function checkFile({ path, cases }: NamedCaseFile): CheckedFile {
  return {
    path,
    cases: cases.map(({ policyCase, line }) => {
      const explanation = explainDecision(requestOfCase(policyCase), policiesOfCase(policyCase))
      return { policyCase, line, explanation, pass: isAsExpected(policyCase, explanation.decision) }
    }),
  }
}

function refuse(
  files: readonly NamedCaseFile[],
  problems: readonly string[],
  { json }: CheckCommandOptions,
  output: Output,
): number {
  for (const problem of problems) output.note(problem)
  const many = problems.length === 1 ? 'One problem' : `${problems.length} problems`
  output.note(`${output.paint('red', 'error')}: ${many}, nothing was checked`)
  output.note('hint: docs/guide/policy-tests.md describes every member')
  if (json)
    output.line(JSON.stringify({ summary: true, files: files.length, cases: 0, passed: 0, failed: 0, problems }))
  return EXIT_USAGE
}

function printForPrograms(files: readonly CheckedFile[], output: Output): void {
  for (const { path, cases } of files) {
    for (const { policyCase, line, explanation, pass } of cases) {
      const { outcome, blockedBy } = explanation.decision
      const decided = { id: policyCase.id, decision: outcome, blockedBy: blockedBy ?? null, pass }
      output.line(JSON.stringify({ ...decided, file: path, line }))
    }
  }
  output.line(JSON.stringify({ summary: true, ...countsOf(files), problems: [] }))
}

function printForPeople(files: readonly CheckedFile[], output: Output): void {
  for (const { path, cases } of files) {
    const failed = cases.filter(({ pass }) => !pass)
    const mark = failed.length === 0 ? output.paint('green', '✓') : output.paint('red', '✗')
    const failures = failed.length === 0 ? '' : `, ${failed.length} failed`
    output.line(`${mark} ${path}  ${casesText(cases.length)}${failures}`)
    for (const each of failed) {
      output.line()
      for (const line of failureLines(each, path, output)) output.line(`  ${line}`)
    }
    if (failed.length > 0) output.line()
  }
  const { cases, passed, failed } = countsOf(files)
  output.line(`${casesText(cases)}: ${passed} passed, ${failed} failed`)
}

function casesText(count: number): string {
  return count === 1 ? '1 case' : `${count} cases`
}

function countsOf(files: readonly CheckedFile[]) {
  const cases = files.flatMap((file) => file.cases)
  const passed = cases.filter(({ pass }) => pass).length
  return { files: files.length, cases: cases.length, passed, failed: cases.length - passed }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  } catch (cause) {
    throw new UserError(`Cannot write \`${path}\`: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}
