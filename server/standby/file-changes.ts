import { type RowChange, rowDeleted, rowInserted } from '../continuity/capture.ts'
import type { LoggedTable } from '../continuity/logged-tables.ts'
import { digestColumns } from '../db/verify.ts'

/** The hub notes a content here when its last row goes, and deletes the note when it has removed the file. */
const notesTable = 'released_file'

/** Finds what a frame says about files. */
export class FileChanges {
  /** The columns that name a file, by the index of their table. */
  readonly #columns = new Map<number, ReadonlySet<number>>()
  readonly #notes: number

  constructor(tables: readonly LoggedTable[]) {
    this.#notes = tables.findIndex(({ name }) => name === notesTable)
    for (const [at, { name, columns }] of tables.entries()) {
      const naming = digestColumns.filter(({ table }) => table === name)
      if (naming.length > 0)
        this.#columns.set(at, new Set(naming.map(({ column }) => columns.indexOf(column))))
    }
  }

  /** Returns the files that rows name now, and those that the hub has removed. */
  find(changes: readonly RowChange[]): { named: Set<string>; removed: string[] } {
    const named = new Set<string>()
    const removed: string[] = []
    for (const [table, op, ...rest] of changes) {
      if (table === this.#notes && op === rowDeleted) removed.push(rest[0] as string)
      const columns = this.#columns.get(table)
      if (!columns || op === rowDeleted) continue
      if (op === rowInserted) {
        for (const column of columns) if (typeof rest[column] === 'string') named.add(rest[column])
        continue
      }
      for (let i = 1; i < rest.length; i += 2) {
        const value = rest[i + 1]
        if (columns.has(rest[i] as number) && typeof value === 'string') named.add(value)
      }
    }
    return { named, removed }
  }
}
