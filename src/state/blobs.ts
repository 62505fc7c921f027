/** Deployment packages as files named by their SHA-256, so that equal packages are stored once and a half-written one is never read. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Blobs {
  /** Durable when it returns. Answers the SHA-256 in hexadecimal. */
  put(bytes: Uint8Array): string
  /** Throws when the blob does not exist. */
  get(sha256: string): Buffer
  delete(sha256: string): void
}

export function createBlobs(directory: string): Blobs {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pathOf = (sha256: string) => join(directory, sha256)
  return {
    put(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const path = pathOf(sha256)
      if (existsSync(path)) return sha256
      const partial = `${path}.${process.pid}.partial`
      const file = openSync(partial, 'w', 0o600)
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(partial, path)
      // The rename itself is durable only once the folder is.
      const folder = openSync(directory, 'r')
      fsyncSync(folder)
      closeSync(folder)
      return sha256
    },
    get: (sha256) => readFileSync(pathOf(sha256)),
    delete: (sha256) => {
      rmSync(pathOf(sha256), { force: true })
    },
  }
}
