import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'

/*
 * Files that no row refers to, although nothing deleted them: `quarantine/2026-11-29/…` in the data directory. The
 * reason may be a crash, or a database that is older than the files, so they are kept for some days. A file that is
 * referred to again is put back.
 */

export const quarantineDays = 7
const dayMs = 24 * 60 * 60_000

export class Quarantine {
  readonly #dir: string

  constructor(dataDir: string) {
    this.#dir = path.join(dataDir, 'quarantine')
  }

  /** Moves a file here under its own name. Synchronous, so that nothing happens between a check and the move. */
  add(file: string, now: number): void {
    const folder = path.join(this.#dir, new Date(now).toISOString().slice(0, 10))
    makeDirectory(folder)
    try {
      renameSync(file, path.join(folder, path.basename(file)))
    } catch (error) {
      // its owner has removed it meanwhile
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    syncDirectory(folder)
    syncDirectory(path.dirname(file))
  }

  /** Names of the files that are here, with their paths. The latest copy counts. */
  list(): Map<string, string> {
    const found = new Map<string, string>()
    for (const folder of this.#folders()) {
      for (const name of readdirSync(folder.path)) found.set(name, path.join(folder.path, name))
    }
    return found
  }

  /** Moves a file back to where it is missed, unless it is there again. */
  putBack(from: string, to: string): void {
    if (existsSync(to)) return
    makeDirectory(path.dirname(to))
    renameSync(from, to)
    syncDirectory(path.dirname(to))
  }

  /** Removes the folders of days that are long enough ago. Call it only while the clock is trusted. */
  removeOld(now: number): void {
    for (const folder of this.#folders()) {
      if (now - folder.at > (quarantineDays + 1) * dayMs) {
        rmSync(folder.path, { recursive: true, force: true })
      }
    }
  }

  /** Only folders with the name of a day: anything else here is not ours. */
  #folders(): { path: string; at: number }[] {
    if (!existsSync(this.#dir)) return []
    return readdirSync(this.#dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^\d{4}-\d\d-\d\d$/.test(entry.name))
      .map(({ name }) => ({ path: path.join(this.#dir, name), at: Date.parse(name) }))
      .filter(({ at }) => Number.isFinite(at))
      .sort((a, b) => a.at - b.at)
  }
}
