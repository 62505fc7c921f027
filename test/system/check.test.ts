/** `isthmus check` as a process: its words for people, its lines for programs, its JUnit report, and its exit codes. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createWorkplace, ROOT, type Workplace } from './isthmus.ts'

const RESOURCE = 'arn:aws:lambda:us-east-1:444455556666:function:orders'

/** A caller's request for `orders`, which its account lets it make and the function's policy lets the organization make. */
function policyCase(id: string, organization: string, expected: object): object {
  return {
    id,
    request: {
      principal: 'arn:aws:sts::111122223333:assumed-role/caller/web',
      action: 'lambda:InvokeFunction',
      resource: RESOURCE,
      context: { 'aws:PrincipalOrgID': organization },
    },
    identityPolicies: [
      {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: RESOURCE },
          { Effect: 'Allow', Action: 'logs:*', Resource: '*' },
        ],
      },
    ],
    resourcePolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Caller',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:role/caller' },
          Action: 'lambda:InvokeFunction',
          Resource: RESOURCE,
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } },
        },
      ],
    },
    expected,
  }
}

const PASSING = policyCase('ours-may', 'o-example', { decision: 'allow' })
const DENIED = policyCase('others-may-not', 'o-other', { decision: 'implicit_deny', blockedBy: 'resource' })
const FAILING = policyCase('others-may', 'o-other', { decision: 'allow' })

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
  const jsonLines = (...cases: readonly object[]) => cases.map((each) => JSON.stringify(each)).join('\n')
  // YAML is a superset of JSON.
  write('good/deep/one.yml', `# one case\n${JSON.stringify(PASSING)}`)
  write('good/list.yaml', JSON.stringify([PASSING, DENIED]))
  write('good/lines.jsonl', `${jsonLines(PASSING, DENIED)}\n`)
  write('good/notes.txt', 'not a case')
  write('failing.jsonl', jsonLines(PASSING, FAILING))
  write('empty/notes.txt', 'not a case')
})

afterAll(async () => {
  await place.close()
})

function write(name: string, text: string): void {
  const path = join(place.folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** `$0` is Node.js and `$1` the command. */
function runInShell(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ['-c', script, process.execPath, join(ROOT, 'bin', 'isthmus')]
  return promisify(execFile)('sh', args, { cwd: place.folder, env: place.environment })
}

describe.concurrent('for people', () => {
  it('ends as ever when nobody reads on', async () => {
    write('many.jsonl', Array.from({ length: 2000 }, () => JSON.stringify(FAILING)).join('\n'))
    const script = `{ "$0" "$1" check many.jsonl; echo "exit code $?" >&2; } | head -n 1`
    const { stdout, stderr } = await runInShell(script)
    expect({ lines: stdout.split('\n').length - 1, stderr }).toEqual({ lines: 1, stderr: 'exit code 1\n' })
  })

  it('prints one line per file and a count, and exits with 0', async () => {
    expect(await place.run(['check', 'good', 'good/list.yaml'])).toEqual({
      exitCode: 0,
      signal: null,
      stderr: '',
      stdout: [
        '✓ good/deep/one.yml  1 case',
        '✓ good/lines.jsonl  2 cases',
        '✓ good/list.yaml  2 cases',
        '5 cases: 5 passed, 0 failed',
        '',
      ].join('\n'),
    })
  })

  it('shows which layer, which statement and which condition made a case fail, and exits with 1', async () => {
    const { exitCode, stdout, stderr } = await place.run(['check', 'good/list.yaml', 'failing.jsonl'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(stdout).toBe(
      [
        '✓ good/list.yaml  2 cases',
        '✗ failing.jsonl  2 cases, 1 failed',
        '',
        '  others-may  failing.jsonl:2',
        '    expected  allow',
        '    decided   implicit_deny by resource',
        `    request   arn:aws:sts::111122223333:assumed-role/caller/web asks for lambda:InvokeFunction on ${RESOURCE}`,
        '    resource  implicit_deny, and so the request fails',
        '                statement 1 (Caller) of resource policy would allow, but StringEquals aws:PrincipalOrgID wants `o-example` and the request has `o-other`',
        '    identity  allow',
        '                statement 1 of identity policy 1 allows',
        '                1 statement is not about lambda:InvokeFunction',
        '',
        '4 cases: 3 passed, 1 failed',
        '',
      ].join('\n'),
    )
  })

  it('finds the example and every case of the repository as expected', async () => {
    const folders = [join(ROOT, 'examples', 'policy-tests'), join(ROOT, 'test', 'policy-cases')]
    const { exitCode, stdout } = await place.run(['check', ...folders])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\n(\d+) cases: \1 passed, 0 failed\n$/)
  })
})

describe.concurrent('for programs', () => {
  it('prints one object per case and a summary last', async () => {
    const { exitCode, stdout, stderr } = await place.run(['check', '--json', 'failing.jsonl'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 'ours-may', decision: 'allow', blockedBy: null, pass: true, file: 'failing.jsonl', line: 1 },
      {
        id: 'others-may',
        decision: 'implicit_deny',
        blockedBy: 'resource',
        pass: false,
        file: 'failing.jsonl',
        line: 2,
      },
      { summary: true, files: 1, cases: 2, passed: 1, failed: 1, problems: [] },
    ])
  })

  it('writes a JUnit report beside whatever it prints', async () => {
    const { exitCode } = await place.run(['check', 'failing.jsonl', 'good', '--junit', 'reports/policy.xml'])
    expect(exitCode).toBe(1)
    const report = readFileSync(join(place.folder, 'reports', 'policy.xml'), 'utf8')
    expect(report).toContain('<testsuites name="isthmus check" tests="7" failures="1" errors="0">')
    expect(report).toContain('<testcase name="ours-may" classname="failing.jsonl" file="failing.jsonl" line="1"/>')
    expect(report).toContain('<failure message="expected allow, decided implicit_deny by resource">')
    expect(report.match(/<testcase /g)).toHaveLength(7)
  })
})

describe.concurrent('what cannot be checked', () => {
  it('is told all at once, with path and line, and nothing is checked', async () => {
    write(
      'bad.yaml',
      [
        '- id: wrong',
        '  request:',
        '    principal: anna',
        '    action: lambda:InvokeFunction',
        `    resource: ${RESOURCE}`,
        '  identityPolicies:',
        '    - Version: 2012-10-17',
        '      Statement: [{ Effect: Perhaps, Action: s3:*, Resource: "*" }]',
        '  expected: { decision: allow }',
        '- id: unknown',
        '  identityPolices: []',
        '  expected: { decision: denied }',
        '',
      ].join('\n'),
    )
    const { exitCode, stdout, stderr } = await place.run(['check', 'good', 'bad.yaml'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    const lines = stderr.split('\n')
    expect(lines[0]).toMatch(/^bad\.yaml:3: request\.principal: `anna` is not a principal, expected the ARN of /)
    expect(lines[1]).toMatch(/^bad\.yaml:7: identityPolicies\.0: AWS would refuse this policy: /)
    expect(lines[2]).toMatch(/^bad\.yaml:10: request: expected object, found nothing/)
    expect(lines[3]).toMatch(/^bad\.yaml:11: identityPolices: there is no such member, expected id, request, /)
    expect(lines[4]).toMatch(/^bad\.yaml:12: expected\.decision: expected one of .*, found `"denied"`$/)
    expect(lines[5]).toBe('error: 5 problems, nothing was checked')
  })

  it('is in the summary for programs, too', async () => {
    write('broken.jsonl', '{"id":\n')
    const { exitCode, stdout } = await place.run(['check', '--json', 'broken.jsonl'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      summary: true,
      cases: 0,
      problems: [expect.stringMatching(/^broken\.jsonl:1: expected one case as JSON, but /)],
    })
  })

  it.each([
    ['a path that is not there', ['nowhere.yaml'], 'error: There is no file or folder `nowhere.yaml`\n'],
    ['a folder without cases', ['empty'], 'error: `empty` has no *.yaml, *.yml or *.jsonl file\n'],
  ])('%s is an error of usage', async (_name, paths, message) => {
    expect(await place.run(['check', ...paths])).toEqual({ exitCode: 2, signal: null, stdout: '', stderr: message })
  })

  it('no file at all is an error of usage', async () => {
    expect((await place.run(['check'])).exitCode).toBe(2)
  })
})
