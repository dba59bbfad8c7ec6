import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Log } from './ports.ts'
import { ShellError } from './shell-error.ts'

/** By the code of the system. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free up space',
  EDQUOT: 'Your space on this disk is used up. Free up space',
  EACCES: 'Hubbub may not write there. Allow it',
  EPERM: 'Hubbub may not write there. Allow it',
  EROFS: 'Nothing can be written to this disk. Make it writable',
}

/** A small JSON file of this user, written completely or not at all. */
export class JsonFile {
  readonly #file: string
  readonly #log: Pick<Log, 'warn'> | undefined

  constructor(file: string, log?: Pick<Log, 'warn'>) {
    this.#file = file
    this.#log = log
  }

  /** Returns the content, or undefined. A damaged file is renamed, so that nothing overwrites what could be rescued. */
  read(): unknown {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return undefined
      throw error
    }
    try {
      return JSON.parse(text)
    } catch {
      renameSync(this.#file, `${this.#file}.damaged`)
      return undefined
    }
  }

  /** @throws ShellError with words for the user if the disk does not take it */
  write(content: unknown): void {
    const unfinished = `${this.#file}.${randomBytes(4).toString('hex')}`
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 })
      writeFileSync(unfinished, JSON.stringify(content), { mode: 0o600, flush: true })
      renameSync(unfinished, this.#file)
    } catch (error) {
      rmSync(unfinished, { force: true })
      throw this.#problemOf(error)
    }
  }

  /** For what the user did not ask for: a disk that does not take it must not stop what goes on. */
  writeIfPossible(content: unknown): void {
    try {
      this.write(content)
    } catch (error) {
      this.#log?.warn('a file could not be written', { file: path.basename(this.#file), error })
    }
  }

  #problemOf(error: unknown): unknown {
    const reason = reasons[String((error as { code?: unknown }).code)]
    if (reason === undefined) return error
    const folder = path.dirname(this.#file)
    return new ShellError('conflict', `This was not saved in ${folder}. ${reason}, and try again.`, {
      cause: error,
    })
  }
}
