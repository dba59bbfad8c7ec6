import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A small JSON file of this user, written completely or not at all. */
export class JsonFile {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
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

  write(content: unknown): void {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 })
    const unfinished = `${this.#file}.${randomBytes(4).toString('hex')}`
    try {
      writeFileSync(unfinished, JSON.stringify(content), { mode: 0o600, flush: true })
      renameSync(unfinished, this.#file)
    } catch (error) {
      rmSync(unfinished, { force: true })
      throw error
    }
  }
}
