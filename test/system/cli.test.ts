/** The command line: help, usage errors with their exit codes, and the commands that need no proof of a crossing. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  ACCOUNTS,
  createWorkplace,
  listing,
  ROOT,
  type Finished,
  type RunningCloud,
  type Workplace,
} from './isthmus.ts'

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})

afterAll(async () => {
  await place.close()
})

/** What a person sees of a usage error; nothing of it is on stdout, which other programs read. */
function usageError(message: string, hint?: string): Finished {
  const stderr = `error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`
  return { exitCode: 2, signal: null, stdout: '', stderr }
}

const ON_AWS = {
  from: ['--from', `arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:caller`],
  to: ['--to', `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:callee`],
  profiles: ['--aws', '--profile', `${ACCOUNTS.source}=nobody`, `${ACCOUNTS.target}=nobody`],
}

describe.concurrent('a profile without credentials', () => {
  it.each([
    ['explain', ON_AWS.from],
    ['grant', ON_AWS.from],
    ['prove', [...ON_AWS.from, '--yes', '--json']],
    ['load', [...ON_AWS.from, '--yes']],
    ['plan', []],
  ])('is no bug: %s says so', async (command, more) => {
    const environment = { AWS_EC2_METADATA_DISABLED: 'true' }
    const args = [command, ...ON_AWS.to, ...more, ...ON_AWS.profiles]
    const { exitCode, stdout, stderr } = await place.run(args, environment)
    expect(stderr).toMatch(/^error: Nobody can sign.*: Could not load credentials from any providers\nhint: .*\n$/m)
    expect(stderr).not.toContain('bug')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  })
})

const COMMANDS = ['up', 'env', 'prove', 'explain', 'grant', 'load', 'plan', 'check', 'doctor']

describe.concurrent('help', () => {
  it('names every command', async () => {
    const { exitCode, stdout, stderr } = await place.run(['--help'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const told = [...stdout.matchAll(/^ {2}([a-z]+) (?=\[options\])/gm)].map((match) => match[1])
    expect(told).toEqual(COMMANDS)
  })

  it.each(COMMANDS)('describes %s, with --json', async (command) => {
    const { exitCode, stdout } = await place.run([command, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`Usage: isthmus ${command}`)
    expect(stdout).toContain('--json')
  })

  it('is what the bare command shows, as a usage error', async () => {
    const { exitCode, stdout, stderr } = await place.run([])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Usage: isthmus')
  })

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect(await place.run(['--version'])).toEqual({ exitCode: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  })
})

describe.concurrent('a wrong command line', () => {
  it.each([
    [['conquer'], "unknown command 'conquer'"],
    [['up', '--prot', '1'], "unknown option '--prot'"],
    [['up', 'here'], 'too many arguments'],
    [['up', '--auth', 'lenient'], "argument 'lenient' is invalid. Allowed choices are strict, soft, off."],
    [['up', '--ephemeral', '--state', 'x'], "option '--ephemeral' cannot be used with option '--state <dir>'"],
    [['env'], "missing required argument 'account'"],
    [['prove', '--type', 'DryRun'], "argument 'DryRun' is invalid"],
  ])('%j exits with 2 and says why', async (args, message) => {
    const { exitCode, stdout, stderr } = await place.run(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it.each([
    [['--port', 'http'], '`http` is not a port, expected 0 to 65535'],
    [['--port', '65536'], '`65536` is not a port, expected 0 to 65535'],
    [['--port', '-1'], '`-1` is not a port, expected 0 to 65535'],
    [['--host', '0.0.0.0'], '`0.0.0.0` is not a loopback address, expected 127.0.0.1, ::1 or localhost'],
    [['--host', '127.0.0.256'], '`127.0.0.256` is not a loopback address, expected 127.0.0.1, ::1 or localhost'],
    [['--default-account', '12345'], '`12345` is not an account id, expected twelve digits'],
  ])('up %j names the value', async (args, message) => {
    expect(await place.run(['up', ...args])).toEqual(usageError(message))
  })

  it('up names an account that the cloud does not have', async () => {
    expect(await place.run(['up', '--port', '0', '--ephemeral', '--default-account', '999999999999'])).toEqual(
      usageError(
        'There is no account `999999999999`',
        'The accounts are management (000000000001), source (111122223333), target (444455556666)',
      ),
    )
  })

  it('up names the VPC data planes there are', async () => {
    const { exitCode, stderr } = await place.run(['up', '--vpc', 'unreal'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Allowed choices are auto, require-real, modelled')
  })

  it('prove names the folder without a project, half a pair of functions, and a pair beside a folder', async () => {
    const [none, half, both] = await Promise.all([
      place.run(['prove', 'nowhere']),
      place.run(['prove', '--from', 'source:caller']),
      place.run(['prove', '.', '--from', 'source:caller', '--to', 'target:callee']),
    ])
    const hint = 'Name the folder of a project, or two functions with --from and --to'
    expect(none).toEqual(usageError(`There is no \`${join(place.folder, 'nowhere', 'isthmus.yaml')}\``, hint))
    expect(half).toEqual(usageError('--from and --to go together'))
    expect(both).toEqual(usageError('Either a folder or --from and --to, not both'))
  })

  it('prove changes nothing on AWS without --yes', async () => {
    const functions = ['--from', 'source:caller', '--to', 'target:callee']
    expect(await place.run(['prove', '--aws', ...functions])).toEqual(
      usageError(
        'Proving on AWS changes the permissions of the caller and the callee, and restores them',
        'Say --yes when that is what you want',
      ),
    )
  })
})

describe('a port that is taken', () => {
  let taken: Server
  let port: number

  beforeAll(async () => {
    taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    port = (taken.address() as { port: number }).port
  })

  afterAll(() => {
    taken.close()
  })

  it.each([[['--ephemeral']], [['--state', 'taken-port']]])(
    'is named, with %j, and nothing is left over',
    async (args) => {
      expect(await place.run(['up', '--port', String(port), ...args])).toEqual(
        usageError(`Port ${port} of 127.0.0.1 is in use`, 'Choose another one with --port, or 0 for any free one'),
      )
      expect(listing(place.temporary)).toEqual([])
    },
  )
})

describe('a project file with problems', () => {
  function write(name: string, text: string): string {
    mkdirSync(join(place.folder, name), { recursive: true })
    const path = join(place.folder, name, 'isthmus.yaml')
    writeFileSync(path, text)
    return path
  }

  it('has each of them named by path and line', async () => {
    const path = write(
      'problems',
      [
        'region: nowhere',
        'accounts:',
        "  source: '1234'",
        'stacks:',
        '  - account: source',
        '    template: a.yaml',
        '    colour: red',
        'crossings:',
        '  - from: source:caller',
        '    type: Sometimes',
      ].join('\n'),
    )
    for (const args of [
      ['up', '--port', '0', '--ephemeral', '--config', path],
      ['prove', 'problems'],
    ]) {
      const { exitCode, stdout, stderr } = await place.run(args)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      const told = stderr.split('\n').map((line) => line.replace('error: ', ''))
      expect(told).toEqual([
        expect.stringContaining(`${path}:1: region: is not a Region`),
        expect.stringContaining(`${path}:3: accounts.source: `),
        expect.stringContaining(`${path}:5: stacks.0: `),
        expect.stringContaining(`${path}:9: crossings.0.to: `),
        expect.stringContaining(`${path}:10: crossings.0.type: `),
        'hint: docs/guide/project-file.md describes every member',
        '',
      ])
    }
  })

  it('has a broken line named', async () => {
    const path = write('broken', 'region: us-east-1\naccounts: [')
    const { exitCode, stderr } = await place.run(['prove', 'broken'])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(new RegExp(`^error: ${path}:2: `))
  })

  it('has a name that refers to nothing named', async () => {
    const path = write('dangling', 'accounts:\n  source:\n    id: "111122223333"\n    parent: workloads\n')
    const { exitCode, stderr } = await place.run(['up', '--port', '0', '--ephemeral', '--config', path])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(
      `error: ${path}:4: accounts.source.parent: \`workloads\` is not an organizational unit of this file`,
    )
  })

  it('has a missing template and missing crossings named', async () => {
    const template = write('template', 'accounts: {a: "111122223333"}\nstacks: [{account: a, template: no.yaml}]\n')
    const crossings = write('crossings', 'accounts: {a: "111122223333"}\n')
    const answers = await Promise.all([place.run(['prove', 'template']), place.run(['prove', 'crossings'])])
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([2, 2])
    expect(answers[0].stderr).toContain(`error: There is no template \`${join(template, '..', 'no.yaml')}\``)
    expect(answers[1].stderr).toContain(`error: \`${crossings}\` names no crossings`)
  })

  it('is named when --config names no file', async () => {
    const { exitCode, stderr } = await place.run(['up', '--config', 'no/isthmus.yaml'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('error: There is no `no/isthmus.yaml`')
  })
})

describe('the state folder of a running cloud', () => {
  let cloud: RunningCloud

  beforeAll(async () => {
    cloud = await place.up()
  })

  it('is refused to a second cloud', async () => {
    expect(await place.run(['up', '--port', '0'])).toEqual(
      usageError(
        `The state folder \`${join(place.folder, '.isthmus')}\` is in use by another isthmus`,
        'Stop it, or give this one another folder with --state DIR or --ephemeral',
      ),
    )
    // The first one was not disturbed.
    const { Account } = await cloud.client(STSClient, 'source').send(new GetCallerIdentityCommand({}))
    expect(Account).toBe(ACCOUNTS.source)
  })

  it('tells env the variables of an account, by name and by id', async () => {
    const [byName, byId] = await Promise.all([
      place.run(['env', 'source', '--json']),
      place.run(['env', ACCOUNTS.source, '--json']),
    ])
    expect(byName.exitCode).toBe(0)
    expect(JSON.parse(byName.stdout)).toEqual({
      AWS_ENDPOINT_URL: cloud.ready.endpoint,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      AWS_SECRET_ACCESS_KEY: expect.stringMatching(/^\S{40}$/),
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    })
    expect(byId).toEqual(byName)
  })

  it('tells env what a shell evaluates, which takes profiles and tokens of before away', async () => {
    const [shell, json] = await Promise.all([place.run(['env', 'target']), place.run(['env', 'target', '--json'])])
    const script = `export AWS_PROFILE=old AWS_SESSION_TOKEN=old\neval "$1"\nenv`
    const evaluated = execFileSync('sh', ['-c', script, 'sh', shell.stdout], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    })
    const variables = Object.fromEntries(
      evaluated
        .split('\n')
        .filter((line) => line.startsWith('AWS_'))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ) as Record<string, string>
    expect(variables).toEqual(JSON.parse(json.stdout))
  })

  it('tells env of an unknown account which there are', async () => {
    expect(await place.run(['env', 'sauce'])).toEqual(
      usageError(
        'There is no account `sauce`, expected one of management (000000000001), source (111122223333), target (444455556666)',
      ),
    )
  })

  it('tells env that no cloud was started in another folder', async () => {
    expect(await place.run(['env', 'source', '--state', 'elsewhere'])).toEqual(
      usageError(
        `\`${join(place.folder, 'elsewhere')}\` holds no profiles of a running cloud`,
        'Start one here with `isthmus up`, or name its folder with --state DIR',
      ),
    )
  })

  it('tells prove when its cloud has stopped', async () => {
    const stopped = await place.up(['--state', 'stopped'])
    await stopped.stop()
    const functions = ['--from', 'source:caller', '--to', 'target:callee:prod']
    expect(await place.run(['prove', '--state', 'stopped', ...functions])).toEqual(
      usageError(`No cloud answers at ${stopped.ready.endpoint}`, 'Start it with `isthmus up`'),
    )
  })

  it('tells prove of functions and accounts that are not there', async () => {
    const prove = (from: string, to: string) => place.run(['prove', '--from', from, '--to', to])
    const [caller, account, text] = await Promise.all([
      prove('source:caller', 'target:callee'),
      prove('sauce:caller', 'target:callee'),
      prove('source:caller', 'arn:aws:s3:::bucket'),
    ])
    // The heading of the proof is there already.
    expect({ ...caller, stdout: '' }).toEqual(
      usageError(
        `There is no function \`arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:caller\``,
        'Deploy it first, or correct --from',
      ),
    )
    expect(account).toEqual(usageError('`sauce:caller` is not a function, expected its ARN or account:name:qualifier'))
    expect(text).toEqual(
      usageError('`arn:aws:s3:::bucket` is not a function, expected its ARN or account:name:qualifier'),
    )
  })
})

describe('doctor', () => {
  it('examines the machine, for a person and as JSON', async () => {
    // One after the other: each looks whether the port is free by listening there for a moment.
    const person = await place.run(['doctor'])
    const json = await place.run(['doctor', '--json'])
    const { findings } = JSON.parse(json.stdout) as { findings: readonly Record<string, string>[] }
    expect(person.exitCode).toBe(0)
    expect(json.exitCode).toBe(0)
    for (const { name, status, detail, cost, remedy } of findings) {
      expect(person.stdout).toContain(name)
      expect(person.stdout).toContain(detail)
      expect(['ok', 'missing']).toContain(status)
      expect([cost, remedy].every((text) => text !== undefined && text !== '')).toBe(true)
    }
  })

  it('tells what a machine without Python and util-linux lacks, and is content', async () => {
    const { exitCode, stdout } = await place.run(['doctor', '--json'], { PATH: '/nowhere' })
    const { findings } = JSON.parse(stdout) as { findings: readonly { name: string; status: string }[] }
    expect(exitCode).toBe(0)
    expect(findings.find(({ name }) => name === 'Python 3')?.status).toBe('missing')
  })
})
