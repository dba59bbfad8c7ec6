import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { BenchServer } from './servers.ts'

/*
 * A hub with a million messages, as a team of fifty writes them: words by Zipf's law out of 30,000, some Chinese,
 * Japanese, Arabic, emoji and addresses. Written into the file directly while no hub runs; the hub builds the index
 * itself.
 */

const userCount = 50
const busyChatCount = 38
/** The number of chats each user is in; user 0 is in all. */
const quietChatIds = ['quiet-0', 'quiet-1']
const messagesPerQuietChat = 2_000
/** In the two quiet chats, and nowhere else. */
export const quietUser = userCount - 1
export const userInAllChats = 0

export const tokenOf = (n: number): string => `bench-token-of-user-${String(n).padStart(6, '0')}`
export const idOf = (n: number): string => `user-${n}`
export const chatOf = (n: number): string => `busy-${n}`
export const quietChats: readonly string[] = quietChatIds

let state = 0x9e3779b9
/** Returns the same numbers in each run. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}
const randomBelow = (n: number): number => Math.floor(random() * n)

const syllables =
  'a be ca di do el fa ga hi in ja ka le lo ma me ni no or pa qui ra re sa si ta te un va we'.split(' ')
/** By rank: the most common first, and shorter than the rare ones. */
export const words: readonly string[] = makeWords(30_000)
function makeWords(count: number): string[] {
  const made = new Set<string>()
  for (let rank = 0; made.size < count; rank += 1) {
    const length = 1 + Math.floor(Math.log10(rank + 1) / 1.6) + randomBelow(3)
    let word = ''
    for (let i = 0; i < length; i += 1) word += syllables[randomBelow(syllables.length)] ?? ''
    made.add(word)
  }
  return [...made]
}
const zipfIndex = (count: number): number =>
  Math.min(count - 1, Math.floor(Math.exp(random() * Math.log(count + 1))) - 1)

/** By rank too. */
export const hanCharacters: readonly string[] = Array.from({ length: 2_000 }, (_, i) =>
  String.fromCodePoint(0x4e00 + i * 7),
)
const kana = Array.from({ length: 80 }, (_, i) => String.fromCodePoint(0x3042 + i))
const arabic = Array.from({ length: 3_000 }, (_, i) => {
  const letters = Array.from({ length: 3 + (i % 4) }, (_unused, k) =>
    String.fromCodePoint(0x0628 + ((i * 7 + k * 11) % 18)),
  )
  return letters.join('')
})
const emoji = ['👍', '🎉', '😀', '🚀', '❤️', '👩‍🚀', '🇩🇪', '🙏🏽']

const repeatJoined = (count: number, create: () => string, between: string): string =>
  Array.from({ length: count }, create).join(between)
const randomWord = (): string => words[zipfIndex(words.length)] ?? ''

function randomText(): string {
  const kind = random()
  if (kind < 0.05) {
    return repeatJoined(
      6 + randomBelow(30),
      () =>
        random() < 0.6
          ? (hanCharacters[zipfIndex(hanCharacters.length)] ?? '')
          : (kana[randomBelow(kana.length)] ?? ''),
      '',
    )
  }
  if (kind < 0.07) return repeatJoined(3 + randomBelow(15), () => arabic[zipfIndex(arabic.length)] ?? '', ' ')
  const text = repeatJoined(3 + randomBelow(25), randomWord, ' ')
  if (kind < 0.12) return `${text} ${emoji[randomBelow(emoji.length)] ?? ''}`
  if (kind < 0.14) return `${text} https://${randomWord()}.example.org/${randomWord()}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

export interface SeedResult {
  messages: number
  /** Bytes of the texts. */
  textBytes: number
  /** Pairs of adjacent words, from messages all over the history. */
  phrases: string[]
}

export async function setUpHub(hub: BenchServer): Promise<void> {
  const response = await fetch(`${hub.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify({
      code: 'bench-code',
      hubName: 'Bench',
      username: 'owner',
      password: 'correct horse battery',
    }),
  })
  if (!response.ok) throw new Error(`the hub was not set up: ${await response.text()}`)
}

export function seedMessages(dir: string, messages: number): SeedResult {
  const db = new Database(join(dir, 'hub.db'))
  // chats come last, since their lengths are known only then
  db.pragma('foreign_keys = off')
  db.pragma('synchronous = off')
  db.pragma('cache_size = -200000')
  const seeded = db.transaction(() => insertMessages(db, messages))()
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  return seeded
}

function insertMessages(db: Database.Database, messages: number): SeedResult {
  const now = Date.now()
  insertUsers(db, now)
  const chats = [...Array.from({ length: busyChatCount }, (_, n) => chatOf(n)), ...quietChatIds]
  const lengths = new Map(chats.map((id) => [id, 0]))
  const addMessage = db.prepare(
    `insert into message (id, chat_id, no, seq, rev, cid, author_id, text, digest, at) values (?, ?, ?, ?, ?, ?, ?, ?, x'00', ?)`,
  )
  const addEntry = db.prepare(
    'insert into entry (stream, seq, type, at, by_id, target) values (?, ?, ?, ?, ?, ?)',
  )
  const seeded: SeedResult = { messages, textBytes: 0, phrases: [] }
  const quietEvery = Math.max(2, Math.floor(messages / (messagesPerQuietChat * quietChatIds.length)))
  for (let n = 0; n < messages; n += 1) {
    const isQuiet = n % quietEvery === 0
    const chat = isQuiet ? (quietChatIds[randomBelow(2)] ?? '') : chatOf(zipfIndex(busyChatCount))
    const author = idOf(isQuiet ? (random() < 0.5 ? userInAllChats : quietUser) : randomBelow(userCount - 1))
    const no = (lengths.get(chat) ?? 0) + 1
    lengths.set(chat, no)
    const text = randomText()
    seeded.textBytes += Buffer.byteLength(text)
    if (n % 4_999 === 0) {
      const pair = /[a-z]{4,} [a-z]{4,}/.exec(text)?.[0]
      if (pair !== undefined) seeded.phrases.push(pair)
    }
    const id = `message-${String(n).padStart(12, '0')}`
    const at = now - (messages - n) * 30_000
    addMessage.run(
      id,
      chat,
      no,
      no + 1,
      no + 1,
      `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      author,
      text,
      at,
    )
    addEntry.run(`chat:${chat}`, no + 1, 'message.sent', at, author, id)
  }
  insertChats(db, lengths, now)
  return seeded
}

function insertUsers(db: Database.Database, now: number): void {
  const addUser = db.prepare(
    `insert into "user" (id, username, username_key, display_name, display_key, role, joined_no, password, recovery_key, created_at)
     values (?, ?, ?, ?, ?, 'member', ?, x'00', x'00', ?)`,
  )
  const addSession = db.prepare(
    `insert into session (id, user_id, token_hash, kind, device, address, created_at, used_at, expires_at)
     values (?, ?, ?, 'token', 'bench', '127.0.0.1', ?, ?, ?)`,
  )
  for (let n = 0; n < userCount; n += 1) {
    addUser.run(idOf(n), idOf(n), idOf(n), `User ${n}`, `user ${n}`, n, now)
    const hash = createHash('sha256').update(tokenOf(n)).digest()
    addSession.run(`session-${n}`, idOf(n), hash, now, now, now + 86_400_000)
  }
}

function insertChats(db: Database.Database, lengths: Map<string, number>, now: number): void {
  const addChat = db.prepare(
    `insert into chat (id, kind, name, visibility, member_count, head, last_no, updated_at, created_by, created_at)
     values (?, 'group', ?, 'private', ?, ?, ?, ?, ?, ?)`,
  )
  const addMember = db.prepare(
    'insert into membership (chat_id, user_id, role, joined_at, read_no, delivered_no) values (?, ?, ?, ?, ?, ?)',
  )
  const addEntry = db.prepare(
    'insert into entry (stream, seq, type, at, by_id, target) values (?, ?, ?, ?, ?, ?)',
  )
  for (const [id, length] of lengths) {
    const isQuiet = quietChatIds.includes(id)
    const members = isQuiet ? [userInAllChats, quietUser] : Array.from({ length: userCount - 1 }, (_, n) => n)
    addChat.run(id, id, members.length, length + 1, length, now, idOf(userInAllChats), now)
    for (const n of members) {
      addMember.run(id, idOf(n), n === userInAllChats ? 'owner' : 'member', now, length, length)
    }
    addEntry.run(`chat:${id}`, 1, 'chat.created', now, idOf(userInAllChats), null)
  }
}
