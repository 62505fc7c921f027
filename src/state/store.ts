/** The embedded store: one SQLite file through libsql, opened exclusively, every commit synchronous. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import Database from 'libsql'

import { UserError } from '../core/user-error.ts'

export interface StoredItem {
  readonly collection: string
  readonly scope: string
  readonly key: string
  /** JSON; undefined deletes the item. */
  readonly value: string | undefined
}

export interface Store {
  load(): readonly StoredItem[]
  /** One transaction; durable when it returns. */
  write(items: readonly StoredItem[]): void
  close(): void
}

const SCHEMA_VERSION = 1

/** Opens or creates `isthmus.db` in the folder. Throws `UserError` when it is open already, here or in another process. */
export function openStore(directory: string): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const unlock = lock(directory)
  const database = new Database(join(directory, 'isthmus.db'))
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const version = versionOf(database)
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new UserError(`The state in \`${directory}\` has version ${version}, expected ${SCHEMA_VERSION}`, {
        hint: 'Use another --state folder, or delete this one',
      })
    }
    database.exec(
      `CREATE TABLE IF NOT EXISTS item (seq INTEGER PRIMARY KEY, collection TEXT NOT NULL, scope TEXT NOT NULL,
        key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (collection, scope, key));
       PRAGMA user_version = ${SCHEMA_VERSION}`,
    )
  } catch (error) {
    database.close()
    unlock()
    throw error
  }
  const upsert = database.prepare(
    `INSERT INTO item (collection, scope, key, value) VALUES (?, ?, ?, ?)
     ON CONFLICT (collection, scope, key) DO UPDATE SET value = excluded.value`,
  )
  const remove = database.prepare('DELETE FROM item WHERE collection = ? AND scope = ? AND key = ?')
  const writeAll = database.transaction((items: readonly StoredItem[]) => {
    for (const { collection, scope, key, value } of items) {
      if (value === undefined) remove.run(collection, scope, key)
      else upsert.run(collection, scope, key, value)
    }
  })
  return {
    load: () =>
      database.prepare('SELECT collection, scope, key, value FROM item ORDER BY seq').all() as readonly StoredItem[],
    write: (items) => {
      writeAll(items)
    },
    close: () => {
      database.close()
      unlock()
    },
  }
}

/**
 * Locks the folder until the returned function is called or the process ends, however it ends.
 * WHY NOT lock the store itself: libsql's prepared statements hold its lock until they are collected as garbage, long after `close`.
 */
function lock(directory: string): () => void {
  const database = new Database(join(directory, 'lock.db'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'SQLITE_BUSY') throw error
    throw new UserError(`The state folder \`${directory}\` is in use by another isthmus`, {
      hint: 'Stop it, or give this one another folder with --state DIR or --ephemeral',
      cause: error,
    })
  }
  return () => {
    database.exec('ROLLBACK')
    database.close()
  }
}

function versionOf(database: Database.Database): number {
  const [version] = database.prepare('PRAGMA user_version').raw().get() as readonly unknown[]
  return Number(version)
}
