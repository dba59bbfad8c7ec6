import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'

/*
 * Faults that the campaign must find. They are put in from outside, between a kill and the comparison; the hub itself has no
 * switch for them. `early-ack` is in the writer: the client counts a request as acknowledged when it leaves, which is what
 * it would see of a hub that acknowledges before its commit.
 */

export const killFaults = ['early-ack', 'lost-row', 'doubled-row', 'lost-entry', 'lost-file'] as const
export type KillFault = (typeof killFaults)[number]

export function putInFault(dataDir: string, fault: KillFault): void {
  if (fault === 'early-ack') return
  if (fault === 'lost-file') {
    const [first] = readdirSync(path.join(dataDir, 'files'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /[0-9a-f]{64}$/.test(name),
    )
    if (first !== undefined) rmSync(path.join(dataDir, 'files', first))
    return
  }
  const raw = new Database(path.join(dataDir, 'hub.db'))
  try {
    raw.pragma('foreign_keys = off')
    raw.exec(statements[fault])
  } finally {
    raw.close()
  }
}

const newest = `(select max(n) from message where thread = '' and deleted_at is null)`
const statements: Record<Exclude<KillFault, 'early-ack' | 'lost-file'>, string> = {
  'lost-row': `delete from message where n = ${newest}`,
  'doubled-row': `create temp table copy as select * from message where n = ${newest};
    update copy set n = n + 1000, id = 'x' || substr(id, 2), no = no + 1000, seq = seq + 1000, rev = rev + 1000,
      cid = upper(cid) || 'x';
    insert into message select * from copy;`,
  'lost-entry': `delete from entry where stream like 'chat:%'
    and seq = (select max(seq) from entry where stream like 'chat:%')`,
}
