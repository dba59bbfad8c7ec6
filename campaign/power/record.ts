import { readFileSync } from 'node:fs'

/** One change of the files, as preload/files.c has written it. */
export interface RecordedChange {
  /** See `put` in files.c: T, C and O open; W writes, S sets the size, F syncs, E is a sync that failed; R renames, L links, U removes, M makes a folder. */
  op: string
  /** Of the open file. */
  handle: number
  at: number
  bytes: Buffer
  /** Bytes of the record up to the end of this change. */
  end: number
}

export function readRecord(file: string): RecordedChange[] {
  const record = readFileSync(file)
  const changes: RecordedChange[] = []
  for (let at = 0; at < record.length;) {
    const headEnd = record.indexOf(10, at)
    if (headEnd < 0) break
    const [op = '', handle, place, size] = record.toString('latin1', at, headEnd).split(' ')
    const end = headEnd + 1 + Number(size)
    if (end > record.length) break
    changes.push({
      op,
      handle: Number(handle),
      at: Number(place),
      bytes: record.subarray(headEnd + 1, end),
      end,
    })
    at = end
  }
  return changes
}
