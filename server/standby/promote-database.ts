import { existsSync } from 'node:fs'
import { otherHub } from '../database-address.ts'
import { lockDataDir } from '../db/data-dir-lock.ts'
import { loadIdentity, keyFile } from '../identity.ts'
import { newId } from '../ids.ts'
import { StartError } from '../start-error.ts'
import { termMaker } from './shared-standing.ts'

const throwError = (error: unknown): never => {
  throw error
}

/**
 * Makes a database the hub again whose hub runs elsewhere. That one stops once a client shows it the new term.
 * @throws StartError if a process serves it, or no other computer is the hub
 */
export async function promoteDatabase(
  dataDir: string,
  { database, isForced }: { database: string; isForced: boolean },
): Promise<void> {
  if (!existsSync(keyFile(dataDir)))
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  if (!isForced) {
    throw new StartError(
      'The hub of this database may run on another computer, and what was written there since would be missing here. If this database is to be the hub, stop the other one, and use --force.',
    )
  }
  const { openPostgres } = await import('../db/postgres/open.ts')
  const lock = lockDataDir(dataDir)
  try {
    const opened = await openPostgres({
      ...{ url: database, processName: newId(), onFatal: throwError, maySupersede: true },
    })
    try {
      const identity = loadIdentity(dataDir)
      if (!(await opened.claim(identity.hubId))) throw otherHub(dataDir)
      if (!(await opened.terms.goOn(newId(), termMaker(identity, dataDir))))
        throw new StartError('No other computer is the hub of this database: start its processes.')
    } finally {
      await opened.close()
    }
  } finally {
    lock.release()
  }
}
