import {
  type Expression,
  ExpressionWrapper,
  FunctionNode,
  type OperationNode,
  type RawBuilder,
  type SqlBool,
  sql,
} from 'kysely'

/*
 * The SQL that differs between databases, under names that do not. A query contains a fragment by its name; the compiler
 * of each database writes it as `sqlite/json.ts` or `postgres/json.ts` says.
 */

/** How a database writes each fragment. */
export interface Fragments {
  greatest: (column: Part, value: Part) => RawBuilder<unknown>
  inJsonArray: (column: Part, json: Part) => RawBuilder<unknown>
  jsonArrayValues: (json: Part) => RawBuilder<unknown>
  receiptRows: (json: Part) => RawBuilder<unknown>
  gatherJson: (value: Part) => RawBuilder<unknown>
  jsonArray: (...values: Part[]) => RawBuilder<unknown>
  /** The name and the value of each member in turn. */
  jsonObject: (...members: Part[]) => RawBuilder<unknown>
}
type Part = Expression<unknown>

const prefix = 'hubbub.'

function fragment<T>(name: keyof Fragments, ...parts: Part[]): ExpressionWrapper<never, never, T> {
  const nodes = parts.map((part) => part.toOperationNode())
  return new ExpressionWrapper(FunctionNode.create(`${prefix}${name}`, nodes))
}

/** Returns the SQL of a fragment for a compiler; undefined for a function of the database. */
export function resolveFragment(fragments: Fragments, node: FunctionNode): OperationNode | undefined {
  if (!node.func.startsWith(prefix)) return undefined
  const write: (...parts: Part[]) => RawBuilder<unknown> =
    fragments[node.func.slice(prefix.length) as keyof Fragments]
  return write(...node.arguments.map((argument) => new ExpressionWrapper(argument))).toOperationNode()
}

/**
 * Returns the greater of a column and a value. A receipt that only grows is written with it, so that two writers
 * cannot lower it.
 */
export const greatest = (column: string, value: number): Expression<number> =>
  fragment<number>('greatest', sql.ref(column), sql`${value}`)

/**
 * Returns true if a text column is in a JSON array of texts. The query text is the same for a list of any length,
 * so it can be prepared.
 */
export const inJsonArray = (column: Expression<string | null>, json: string): Expression<SqlBool> =>
  fragment<SqlBool>('inJsonArray', column, sql`${json}`)

/**
 * Returns a text of a client for JSON that the database reads. PostgreSQL refuses a NUL and half a surrogate pair in it, and
 * with them the whole statement. No id and no name has one, so the text finds nothing.
 */
export function textForJson(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** Returns texts of a client as such an array. */
export function textArray(texts: readonly string[]): string {
  return JSON.stringify(texts.map(textForJson))
}

/** The texts of a JSON array, as a table with one column `value`. */
export const jsonArrayValues = (json: string): Expression<unknown> =>
  fragment<unknown>('jsonArrayValues', sql`${json}`)

/** The items `[chatId, userId, no]` of a JSON array, as a table with the columns `chat_id`, `user_id` and `no`. */
export const receiptRows = (json: string): Expression<unknown> =>
  fragment<unknown>('receiptRows', sql`${json}`)

/** Gathers a value of each row, as the text of a JSON array; `[]` without rows. */
export const gatherJson = (value: Expression<unknown>): Expression<string> =>
  fragment<string>('gatherJson', value)

/** The values as a JSON array. */
export const jsonArray = (...values: Expression<unknown>[]): Expression<unknown> =>
  fragment<unknown>('jsonArray', ...values)

/** The columns of a row as a JSON object, by the names of its members. */
export const jsonObject = (columns: Readonly<Record<string, string>>): Expression<unknown> =>
  fragment<unknown>(
    'jsonObject',
    ...Object.entries(columns).flatMap(([name, column]) => [sql.lit(name), sql.ref(column)]),
  )
