import type Database from 'better-sqlite3'
import {
  listLoggedColumns,
  listLoggedTables,
  type LoggedColumn,
  type LoggedTable,
  quoteName,
} from './logged-tables.ts'

/*
 * Notes each change of a replicated row, by TEMP triggers of the writer's connection that call a function here.
 *
 * 1. TEMP triggers fire for cascades and upserts too, and are in no copy and no backup. Rows that `insert or replace`
 *    removes fire theirs since `recursive_triggers` is on with the capture.
 * 2. What is rolled back is not noted: code that rolls back to a savepoint, or has a statement fail, cuts the list to
 *    the length it had before (`mark`, `cutTo`).
 * 3. The columns of a trigger are those of the table when it was created: migrations run before.
 * 4. Integers arrive as doubles. One beyond 2^53 would change silently, so it fails its statement.
 */

/** A value of a row, as JSON has it: bytes are an object. */
export type LoggedValue = string | number | null | { readonly b: string }

export const rowInserted = 1
export const rowUpdated = 2
export const rowDeleted = 3

/**
 * A change of one row: `[table, 1, …all columns]`, `[table, 2, […key before], column, value, column, value…]` with
 * the changed columns only, or `[table, 3, …key]`. Table and columns are indexes.
 */
export type RowChange =
  | readonly [table: number, op: typeof rowInserted | typeof rowDeleted, ...values: LoggedValue[]]
  | readonly [table: number, op: typeof rowUpdated, key: readonly LoggedValue[], ...changes: LoggedValue[]]

const captureFunction = 'hb_capture'
const triggerPrefix = 'hb_capture_'

export class Capture {
  readonly tables: readonly LoggedTable[]
  readonly #raw: Database.Database
  readonly #columns: readonly (readonly LoggedColumn[])[]
  #changes: RowChange[] = []
  #hasFunction = false

  constructor(raw: Database.Database) {
    this.#raw = raw
    this.tables = listLoggedTables(raw)
    this.#columns = this.tables.map(({ name }) => listLoggedColumns(raw, name))
  }

  /** Creates the triggers, in the transaction that is open, if one is. */
  start(): void {
    const raw = this.#raw
    if (!this.#hasFunction) {
      raw.function(captureFunction, { varargs: true }, (table: number, op: number, ...values: unknown[]) => {
        this.#note(table, op, values)
        return null
      })
      this.#hasFunction = true
    }
    raw.pragma('recursive_triggers = on')
    for (const at of this.tables.keys()) raw.exec(this.#triggersOf(at))
  }

  stop(): void {
    for (const { name } of this.tables) {
      for (const op of ['insert', 'update', 'delete']) {
        this.#raw.exec(`drop trigger if exists temp.${quoteName(`${triggerPrefix}${op}_${name}`)}`)
      }
    }
    this.#raw.pragma('recursive_triggers = off')
    this.#changes = []
  }

  mark(): number {
    return this.#changes.length
  }

  /** What was noted since this mark was undone. */
  cutTo(mark: number): void {
    this.#changes.length = mark
  }

  /** Returns all that was noted, in the order of execution, and forgets it. */
  take(): RowChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  #triggersOf(at: number): string {
    const { name, pk } = this.tables[at] as LoggedTable
    const columns = this.#columns[at] as readonly LoggedColumn[]
    const all = (row: string, names: readonly string[]): string =>
      names.map((column) => `${row}.${quoteName(column)}`).join(', ')
    // an unchanged column arrives as a value that its type excludes: its content is not copied twice. Binary: a
    // column may compare without case
    const changed = columns.map(({ name: column, type }) => {
      const [before, after] = [`old.${quoteName(column)}`, `new.${quoteName(column)}`]
      return `iif(${before} is ${after} collate binary, ${unchangedSql(type)}, ${after})`
    })
    const trigger = (op: string, code: number, values: string): string =>
      `create temp trigger if not exists ${quoteName(`${triggerPrefix}${op}_${name}`)}
       after ${op} on main.${quoteName(name)}
       begin select ${captureFunction}(${at}, ${code}, ${values}); end;`
    const names = columns.map(({ name: column }) => column)
    return [
      trigger('insert', rowInserted, all('new', names)),
      trigger('update', rowUpdated, [all('old', pk), ...changed].join(', ')),
      trigger('delete', rowDeleted, all('old', pk)),
    ].join('\n')
  }

  #note(table: number, op: number, values: readonly unknown[]): void {
    if (op !== rowUpdated) {
      const change = [table, op, ...values.map((value) => this.#encode(table, value))]
      this.#changes.push(change as unknown as RowChange)
      return
    }
    const columns = this.#columns[table] as readonly LoggedColumn[]
    const keyLength = (this.tables[table] as LoggedTable).pk.length
    const change: unknown[] = [
      table,
      rowUpdated,
      values.slice(0, keyLength).map((value) => this.#encode(table, value)),
    ]
    for (const [at, { type }] of columns.entries()) {
      const value = values[keyLength + at]
      if (value !== unchangedValue(type)) change.push(at, this.#encode(table, value))
    }
    if (change.length > 3) this.#changes.push(change as unknown as RowChange)
  }

  #encode(table: number, value: unknown): LoggedValue {
    if (typeof value === 'string' || value === null) return value
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) return value
      throw new Error(`a number of ${this.tables[table]?.name} is too large for the row log`)
    }
    if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') }
    throw new Error(`a value of ${this.tables[table]?.name} has no form in the row log`)
  }
}

function unchangedSql(type: LoggedColumn['type']): string {
  return type === 'INTEGER' ? "''" : '0'
}

function unchangedValue(type: LoggedColumn['type']): unknown {
  return type === 'INTEGER' ? '' : 0
}

/** The values that SQLite takes for those of the log. */
export function decodeValue(value: LoggedValue): string | number | null | Buffer {
  return typeof value === 'object' && value !== null ? Buffer.from(value.b, 'base64') : value
}
