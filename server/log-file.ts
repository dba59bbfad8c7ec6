import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { pino, type Logger } from 'pino'
import { secretNames } from '../shared/secret-names.ts'

/** With the previous file, the limit of a log on the user's disk. */
const maxLogFileBytes = 2 * 1024 * 1024

/** A log in a file that never grows without end: at its limit it becomes `NAME.old`, and the one before is dropped. */
export function openLogFile(file: string, options: { level?: string; limit?: number } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '…',
      },
    },
    new LogFile(file, options.limit ?? maxLogFileBytes),
  )
}

/** Written synchronously: the last lines before an end are the ones that matter. */
class LogFile {
  readonly #file: string
  readonly #limit: number
  #descriptor: number | undefined
  #size = 0

  constructor(file: string, limit: number) {
    this.#file = file
    this.#limit = limit
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    this.#open()
  }

  write(line: string): void {
    try {
      if (this.#size + line.length > this.#limit) this.#rotate()
      if (this.#descriptor === undefined) this.#open()
      if (this.#descriptor !== undefined) this.#size += writeSync(this.#descriptor, line)
    } catch {
      // A full disk must not end the hub for the sake of its log.
    }
  }

  #open(): void {
    this.#descriptor = openSync(this.#file, 'a', 0o600)
    this.#size = fstatSync(this.#descriptor).size
  }

  #rotate(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    renameSync(this.#file, `${this.#file}.old`)
    this.#open()
  }
}
