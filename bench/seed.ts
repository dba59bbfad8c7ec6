import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { checkInvariants, checkStructure } from '../server/db/verify.ts'
import type { GroupMember } from './client-group.ts'
import { startHub } from './servers.ts'

/*
 * The same users, chats and history for both servers, written into the files directly while no server runs. The hub
 * creates its own tables first, and the result is checked against the hub's invariants: a benchmark of a broken
 * database means nothing.
 */

export const userCount = 1_000
export const pairCount = 250
export const groupSizes = [50, 200, 1_000] as const
export const longHistoryLength = 100_000
export const shortHistoryLength = 1_000

/** A user with a password, created through the API, to measure the first login. */
export const owner = { username: 'owner', password: 'correct horse battery' }

export const idOf = (n: number): string => `user-${n}`
export const tokenOf = (n: number): string => `bench-token-of-user-${String(n).padStart(6, '0')}`

interface Chat {
  id: string
  members: number[]
  messages: number
}

const groups: Chat[] = groupSizes.map((size) => ({
  id: `group-${size}`,
  members: Array.from({ length: size }, (_, n) => n),
  messages: 0,
}))
const directs: Chat[] = Array.from({ length: pairCount }, (_, n) => ({
  id: `direct-${n}`,
  members: [2 * n, 2 * n + 1],
  messages: 0,
}))
const histories: Chat[] = [longHistoryLength, shortHistoryLength].map((messages) => ({
  id: `history-${messages}`,
  members: [0, 1],
  messages,
}))
const chats = [...groups, ...directs, ...histories]

export type ServerKind = 'hub' | 'bare'

/** The bare loop has no sessions: it believes the name a client sends. */
function createMember(kind: ServerKind, n: number, chat: string): GroupMember {
  return { user: idOf(n), token: kind === 'hub' ? tokenOf(n) : idOf(n), chat }
}

export function membersOfGroup(kind: ServerKind, size: number): GroupMember[] {
  return Array.from({ length: size }, (_, n) => createMember(kind, n, `group-${size}`))
}

/** The first user of each pair, then the second of each. */
export function membersOfPairs(kind: ServerKind): GroupMember[] {
  const all = directs.flatMap(({ id, members }) => members.map((n) => createMember(kind, n, id)))
  return [...all.filter((_, i) => i % 2 === 0), ...all.filter((_, i) => i % 2 === 1)]
}

export function historyReader(kind: ServerKind): GroupMember {
  return createMember(kind, 0, `history-${longHistoryLength}`)
}

export function seedHub(dir: string): Promise<void> {
  return seedHubWith(dir, insertHubData)
}

/** Sets a hub up and lets `insert` write its rows. */
export async function seedHubWith(dir: string, insert: (db: Database.Database) => void): Promise<void> {
  const hub = await startHub(dir)
  const response = await fetch(`${hub.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify({ code: 'bench-code', hubName: 'Bench', ...owner }),
  })
  if (!response.ok) throw new Error(`the hub was not set up: ${await response.text()}`)
  await hub.stop()
  const db = new Database(join(dir, 'hub.db'))
  db.pragma('foreign_keys = on')
  db.transaction(() => insert(db))()
  const problems = [...checkStructure(db), ...checkInvariants(db)]
  if (problems.length > 0) throw new Error(`the seeded database is not valid: ${problems.join('; ')}`)
  db.pragma('wal_checkpoint(truncate)')
  db.exec('analyze')
  db.close()
  await buildIndex(dir)
}

/**
 * The rows were written without the hub, so the hub builds their index at start. This does it before anything is
 * measured.
 */
async function buildIndex(dir: string): Promise<void> {
  const hub = await startHub(dir)
  const headers = { authorization: `Bearer ${tokenOf(0)}` }
  for (let isBuilding = true; isBuilding;) {
    const response = await fetch(`${hub.url}/api/search?q=message&limit=1`, { headers })
    if (!response.ok) throw new Error(`the search does not respond: ${await response.text()}`)
    isBuilding = ((await response.json()) as { building?: true }).building === true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await hub.stop()
}

/** Statements that write the rows of the hub. */
export function prepareInserts(db: Database.Database) {
  return {
    addUser: db.prepare(
      `insert into "user" (id, username, username_key, display_name, display_key, role, joined_no, password, recovery_key, created_at)
       values (?, ?, ?, ?, ?, 'member', ?, x'00', x'00', ?)`,
    ),
    addSession: db.prepare(
      `insert into session (id, user_id, token_hash, kind, device, address, created_at, used_at, expires_at)
       values (?, ?, ?, 'token', 'bench', '127.0.0.1', ?, ?, ?)`,
    ),
    addChat: db.prepare(
      `insert into chat (id, kind, name, visibility, direct_key, member_count, head, last_no, updated_at, created_by, created_at)
       values (?, ?, ?, 'private', ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addMember: db.prepare(
      `insert into membership (chat_id, user_id, role, joined_at, read_no, delivered_no) values (?, ?, ?, ?, ?, ?)`,
    ),
    addEntry: db.prepare(
      'insert into entry (stream, seq, type, at, by_id, target) values (?, ?, ?, ?, ?, ?)',
    ),
    addMessage: db.prepare(
      `insert into message (id, chat_id, no, seq, rev, cid, author_id, text, digest, at) values (?, ?, ?, ?, ?, ?, ?, ?, x'00', ?)`,
    ),
  }
}

export function hashOfToken(n: number): Buffer {
  return createHash('sha256').update(tokenOf(n)).digest()
}

function insertHubData(db: Database.Database): void {
  const now = Date.now()
  const { addUser, addSession, addChat, addMember, addEntry, addMessage } = prepareInserts(db)
  for (let n = 0; n < userCount; n++) {
    addUser.run(idOf(n), idOf(n), idOf(n), `User ${n}`, `user ${n}`, n, now)
    addSession.run(`session-${n}`, idOf(n), hashOfToken(n), now, now, now + 86_400_000)
  }
  for (const [index, { id, members, messages }] of chats.entries()) {
    const isDirect = id.startsWith('direct-')
    const ids = members.map(idOf)
    const key = isDirect ? [...ids].sort().join(':') : null
    const name = isDirect ? null : id
    const first = ids[0] as string
    addChat.run(
      id,
      isDirect ? 'direct' : 'group',
      name,
      key,
      ids.length,
      messages + 1,
      messages,
      now,
      first,
      now,
    )
    for (const [i, userId] of ids.entries()) {
      addMember.run(id, userId, i === 0 && !isDirect ? 'owner' : 'member', now, messages, messages)
    }
    addEntry.run(`chat:${id}`, 1, 'chat.created', now, first, null)
    for (let no = 1; no <= messages; no++) {
      const author = ids[no % ids.length] as string
      const target = `message-${index}-${no}`
      addMessage.run(target, id, no, no + 1, no + 1, cidOf(index, no), author, textOf(no), now)
      addEntry.run(`chat:${id}`, no + 1, 'message.sent', now, author, target)
    }
  }
}

export function seedBaseline(dir: string): void {
  mkdirSync(dir, { recursive: true })
  const db = new Database(join(dir, 'bare.db'))
  db.pragma('journal_mode = wal')
  db.exec(`
    create table chat (id text primary key, head integer not null) without rowid;
    create table member (user text, chat text, primary key (user, chat)) without rowid;
    create table message (
      chat text not null, no integer not null, cid text not null, author text not null, text text not null,
      at integer not null, primary key (chat, no)
    ) without rowid;`)
  const addChat = db.prepare('insert into chat values (?, ?)')
  const addMember = db.prepare('insert into member values (?, ?)')
  const addMessage = db.prepare('insert into message values (?, ?, ?, ?, ?, ?)')
  db.transaction(() => {
    for (const [index, { id, members, messages }] of chats.entries()) {
      addChat.run(id, messages)
      for (const n of members) addMember.run(idOf(n), id)
      for (let no = 1; no <= messages; no++) {
        addMessage.run(
          id,
          no,
          cidOf(index, no),
          idOf(members[no % members.length] ?? 0),
          textOf(no),
          Date.now(),
        )
      }
    }
  })()
  db.close()
}

/** An empty database, to measure a server without data. */
export function seedEmptyBaseline(dir: string): void {
  mkdirSync(dir, { recursive: true })
  const db = new Database(join(dir, 'bare.db'))
  db.exec(`
    create table chat (id text primary key, head integer not null) without rowid;
    create table member (user text, chat text, primary key (user, chat)) without rowid;
    create table message (
      chat text not null, no integer not null, cid text not null, author text not null, text text not null,
      at integer not null, primary key (chat, no)
    ) without rowid;`)
  db.close()
}

export function cidOf(chat: number, no: number): string {
  return `${String(chat).padStart(8, '0')}-0000-7000-8000-${String(no).padStart(12, '0')}`
}

/** Texts of different lengths, as users write them. */
export function textOf(no: number): string {
  return `Message ${no}: ${'and so on, '.repeat(1 + ((no * 7919) % 17))}`
}
