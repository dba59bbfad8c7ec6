import type { Kysely } from 'kysely'
import * as first from './0001-first.ts'
import * as audit from './0002-audit.ts'

export interface Migration {
  name: string
  up: (db: Kysely<unknown>) => Promise<void>
}

/** In their order, for ever. The number of those applied is the file's `user_version`. */
export const migrations: Migration[] = [
  { name: '0001-first', up: first.up },
  { name: '0002-audit', up: audit.up },
]
