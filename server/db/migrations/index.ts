import type { Kysely } from 'kysely'
import * as first from './0001-first.ts'
import * as audit from './0002-audit.ts'
import * as recovery from './0003-recovery.ts'
import * as profile from './0004-profile.ts'
import * as admin from './0005-admin.ts'
import * as tokens from './0006-tokens.ts'
import * as groups from './0007-groups.ts'
import * as changing from './0008-changing.ts'
import * as files from './0009-files.ts'
import * as search from './0010-search.ts'
import * as accounts from './0011-accounts.ts'
import * as keeping from './0012-keeping.ts'
import * as indexUpkeep from './0013-index-upkeep.ts'
import * as replyMentions from './0014-reply-mentions.ts'
import * as noticeLevel from './0015-notice-level.ts'

export interface Migration {
  name: string
  up: (db: Kysely<unknown>) => Promise<void>
}

/** In their order, for ever. The number of those applied is the file's `user_version`. */
export const migrations: Migration[] = [
  { name: '0001-first', up: first.up },
  { name: '0002-audit', up: audit.up },
  { name: '0003-recovery', up: recovery.up },
  { name: '0004-profile', up: profile.up },
  { name: '0005-admin', up: admin.up },
  { name: '0006-tokens', up: tokens.up },
  { name: '0007-groups', up: groups.up },
  { name: '0008-changing', up: changing.up },
  { name: '0009-files', up: files.up },
  { name: '0010-search', up: search.up },
  { name: '0011-accounts', up: accounts.up },
  { name: '0012-keeping', up: keeping.up },
  { name: '0013-index-upkeep', up: indexUpkeep.up },
  { name: '0014-reply-mentions', up: replyMentions.up },
  { name: '0015-notice-level', up: noticeLevel.up },
]
