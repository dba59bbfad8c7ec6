import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { checkContents, checkFiles, checkInvariants, checkStructure } from '../../server/db/verify.ts'
import { examineIndex } from '../../server/ops/doctor-index.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import type { Registers } from './registers.ts'

interface CompareOptions {
  /** Compares every register, not only those that were written since. */
  all?: boolean
  settle?: (key: string, actual: string) => string | undefined
}

/** Compares all that was written since the last time with what a killed hub has left on the disk. */
export function compareWithDisk(
  dataDir: string,
  registers: Registers,
  { all = false, settle = registers.settle.bind(registers) }: CompareOptions = {},
): string[] {
  const { raw } = openReader(path.join(dataDir, 'hub.db'))
  try {
    // one state, also of a hub that runs
    raw.exec('begin')
    const keys = all ? [...registers.keys()] : registers.touched
    return [
      ...keys.flatMap((key) => settle(key, readRegister(raw, key)) ?? []),
      ...findDisorder(raw),
      ...indexProblems(raw),
      ...checkStructure(raw),
      ...checkInvariants(raw),
      ...checkFiles(raw, (digest) => existsSync(path.join(dataDir, fileNameOf(digest)))),
      ...checkContents(raw, (digest) => hashOf(path.join(dataDir, fileNameOf(digest)))),
    ]
  } finally {
    raw.close()
  }
}

/** Returns the uploads that are in no message: their writer was interrupted before it sent them. */
export function readUnsentUploads(dataDir: string): { id: string; userId: string }[] {
  const { raw } = openReader(path.join(dataDir, 'hub.db'))
  try {
    return raw.prepare('select id, user_id as userId from file where message_id is null').all() as {
      id: string
      userId: string
    }[]
  } finally {
    raw.close()
  }
}

/** A killed hub leaves messages that are not in the index yet; what is in it has to agree with the messages. */
function indexProblems(raw: Database.Database): string[] {
  const { state, text } = examineIndex(raw)
  return state === 'good' ? [] : [text]
}

/** Messages that one lane sent one after the other are stored in that order. */
function findDisorder(raw: Database.Database): string[] {
  const rows = raw
    .prepare(`select thread, no, text from message where text like '% writes %' order by thread, no`)
    .all() as { thread: string; no: number; text: string }[]
  const last = new Map<string, number>()
  return rows.flatMap(({ thread, text }) => {
    const [name = '', number = ''] = text.split(' writes ')
    const key = `${thread} ${name}`
    const before = last.get(key) ?? 0
    last.set(key, Number(number))
    return Number(number) > before ? [] : [`the order of ${name} changed: ${number} after ${before}`]
  })
}

function hashOf(file: string): string | undefined {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined
}

export const absent = '(absent)'
export const deleted = '(deleted)'
export const off = 'off'
export const on = 'on'

/** The value of a register by its key: the kind, and what it is about. */
function readRegister(raw: Database.Database, key: string): string {
  const [kind = '', first = '', second = ''] = key.split(' ')
  const exists = (sql: string, ...values: string[]): string =>
    raw.prepare(sql).get(...values) === undefined ? off : on
  switch (kind) {
    case 'message':
      return readMessage(raw, first)
    case 'reaction':
      return exists(
        'select 1 from reaction join message on message.id = message_id where cid = ? and emoji = ?',
        first,
        second,
      )
    case 'saved':
      return exists(
        'select 1 from saved_message join message on message.id = message_id where cid = ? and user_id = ?',
        first,
        second,
      )
    case 'pin':
      return exists('select 1 from message where cid = ? and pinned_at is not null', first)
    case 'member':
      return exists('select 1 from membership where chat_id = ? and user_id = ?', first, second)
    default:
      throw new Error(`no such register: ${key}`)
  }
}

interface MessageRow {
  text: string
  deleted_at: number | null
  files: string | null
}

function readMessage(raw: Database.Database, cid: string): string {
  const rows = raw
    .prepare(
      `select text, deleted_at, (select group_concat(digest order by digest) from file where message_id = message.id) as files
       from message where cid = ?`,
    )
    .all(cid) as MessageRow[]
  const [row] = rows
  if (!row) return absent
  if (rows.length > 1) return `${rows.length} copies`
  return row.deleted_at === null ? messageValue(row.text, row.files ?? '') : deleted
}

export const messageValue = (text: string, digest = ''): string => `${text}#${digest}`
