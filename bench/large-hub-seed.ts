import type Database from 'better-sqlite3'
import { cidOf, hashOfToken, idOf, prepareInserts, textOf } from './seed.ts'

/*
 * A large hub: everybody in one group, and each user in a few small groups and direct chats with the users next to them.
 */

export const everyoneId = 'group-everyone'
/** Direct chats with the next users; with the previous ones a user has twice as many. */
const directsPerUser = 4
const smallGroupSize = 20
/** A group begins at every fifth user, so that each user is in four. */
const smallGroupStep = 5
const messagesPerChat = 2

export const directIdOf = (n: number, step: number): string => `direct-${n}-${step}`

export function insertLargeHub(db: Database.Database, userCount: number): void {
  const now = Date.now()
  const { addUser, addSession, addChat, addMember, addEntry, addMessage } = prepareInserts(db)
  for (let n = 0; n < userCount; n++) {
    addUser.run(idOf(n), idOf(n), idOf(n), `User ${n}`, `user ${n}`, n, now)
    addSession.run(`session-${n}`, idOf(n), hashOfToken(n), now, now, now + 86_400_000)
  }
  let chatCount = 0
  const addWhole = (id: string, isDirect: boolean, members: readonly number[], messages: number): void => {
    const ids = members.map((n) => idOf(n % userCount))
    const key = isDirect ? [...ids].sort().join(':') : null
    const first = ids[0] as string
    const index = chatCount++
    addChat.run(
      ...[id, isDirect ? 'direct' : 'group', isDirect ? null : id, key, ids.length],
      ...[messages + 1, messages, now, first, now],
    )
    for (const [i, userId] of ids.entries())
      addMember.run(id, userId, i === 0 && !isDirect ? 'owner' : 'member', now, 0, 0)
    addEntry.run(`chat:${id}`, 1, 'chat.created', now, first, null)
    for (let no = 1; no <= messages; no++) {
      const target = `message-${index}-${no}`
      const author = ids[no % ids.length] as string
      addMessage.run(target, id, no, no + 1, no + 1, cidOf(index, no), author, textOf(no), now)
      addEntry.run(`chat:${id}`, no + 1, 'message.sent', now, author, target)
    }
  }
  const everyone = Array.from({ length: userCount }, (_, n) => n)
  addWhole(everyoneId, false, everyone, 100)
  for (let n = 0; n < userCount; n++)
    for (let step = 1; step <= directsPerUser; step++)
      addWhole(directIdOf(n, step), true, [n, n + step], messagesPerChat)
  for (let n = 0; n < userCount; n += smallGroupStep) {
    const members = Array.from({ length: smallGroupSize }, (_, i) => n + i)
    addWhole(`small-${n}`, false, members, messagesPerChat)
  }
}
