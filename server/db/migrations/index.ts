import type { Kysely } from 'kysely'
import * as initial from './0001-initial.ts'
import * as releasedFiles from './0002-released-files.ts'
import * as drafts from './0003-drafts.ts'
import * as textBudget from './0004-text-budget.ts'

export interface Migration {
  name: string
  up: (db: Kysely<unknown>) => Promise<void>
}

/** Only ever appended to. The number of those applied is the file's `user_version`. */
export const migrations: readonly Migration[] = [
  { name: '0001-initial', up: initial.up },
  { name: '0002-released-files', up: releasedFiles.up },
  { name: '0003-drafts', up: drafts.up },
  { name: '0004-text-budget', up: textBudget.up },
]
