import { existsSync } from 'node:fs'
import path from 'node:path'
import { audit } from '../audit/audit.ts'
import { RowLog } from '../continuity/row-log.ts'
import { lockDataDir } from '../db/data-dir-lock.ts'
import { migrate, NewerDatabaseError } from '../db/migrate.ts'
import { openWriter } from '../db/sqlite/connection.ts'
import { Writer } from '../db/sqlite/writer.ts'
import { StartError } from '../start-error.ts'
import { openReset } from './resets.ts'

/**
 * Recovery for an owner who has lost password and recovery key: write access to the hub's files is the proof. The
 * hub must not run meanwhile. Returns the owner's name and the code to put after `/reset#`.
 * @throws StartError if there is no hub, if it runs, or if it has no owner
 */
export async function resetOwner(
  dataDir: string,
  clock: () => number = Date.now,
): Promise<{ username: string; token: string }> {
  const file = path.join(dataDir, 'hub.db')
  if (!existsSync(file)) {
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  }
  const lock = lockDataDir(dataDir)
  try {
    const writing = openWriter(file)
    try {
      await migrate(writing)
      const writer = new Writer(writing, {
        clock,
        log: new RowLog(writing),
        applyFacts: () => undefined,
        onBatch: () => undefined,
        onFatal: (error) => {
          throw error
        },
      })
      const made = await writer.write(async (tx) => {
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
      })
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
