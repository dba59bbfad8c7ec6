import type { ColumnDefinitionBuilder, CreateTableBuilder, ColumnDataType, Kysely, RawBuilder } from 'kysely'

/*
 * The parts of a schema whose syntax differs between databases. A migration uses Kysely's schema builder and these;
 * `sqlite/schema-builder.ts` and `postgres/schema-builder.ts` implement them.
 */

type ColumnOptions = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder

export interface SchemaBuilder {
  /** A 64-bit integer: counts, times in ms, flags (0 and 1). */
  readonly integer: ColumnDataType | RawBuilder<unknown>
  /** Text that compares by its bytes. */
  readonly text: ColumnDataType | RawBuilder<unknown>
  readonly bytes: ColumnDataType | RawBuilder<unknown>
  /** A primary key that the database numbers; the numbers grow. */
  readonly numbered: ColumnOptions
  /** The same; no number is given twice. */
  readonly numberedOnce: ColumnOptions
  /** A table that checks the type of each value. */
  readonly createTable: <Name extends string>(
    db: Kysely<unknown>,
    name: Name,
  ) => CreateTableBuilder<Name, never>
  /** A table whose rows are stored in the order of its primary key, for short rows that are found by that key. */
  readonly createKeyedTable: <Name extends string>(
    db: Kysely<unknown>,
    name: Name,
  ) => CreateTableBuilder<Name, never>
  /** A check: the integer column is 0 or 1. */
  readonly isFlag: (column: string) => RawBuilder<boolean>
  /** A check: the text column holds JSON, or null where it may be null. */
  readonly isJson: (column: string) => RawBuilder<boolean>
  /** Leaves room next to rows that are updated often, so that an update changes one page. */
  readonly leaveRoom: (db: Kysely<unknown>, table: string, percent: number) => Promise<void>
  /** For processes that compare what they have applied with the latest entries. */
  readonly indexEntriesByTime: (db: Kysely<unknown>) => Promise<void>
  /** Refuses to change a row of the table; rows may be added and deleted. */
  readonly makeAppendOnly: (db: Kysely<unknown>, table: string, message: string) => Promise<void>
  /** Notes the digests of a deleted or changed row in `released_file`, in the same transaction. */
  readonly noteReleased: (db: Kysely<unknown>, table: string, columns: readonly string[]) => Promise<void>
  /** The full-text index of messages: see full-text.ts. */
  readonly createFullTextIndex: (db: Kysely<unknown>) => Promise<void>
}
