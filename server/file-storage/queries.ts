import { type Selectable, sql } from 'kysely'
import { inJsonArray, jsonArrayValues } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { FileTable } from '../db/file-tables.ts'
import type { Db } from '../db/schema.ts'

export type FileRow = Selectable<FileTable>

/** Finds a file that this user uploads or has uploaded. */
export const findOwnFile = prepared((db, p: { fileId: string; userId: string }) =>
  db.selectFrom('file').where('id', '=', p.fileId).where('userId', '=', p.userId).selectAll(),
)

/**
 * Returns the storage a user takes, each content counted once, with the space reserved for unfinished uploads; and
 * the number of their files that are in no message. Forwarding a file that they sent themselves takes no more
 * space.
 */
export const storageUsageOf = prepared((db, p: { userId: string }) =>
  db
    .selectFrom(
      db
        .selectFrom('file')
        .where('userId', '=', p.userId)
        .groupBy(sql`coalesce(digest, id)`)
        .select([
          sql<number>`max(size)`.as('size'),
          sql<number>`count(*) filter (where message_id is null)`.as('loose'),
        ])
        .as('kept'),
    )
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('size'), sql<number>`0`).as('bytes'),
      eb.fn.coalesce(eb.fn.sum<number>('loose'), sql<number>`0`).as('loose'),
    ]),
)

/** Returns how many bytes of these contents the user does not store yet. */
export const countNewBytes = prepared((db, p: { userId: string; digests: string }) =>
  db
    .selectFrom(
      db
        .selectFrom('file as f')
        .where((eb) => inJsonArray(eb.ref('f.digest'), p.digests))
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('file as own')
                .whereRef('own.digest', '=', 'f.digest')
                .where('own.userId', '=', p.userId)
                .select('own.id'),
            ),
          ),
        )
        .groupBy('f.digest')
        .select(sql<number>`max(f.size)`.as('size'))
        .as('lacking'),
    )
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('size'), sql<number>`0`).as('bytes')),
)

/** Returns the bytes that are reserved for uploads and have not arrived yet. */
export async function pendingUploadBytes(db: Db): Promise<number> {
  const row = await db
    .selectFrom('file')
    .where('messageId', 'is', null)
    .select(sql<number | null>`sum(size - received)`.as('bytes'))
    .executeTakeFirstOrThrow()
  return row.bytes ?? 0
}

export const hubLimits = prepared((db, _: object) => db.selectFrom('hub').select(['fileBytes', 'userBytes']))

/** Returns nothing if the upload is not as the row said any more. */
export const claimUpload = prepared((db, p: UploadClaim) =>
  db
    .updateTable('file')
    .set({ writer: p.newWriter, suffix: p.newSuffix })
    .where('id', '=', p.id)
    .where('digest', 'is', null)
    .where('writer', '=', p.writer)
    .where('suffix', '=', p.suffix)
    .where('received', '=', p.received)
    .returning('id'),
)

/** The row as it was read, and what it is to become. */
type UploadClaim = Pick<FileRow, 'id' | 'writer' | 'suffix' | 'received'> & {
  newWriter: string
  newSuffix: string
}

/** Returns nothing if the upload is gone, or another process writes it now. */
export const saveReceived = prepared(
  (db, p: Pick<FileRow, 'writer' | 'suffix' | 'received'> & { fileId: string; next: string; now: number }) =>
    db
      .updateTable('file')
      .set({ received: p.received, writer: p.next, suffix: p.suffix, touchedAt: p.now })
      .where('id', '=', p.fileId)
      .where('writer', '=', p.writer)
      .where('digest', 'is', null)
      .returning('id'),
)

/** Returns the digests of all files that rows refer to. */
export async function listReferencedDigests(db: Db): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    select digest from file where digest is not null
    union select list_digest from file where list_digest is not null
    union select screen_digest from file where screen_digest is not null
    union select avatar_digest from "user" where avatar_digest is not null
    union select picture_digest from chat where picture_digest is not null`.execute(db)
  return rows.map(({ digest }) => digest)
}

/** Returns those digests that a row refers to. */
export async function findReferencedDigests(db: Db, digests: readonly string[]): Promise<Set<string>> {
  const wanted = JSON.stringify(digests)
  const { rows } = await sql<{ value: string }>`
    select value from ${jsonArrayValues(wanted)} as wanted where
      exists (select 1 from file where digest = value)
      or exists (select 1 from file where list_digest = value)
      or exists (select 1 from file where screen_digest = value)
      or exists (select 1 from "user" where avatar_digest = value)
      or exists (select 1 from chat where picture_digest = value)`.execute(db)
  return new Set(rows.map(({ value }) => value))
}
