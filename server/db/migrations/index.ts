import type { Kysely } from 'kysely'
import type { SchemaBuilder } from '../schema-builder.ts'
import * as initial from './0001-initial.ts'

export interface Migration {
  name: string
  up: (db: Kysely<unknown>, schema: SchemaBuilder) => Promise<void>
}

/** Only ever appended to. The number of those applied is the version of the schema. */
export const migrations: readonly Migration[] = [{ name: '0001-initial', up: initial.up }]
