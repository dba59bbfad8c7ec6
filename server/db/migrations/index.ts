import type { Kysely } from 'kysely'
import type { SchemaBuilder } from '../schema-builder.ts'
import * as initial from './0001-initial.ts'

/**
 * One that adds lets programs without it go on: what it adds is nullable or has a default. One that takes away follows a
 * release later, and names the oldest program that does not miss it.
 */
export interface Migration {
  name: string
  up: (db: Kysely<unknown>, schema: SchemaBuilder) => Promise<void>
  /** How many migrations the oldest program has that works with what this one leaves. */
  oldestProgram?: number
}

/** Only ever appended to. The number of those applied is the version of the schema. */
export const migrations: readonly Migration[] = [{ name: '0001-initial', up: initial.up }]
