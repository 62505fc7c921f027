/** Unpacks a deployment package into a folder, trusting nothing in it: bounded in size and count, and nothing is written outside the folder. */
import { createWriteStream } from 'node:fs'
import { chmod, lstat, mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Entry, ZipFile } from 'yauzl'

import { loadPackage } from '../../../core/load-package.ts'

/** What is wrong with the archive. Callers say it in AWS's words. */
export class UnzipError extends Error {
  override readonly name = 'UnzipError'
  readonly problem: 'unreadable' | 'empty' | 'too-large'

  constructor(problem: 'unreadable' | 'empty' | 'too-large', message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

export interface UnzipLimits {
  readonly bytesMax: number
  readonly entriesMax: number
}

/** Longest target of a symbolic link that Linux takes. */
const LINK_TARGET_BYTES_MAX = 4096
const FILE_TYPE_MASK = 0o170000
const SYMBOLIC_LINK = 0o120000

/**
 * `directory` must be empty; everything in it becomes read-only, as a package is to the function that runs it.
 * Throws `UnzipError`, leaving behind what was written so far.
 */
export async function unzip(archive: Buffer, directory: string, limits: UnzipLimits): Promise<void> {
  const zip = await openArchive(archive)
  try {
    const entries = await readEntries(zip, limits)
    if (entries.length === 0) throw new UnzipError('empty', 'the archive has no entries')
    const links: { readonly path: string; readonly target: string }[] = []
    for (const entry of entries) {
      const path = join(directory, entry.fileName)
      if (entry.fileName.endsWith('/')) {
        await mkdir(path, { recursive: true })
      } else if (isLink(entry)) {
        links.push({ path, target: await readLink(zip, entry) })
      } else {
        await writeFile(zip, entry, path)
      }
    }
    // INVARIANT: links come last, so that no file is ever written through one.
    for (const { path, target } of links) await createLink(directory, path, target)
    await closeFolders(directory)
  } catch (error) {
    throw error instanceof UnzipError ? error : new UnzipError('unreadable', 'the archive is damaged', { cause: error })
  } finally {
    zip.close()
  }
}

/** Of an archive that has been unpacked before, which has proven its own claims. */
export async function unzippedBytes(archive: Buffer): Promise<number> {
  const zip = await openArchive(archive)
  try {
    let bytes = 0
    for await (const entry of zip.eachEntry()) bytes += entry.uncompressedSize
    return bytes
  } finally {
    zip.close()
  }
}

async function openArchive(archive: Buffer): Promise<ZipFile> {
  const { fromBufferPromise } = loadPackage('yauzl')
  try {
    // yauzl refuses absolute names and names that climb with `..`.
    return await fromBufferPromise(archive, { lazyEntries: true, validateEntrySizes: true })
  } catch (error) {
    throw new UnzipError('unreadable', 'the upload is no zip archive', { cause: error })
  }
}

/** The sizes are the archive's own claims; reading an entry fails when it turns out larger than claimed. */
async function readEntries(zip: ZipFile, limits: UnzipLimits): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  let bytes = 0
  for await (const entry of zip.eachEntry()) {
    bytes += entry.uncompressedSize
    if (bytes > limits.bytesMax) throw new UnzipError('too-large', `more than ${limits.bytesMax} bytes`)
    entries.push(entry)
    if (entries.length > limits.entriesMax) throw new UnzipError('unreadable', `more than ${limits.entriesMax} entries`)
  }
  return entries
}

async function writeFile(zip: ZipFile, entry: Entry, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: 0o600 }))
  await chmod(path, modeOf(entry))
}

async function readLink(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > LINK_TARGET_BYTES_MAX) throw new UnzipError('unreadable', 'a link target is too long')
  const chunks: Buffer[] = []
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** FIDELITY: AWS keeps links that lead out of the package; here they would lead into the host's files. */
async function createLink(directory: string, path: string, target: string): Promise<void> {
  const destination = normalize(join(dirname(path), target))
  // Going up after going down is refused too: what is gone down through may be a link, and up is then elsewhere.
  const parts = target.split('/').filter((part) => part !== '' && part !== '.')
  const firstDown = parts.findIndex((part) => part !== '..')
  const isPlain = !target.startsWith('/') && (firstDown < 0 || parts.lastIndexOf('..') < firstDown)
  const isInside = isPlain && (destination === directory || destination.startsWith(directory + sep))
  if (!isInside) throw new UnzipError('unreadable', `the link to \`${target}\` leads out of the package`)
  await mkdir(dirname(path), { recursive: true })
  // A link below another link could lead out although its text does not.
  for (let folder = dirname(path); folder !== directory; folder = dirname(folder)) {
    if (!(await lstat(folder)).isDirectory()) throw new UnzipError('unreadable', 'a link lies below a link')
  }
  await symlink(target, path)
}

function isLink(entry: Entry): boolean {
  return (unixMode(entry) & FILE_TYPE_MASK) === SYMBOLIC_LINK
}

/**
 * Executable where it was packed so, and readable. FIDELITY: on AWS a file that was packed unreadable to others cannot be read by the function.
 */
function modeOf(entry: Entry): number {
  return 0o444 | (unixMode(entry) & 0o111)
}

/** Depth first, since a folder that is closed can still be read. */
async function closeFolders(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await closeFolders(join(directory, entry.name))
  }
  await chmod(directory, 0o555)
}

function unixMode(entry: Entry): number {
  return entry.externalFileAttributes >>> 16
}
