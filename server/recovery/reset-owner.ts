import { existsSync } from 'node:fs'
import path from 'node:path'
import { audit } from '../audit/audit.ts'
import { RowLog } from '../continuity/row-log.ts'
import { lockDataDir } from '../db/data-dir-lock.ts'
import { migrate } from '../db/migrate.ts'
import { NewerDatabaseError } from '../db/newer-database.ts'
import { openWriter } from '../db/sqlite/connection.ts'
import { Writer } from '../db/sqlite/writer.ts'
import type { Transaction, WriterOptions } from '../db/store.ts'
import { keyFile } from '../identity.ts'
import { StartError } from '../start-error.ts'
import { openReset } from './resets.ts'

export interface OwnerReset {
  username: string
  /** The code to put after `/reset#`. */
  token: string
}

/**
 * Recovery for an owner who has lost password and recovery key: write access to the hub's files is the proof. The
 * hub must not run meanwhile.
 * @param database the address of the server that has the rows, if they are not in the directory
 * @throws StartError if there is no hub, if it runs, or if it has no owner
 */
export async function resetOwner(
  dataDir: string,
  clock: () => number = Date.now,
  database?: string,
): Promise<OwnerReset> {
  if (database !== undefined) return resetInServer(dataDir, clock, database)
  const file = path.join(dataDir, 'hub.db')
  if (!existsSync(file)) {
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  }
  const lock = lockDataDir(dataDir)
  try {
    const writing = openWriter(file)
    try {
      await migrate(writing)
      const writer = new Writer(writing, { ...writerOptions(clock), log: new RowLog(writing) })
      const made = await writer.write(resetOwnerPassword)
      await writer.close()
      return made
    } catch (error) {
      if (!(error instanceof NewerDatabaseError)) throw error
      throw new StartError(`This data was written by a newer Hubbub (${error.message}). Use that version.`)
    } finally {
      writing.raw.close()
    }
  } finally {
    lock.release()
  }
}

async function resetInServer(dataDir: string, clock: () => number, database: string): Promise<OwnerReset> {
  if (!existsSync(keyFile(dataDir))) {
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  }
  const { withStore } = await import('../db/postgres/with-store.ts')
  const lock = lockDataDir(dataDir)
  try {
    return await withStore(database, clock, (store) =>
      store.writer.write(resetOwnerPassword, { locks: 'hub' }),
    )
  } finally {
    lock.release()
  }
}

const throwError = (error: unknown): never => {
  throw error
}

function writerOptions(clock: () => number): WriterOptions {
  return { clock, applyFacts: () => undefined, onBatch: () => undefined, onFatal: throwError }
}

async function resetOwnerPassword(tx: Transaction): Promise<OwnerReset> {
  const owner = await tx.db
    .selectFrom('user')
    .where('role', '=', 'owner')
    .select(['id', 'username'])
    .executeTakeFirst()
  if (!owner) {
    throw new StartError(
      'This hub has no owner yet: start it, open its page and enter the set-up code that it prints.',
    )
  }
  const token = await openReset(tx, owner.id, 'owner')
  audit(tx, { action: 'recovery.owner-reset', target: owner.id })
  return { username: owner.username, token }
}
