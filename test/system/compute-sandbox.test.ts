/** What a function sees of the machine it runs on: what Lambda has, and nothing else. */
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { FunctionImage } from '../../src/compute/compute.ts'
import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  harness = await createHarness()
  await harness.invoke(await harness.image('trivial'))
  const refusal = harness.notices.find((notice) => notice.includes('allows no sandbox'))
  if (refusal !== undefined) process.stderr.write(`skipped: ${refusal}\n`)
})

afterAll(() => harness.close())

interface Findings {
  readonly lists: Record<string, string[] | string>
  readonly reads: Record<string, string>
  readonly writes: Record<string, string>
  readonly runs: Record<string, string>
}

async function look(image: FunctionImage, wish: object): Promise<Findings> {
  const { value, functionError, text } = await harness.invoke(image, wish)
  expect(functionError, text).toBeUndefined()
  return value as Findings
}

describe('in a sandbox, a function', () => {
  beforeEach(({ skip }) => skip(!harness.hasSandbox(), 'this machine allows no sandbox'))

  it('has Lambda’s folders and no file, home or name of the machine', async () => {
    const image = await harness.image('surroundings')
    const outside = dirname(image.codeDirectory)
    const { lists, reads, runs } = await look(image, {
      list: ['/', '/var/task', '/opt', '/tmp', '/proc/1/root', homedir(), outside],
      read: ['/etc/passwd', '/etc/shadow', '/proc/1/environ', join(image.codeDirectory, 'index.js')],
      run: ['hostname', 'cat /proc/self/mountinfo', 'ls /dev'],
    })
    expect(lists['/']).not.toContain('root')
    expect(lists['/']).not.toContain('home')
    expect(lists).toMatchObject({
      '/var/task': expect.arrayContaining(['index.js']),
      '/opt': [],
      '/tmp': [],
      '/proc/1/root': 'EACCES',
    })
    expect([lists[homedir()], lists[outside]]).toEqual(['ENOENT', 'ENOENT'])
    expect(reads['/etc/passwd']).toContain('sbx_user1051:x:993:990')
    expect([reads['/etc/shadow'], reads['/proc/1/environ'], reads[join(image.codeDirectory, 'index.js')]]).toEqual([
      'ENOENT',
      'EACCES',
      'ENOENT',
    ])
    expect(runs['hostname']).not.toBe(hostname())
    expect(runs['ls /dev']?.split('\n').toSorted()).toEqual(
      ['fd', 'full', 'null', 'random', 'stderr', 'stdin', 'stdout', 'urandom', 'zero'].toSorted(),
    )
  })

  it('can write to /tmp alone, and there as much as it has been given', async () => {
    const image = await harness.image('surroundings', { ephemeralStorageMb: 600, memoryMb: 2048, timeoutMs: 30_000 })
    const { writes } = await look(image, {
      write: { '/var/task/a': 1, '/opt/a': 1, '/usr/a': 1, '/a': 1, '/dev/a': 1, '/proc/sys/kernel/core_pattern': 1 },
    })
    expect(new Set(Object.values(writes))).toEqual(new Set(['EROFS']))
    const megabytes = (count: number) => ({ write: { '/tmp/a': count * 1_048_576 } })
    expect((await look(image, megabytes(400))).writes).toEqual({ '/tmp/a': 'written' })
    const { runs } = await look(image, { run: ['dd if=/dev/zero of=/tmp/b bs=1M count=300; ls /tmp'] })
    expect(Object.values(runs)[0]).toMatch(/No space left on device[\s\S]*a\nb$/)
  })

  it('finds /tmp as it left it after a crash, and no process of before', async () => {
    const image = await harness.image('surroundings')
    await look(image, { write: { '/tmp/kept': 1 } })
    const crash = await harness.invoke(image, { run: ['setsid sleep 1000 & kill -9 $PPID'] })
    expect(crash.text).toContain('signal: killed')
    const { lists, runs } = await look(image, { list: ['/tmp'], run: ['cat /proc/[0-9]*/cmdline | tr "\\0" " "'] })
    expect(lists['/tmp']).toEqual(['kept'])
    expect(Object.values(runs)[0]).not.toContain('sleep 1000')
  })

  it('has no capability and no way to any', async () => {
    const image = await harness.image('surroundings')
    const { runs } = await look(image, {
      run: [
        'grep -E "CapEff|CapPrm|NoNewPrivs" /proc/self/status',
        'unshare --user true; echo',
        'mount -t tmpfs x /tmp; echo',
        'id -u',
      ],
    })
    const [status = '', unshared, mounted, uid] = Object.values(runs)
    expect(status.replaceAll('\t', '')).toBe('CapPrm:0000000000000000\nCapEff:0000000000000000\nNoNewPrivs:1')
    expect(unshared).toMatch(/not permitted|No space left/)
    expect(mounted).toMatch(/permi|superuser/)
    expect(uid).toBe('993')
  })

  it('cannot end its sandbox, however it tries', async () => {
    const image = await harness.image('surroundings')
    await look(image, { write: { '/tmp/kept': 1 }, run: ['kill -9 1; kill -STOP 1; kill -TERM 1'] })
    expect((await harness.invoke(image, { run: ['kill -9 -1; kill -9 $PPID'] })).text).toContain('signal: killed')
    expect((await look(image, { list: ['/tmp'] })).lists).toEqual({ '/tmp': ['kept'] })
  })

  it('has its layers in /opt, a later one over an earlier', async () => {
    const image = await harness.image('surroundings')
    const first = await layer(image, 'first', { 'bin/tool': 'one', both: 'first' })
    const second = await layer(image, 'second', { both: 'second', 'lib/x.so': '' })
    const read = ['/opt/bin/tool', '/opt/both']
    const two = { ...image, key: 'two', layerDirectories: [first, second] }
    expect((await look(two, { read })).reads).toEqual({ '/opt/bin/tool': 'one', '/opt/both': 'second' })
    const one = { ...image, key: 'one', layerDirectories: [first] }
    expect((await look(one, { read, write: { '/opt/both': 1 } })).reads).toEqual({
      '/opt/bin/tool': 'one',
      '/opt/both': 'first',
    })
  })

  it('finds modules of its layers by name, in Node.js and in Python', async () => {
    const image = await harness.image('layered')
    const layerDirectories = [
      await layer(image, 'layer', {
        'nodejs/node_modules/layered/index.js': "exports.text = 'from a layer'",
        'python/layered.py': "text = 'from a layer'",
      }),
    ]
    const node = { ...image, key: 'node', layerDirectories }
    expect((await harness.invoke(node)).value).toBe('from a layer')
    const python = { ...image, key: 'python', layerDirectories, runtime: 'python3.12', handler: 'app.handler' }
    expect((await harness.invoke(python)).value).toBe('from a layer')
  })
})

/** An unpacked layer beside the function's package. */
async function layer(image: FunctionImage, name: string, files: Record<string, string>): Promise<string> {
  const folder = join(dirname(image.codeDirectory), `${name} of ${image.key}`)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}
