import { constants } from 'node:fs'
import { access, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { StartError } from '../start-error.ts'
import { type FilesMark, type MarkedPlace, markName, parseMark } from './files-mark.ts'
import { syncDirectory } from './fsync.ts'

/** The mark in a folder, with `files/`, `uploads/` and `quarantine/` next to it. */
export class FolderMark implements MarkedPlace {
  readonly kind = 'folder'
  readonly name: string
  readonly #file: string

  constructor(folder: string) {
    this.name = folder
    this.#file = path.join(folder, markName)
  }

  async requireUsable(): Promise<void> {
    try {
      await readdir(this.name)
      await access(this.name, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      const code = String((error as NodeJS.ErrnoException).code)
      throw new StartError(
        code === 'ENOENT'
          ? `The folder ${this.name} is not there: mount or make it, or give another one with --files.`
          : `The folder ${this.name} cannot be read and written (${code}): give your account access to it.`,
      )
    }
  }

  async read(): Promise<FilesMark | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(undefinedIfMissing)
    return text === undefined ? undefined : parseMark(text, this.#file)
  }

  async write(mark: FilesMark): Promise<void> {
    const unfinished = `${this.#file}.new`
    const handle = await open(unfinished, 'w', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(mark)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(unfinished, this.#file)
    syncDirectory(this.name)
  }

  remove(): Promise<void> {
    return rm(this.#file, { force: true })
  }

  async isEmpty(): Promise<boolean> {
    const found = await readdir(path.join(this.name, 'files')).catch(undefinedIfMissing)
    return found === undefined || found.length === 0
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}
