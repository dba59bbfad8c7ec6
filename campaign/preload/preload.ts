import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../result.ts'

/** Builds the library of files.c in a folder. Returns its path. @throws UsageError on another system than Linux */
export function buildPreload(folder: string): string {
  if (process.platform !== 'linux') throw new UsageError('This campaign needs Linux and a C compiler.')
  const library = path.join(folder, 'files.so')
  const source = path.join(import.meta.dirname, 'files.c')
  execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'])
  return library
}

/** In the order of files.c. */
const modes = ['none', 'full', 'read-only', 'slow', 'write-error', 'read-error', 'sync-error'] as const
export type DiskFaultMode = (typeof modes)[number]

export interface DiskFault {
  mode: DiskFaultMode
  /** Calls that still work; default 0. */
  passes?: number
  /** Calls that fail then; all of them without it. */
  failures?: number
  /** Of `slow`, for each write and each sync. */
  delayMs?: number
}

/** The file that tells a hub which calls fail, while it runs. */
export class DiskFaults {
  readonly file: string

  constructor(file: string) {
    this.file = file
    writeFileSync(file, Buffer.alloc(20))
  }

  set({ mode, passes = 0, failures = -1, delayMs = 0 }: DiskFault): void {
    const words = Int32Array.of(modes.indexOf(mode), passes, failures, delayMs * 1_000, 0)
    const handle = openSync(this.file, 'r+')
    // the mode last: a hub that reads meanwhile must not fail by the numbers of the fault before
    writeSync(handle, new Uint8Array(words.buffer), 4, 16, 4)
    writeSync(handle, new Uint8Array(words.buffer), 0, 4, 0)
    closeSync(handle)
  }

  /** Calls that failed or waited since the last `set`. */
  get doneCount(): number {
    return readFileSync(this.file).readInt32LE(16)
  }
}
