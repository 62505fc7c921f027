/** Deployment packages: checked and unpacked when they are uploaded, kept as blobs, unpacked again after a restart when first needed. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import { AwsError } from '../../../core/aws-error.ts'
import type { Ids } from '../../../core/ids.ts'
import type { Blobs } from '../../../state/blobs.ts'
import { invalidParameter } from '../errors.ts'
import { PACKAGE_ENTRIES_MAX, PACKAGE_UNZIPPED_BYTES_MAX, PACKAGE_ZIPPED_BYTES_MAX } from '../limits.ts'
import type { CodePackage } from '../records.ts'
import { removeTree } from './remove-tree.ts'
import { unzip, unzippedBytes, UnzipError } from './unzip.ts'

export interface CodeStore {
  /** Checks, unpacks and stores an upload. Throws `AwsError` in AWS's words. */
  accept(archive: Uint8Array): Promise<CodePackage>
  /** The unpacked package, if it is unpacked already. */
  directoryOf(sha256: string): string | undefined
  /** The unpacked package, unpacking it first where necessary. */
  unpack(sha256: string): Promise<string>
  /** How large the package is when it is unpacked. */
  unzippedBytes(sha256: string): Promise<number>
  /** Removes everything unpacked; the blobs stay. */
  close(): void
}

export function createCodeStore(options: {
  readonly blobs: Blobs
  /** Ours alone: created when absent, emptied on close. */
  readonly directory: string
  readonly ids: Ids
}): CodeStore {
  const { blobs, directory, ids } = options
  const ready = new Map<string, string>()
  const unpacking = new Map<string, Promise<string>>()

  /** INVARIANT: `directory/<sha256>` exists only complete, because a rename made it. */
  async function unpackInto(final: string, archive: Buffer): Promise<void> {
    if (existsSync(final)) return
    const partial = `${final}.${ids.hex(8)}`
    mkdirSync(partial, { recursive: true, mode: 0o755 })
    try {
      await unzip(archive, partial, { bytesMax: PACKAGE_UNZIPPED_BYTES_MAX, entriesMax: PACKAGE_ENTRIES_MAX })
      // Two uploads of the same package may have raced; either is the same.
      if (existsSync(final)) removeTree(partial)
      else renameSync(partial, final)
    } catch (error) {
      removeTree(partial)
      throw error
    }
  }

  return {
    async accept(upload) {
      const archive = Buffer.from(upload.buffer, upload.byteOffset, upload.byteLength)
      if (archive.length > PACKAGE_ZIPPED_BYTES_MAX) {
        throw new AwsError(
          'RequestEntityTooLargeException',
          `Zipped size must be smaller than ${PACKAGE_ZIPPED_BYTES_MAX} bytes`,
          { status: 413 },
        )
      }
      const sha256 = createHash('sha256').update(archive).digest('hex')
      const final = join(directory, sha256)
      try {
        await unpackInto(final, archive)
      } catch (error) {
        throw error instanceof UnzipError ? refusal(error) : error
      }
      blobs.put(archive)
      ready.set(sha256, final)
      return { sha256, sizeBytes: archive.length }
    },
    directoryOf: (sha256) => ready.get(sha256),
    unpack(sha256) {
      const known = ready.get(sha256)
      if (known !== undefined) return Promise.resolve(known)
      let running = unpacking.get(sha256)
      if (!running) {
        const final = join(directory, sha256)
        running = unpackInto(final, blobs.get(sha256))
          .then(() => {
            ready.set(sha256, final)
            return final
          })
          .finally(() => unpacking.delete(sha256))
        unpacking.set(sha256, running)
      }
      return running
    },
    unzippedBytes: (sha256) => unzippedBytes(blobs.get(sha256)),
    close() {
      ready.clear()
      removeTree(directory)
    },
  }
}

function refusal(error: UnzipError): AwsError {
  switch (error.problem) {
    case 'empty':
      return invalidParameter('Uploaded file must be a non-empty zip')
    case 'too-large':
      return invalidParameter(`Unzipped size must be smaller than ${PACKAGE_UNZIPPED_BYTES_MAX} bytes`)
    case 'unreadable':
      return invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.')
  }
}
