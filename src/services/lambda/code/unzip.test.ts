/** Packages are unpacked as they were packed, and hostile ones write nothing outside their folder. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

import { afterAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'

import { removeTree } from './remove-tree.ts'
import { unzip, UnzipError } from './unzip.ts'

interface File {
  readonly name: string
  readonly text: string
  readonly mode?: number
}

const root = mkdtempSync(join(tmpdir(), 'isthmus-unzip-'))
afterAll(() => {
  removeTree(root)
})

const LIMITS = { bytesMax: 1000, entriesMax: 10 }
const LINK = 0o120777

async function pack(files: readonly File[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { name, text, mode = 0o100644 } of files) zip.addBuffer(Buffer.from(text), name, { mode, compress: true })
  zip.end()
  return buffer(zip.outputStream)
}

function emptyFolder(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'package')
  mkdirSync(folder)
  return folder
}

async function problemOf(archive: Buffer, folder = emptyFolder()): Promise<string> {
  try {
    await unzip(archive, folder, LIMITS)
  } catch (error) {
    if (error instanceof UnzipError) return error.problem
    throw error
  }
  return 'none'
}

/** The same archive with a name that a packer would refuse to write; of the same length, since names are in two places. */
function renamed(archive: Buffer, from: string, to: string): Buffer {
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1')
}

test('files arrive in their folders, readable, executable where they were, and never writable', async () => {
  const folder = emptyFolder()
  await unzip(
    await pack([
      { name: 'index.js', text: 'one', mode: 0o100600 },
      { name: 'lib/deep/util.js', text: 'two' },
      { name: 'bootstrap', text: '#!/bin/sh', mode: 0o100755 },
    ]),
    folder,
    LIMITS,
  )
  expect(readFileSync(join(folder, 'lib/deep/util.js'), 'utf8')).toBe('two')
  expect(statSync(join(folder, 'index.js')).mode & 0o777).toBe(0o444)
  expect(statSync(join(folder, 'bootstrap')).mode & 0o777).toBe(0o555)
  expect(statSync(join(folder, 'lib/deep')).mode & 0o777).toBe(0o555)
  expect(statSync(folder).mode & 0o777).toBe(0o555)
})

test('a link within the package is kept', async () => {
  const folder = emptyFolder()
  await unzip(
    await pack([
      { name: 'node_modules/.bin/tool', text: '../tool/cli.js', mode: LINK },
      { name: 'node_modules/tool/cli.js', text: 'cli' },
    ]),
    folder,
    LIMITS,
  )
  expect(readlinkSync(join(folder, 'node_modules/.bin/tool'))).toBe('../tool/cli.js')
  expect(readFileSync(join(folder, 'node_modules/.bin/tool'), 'utf8')).toBe('cli')
})

test('a link that leads out of the package is refused', async () => {
  for (const target of ['/etc/passwd', '../../secret', 'a/../../../secret', 'a/../secret', '.b/../secret']) {
    expect(await problemOf(await pack([{ name: 'x/link', text: target, mode: LINK }]))).toBe('unreadable')
  }
})

test('nothing is written through a link, whatever the order of the entries', async () => {
  const folder = emptyFolder()
  const archive = await pack([
    { name: 'aa', text: 'bb', mode: LINK },
    { name: 'bb/inner', text: '..', mode: LINK },
    { name: 'aa/inner/stolen', text: 'text' },
  ])
  expect(await problemOf(archive, folder)).toBe('unreadable')
  expect(existsSync(join(folder, '..', 'stolen'))).toBe(false)
  const linkBelowLink = await pack([
    { name: 'dir/up', text: '..', mode: LINK },
    { name: 'other', text: 'dir', mode: LINK },
  ])
  expect(await problemOf(linkBelowLink)).toBe('none')
})

test('a name that climbs out of the folder is refused', async () => {
  const folder = emptyFolder()
  const archive = renamed(await pack([{ name: 'xx/evil.js', text: 'x' }]), 'xx/evil.js', '../evil.js')
  expect(await problemOf(archive, folder)).toBe('unreadable')
  expect(existsSync(join(folder, '..', 'evil.js'))).toBe(false)
  expect(await problemOf(renamed(await pack([{ name: 'xevil.js', text: 'x' }]), 'xevil.js', '/evil.js'))).toBe(
    'unreadable',
  )
})

test('a package that is too large unpacked is refused before it is unpacked', async () => {
  const folder = emptyFolder()
  expect(await problemOf(await pack([{ name: 'zeros', text: '0'.repeat(2000) }]), folder)).toBe('too-large')
  expect(existsSync(join(folder, 'zeros'))).toBe(false)
})

test('a package that lies about its size is refused while it is unpacked', async () => {
  const archive = await pack([{ name: 'zeros', text: '0'.repeat(900) }])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(900)
  const lie = Buffer.alloc(4)
  lie.writeUInt32LE(5)
  expect(await problemOf(renamed(archive, size.toString('latin1'), lie.toString('latin1')))).toBe('unreadable')
})

test('too many entries, no entries and no archive are refused', async () => {
  const many = Array.from({ length: 11 }, (_, i) => ({ name: `f${i}`, text: '' }))
  expect(await problemOf(await pack(many))).toBe('unreadable')
  expect(await problemOf(await pack([]))).toBe('empty')
  expect(await problemOf(Buffer.from('not a zip'))).toBe('unreadable')
  expect(await problemOf(Buffer.alloc(0))).toBe('unreadable')
})

test('a file where a folder is needed makes the archive unreadable', async () => {
  const folder = emptyFolder()
  const archive = await pack([
    { name: 'a', text: '' },
    { name: 'a/b', text: '' },
  ])
  expect(await problemOf(archive, folder)).toBe('unreadable')
  expect(lstatSync(join(folder, 'a')).isFile()).toBe(true)
})
