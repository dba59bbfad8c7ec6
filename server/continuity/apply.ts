import type Database from 'better-sqlite3'
import { decodeValue, type LoggedValue, type RowChange, rowDeleted, rowInserted } from './capture.ts'
import { listLoggedTables, type LoggedTable, quoteName, tablesOfTriggers } from './logged-tables.ts'

/*
 * Makes the changes of the log in the database of a standby, in the order in which the hub made them. A row that is not
 * there, or is there already, means that the two databases differ: nothing is guessed, and the standby needs a copy.
 */

/** The database of this standby is not that of its hub. */
export class DivergenceError extends Error {
  override name = 'DivergenceError'
}

export class RowApplier {
  readonly #raw: Database.Database
  readonly #tables: readonly LoggedTable[]
  readonly #statements = new Map<string, Database.Statement>()

  /**
   * @param tables those of the hub, whose order its log uses
   * @throws DivergenceError if this database has others
   */
  constructor(raw: Database.Database, tables: readonly LoggedTable[]) {
    const own = listLoggedTables(raw)
    if (JSON.stringify(own) !== JSON.stringify(tables)) {
      throw new DivergenceError('the tables of the hub are others than those of this standby')
    }
    // the log has what the references of the hub have caused
    raw.pragma('foreign_keys = off')
    this.#raw = raw
    this.#tables = tables
  }

  /** @throws DivergenceError, or the error of SQLite; then the transaction must be rolled back */
  apply(changes: readonly RowChange[]): void {
    for (const change of changes) this.#applyChange(change)
  }

  #applyChange(change: RowChange): void {
    const [at, op, ...rest] = change
    const table = this.#tables[at]
    if (!table) throw new DivergenceError(`the log names a table ${at}, which is not there`)
    if (op === rowInserted) {
      this.#run(`insert ${at}`, () => insertSql(table), rest as LoggedValue[], table)
      return
    }
    if (op === rowDeleted) {
      this.#run(`delete ${at}`, () => deleteSql(table), rest as LoggedValue[], table)
      return
    }
    const [key, ...pairs] = rest as [readonly LoggedValue[], ...LoggedValue[]]
    const columns: number[] = []
    const values: LoggedValue[] = []
    for (let i = 0; i < pairs.length; i += 2) {
      columns.push(pairs[i] as number)
      values.push(pairs[i + 1] as LoggedValue)
    }
    this.#run(`update ${at} ${columns.join()}`, () => updateSql(table, columns), [...values, ...key], table)
  }

  #run(id: string, sql: () => string, values: readonly LoggedValue[], table: LoggedTable): void {
    let statement = this.#statements.get(id)
    if (!statement) this.#statements.set(id, (statement = this.#raw.prepare(sql())))
    const { changes } = statement.run(values.map(decodeValue))
    if (changes !== 1) throw new DivergenceError(`a row of ${table.name} is not there`)
  }
}

function insertSql({ name, columns }: LoggedTable): string {
  // a trigger of the schema has made this row here too, when its cause was applied
  const verb = tablesOfTriggers.includes(name) ? 'insert or replace' : 'insert'
  const places = columns.map(() => '?').join(', ')
  return `${verb} into ${quoteName(name)} (${columns.map(quoteName).join(', ')}) values (${places})`
}

function deleteSql({ name, pk }: LoggedTable): string {
  return `delete from ${quoteName(name)} where ${keyMatches(pk)}`
}

function updateSql({ name, columns, pk }: LoggedTable, changed: readonly number[]): string {
  const sets = changed.map((at) => {
    const column = columns[at]
    if (column === undefined) throw new DivergenceError(`the log names a column ${at} of ${name}`)
    return `${quoteName(column)} = ?`
  })
  return `update ${quoteName(name)} set ${sets.join(', ')} where ${keyMatches(pk)}`
}

function keyMatches(pk: readonly string[]): string {
  return pk.map((column) => `${quoteName(column)} = ?`).join(' and ')
}
