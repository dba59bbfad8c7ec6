import type Database from 'better-sqlite3'

/** The latest time of a message, a session or the audit log; nothing in a new or damaged database. */
export function latestStoredTime(raw: Database.Database): number | undefined {
  try {
    const latest = raw
      .prepare(
        `select max(at) from (
          select * from (select at from message order by n desc limit 1)
          union all select max(used_at) from session
          union all select * from (select at from audit order by id desc limit 1)
        )`,
      )
      .pluck()
      .get() as number | null
    return latest ?? undefined
  } catch {
    return undefined
  }
}
