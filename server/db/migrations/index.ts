import type { Kysely } from 'kysely'
import * as initial from './0001-initial.ts'

export interface Migration {
  name: string
  up: (db: Kysely<unknown>) => Promise<void>
}

/** Only ever appended to. The number of those applied is the file's `user_version`. */
export const migrations: readonly Migration[] = [{ name: '0001-initial', up: initial.up }]
