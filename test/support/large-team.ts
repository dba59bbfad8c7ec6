import { join } from 'node:path'
import Database from 'better-sqlite3'
import { cidOf, prepareInserts } from '../../bench/seed.ts'

export const sailorOf = (n: number) => ({ id: `sailor-${n}`, name: `Sailor ${String(n).padStart(4, '0')}` })
export const fleetId = 'group-fleet'

/**
 * Writes users into the database of a hub that does not run, and a group of them all and of those who are given, the first
 * of them its owner. Each of the last sailors has written a message there.
 */
export function addSailors(
  dataDir: string,
  count: number,
  others: readonly { id: string }[],
  messageCount: number,
): void {
  const db = new Database(join(dataDir, 'hub.db'))
  const { addUser, addChat, addMember, addEntry, addMessage } = prepareInserts(db)
  const now = Date.now()
  const insert = db.transaction(() => {
    const { joined } = db.prepare('select max(joined_no) + 1 as joined from "user"').get() as {
      joined: number
    }
    const sailors = Array.from({ length: count }, (_, n) => sailorOf(n))
    for (const [n, { id, name }] of sailors.entries())
      addUser.run(id, id, id, name, name.toLowerCase(), joined + n, now)
    const members = [...others, ...sailors].map(({ id }) => id)
    const [owner = ''] = members
    addChat.run(
      ...[fleetId, 'group', 'Fleet', null, members.length],
      ...[messageCount + 1, messageCount, now, owner, now],
    )
    for (const id of members)
      addMember.run(fleetId, id, id === owner ? 'owner' : 'member', now, messageCount, messageCount)
    addEntry.run(`chat:${fleetId}`, 1, 'chat.created', now, owner, null)
    for (let no = 1; no <= messageCount; no++) {
      const author = sailorOf(count - messageCount + no - 1).id
      addMessage.run(
        ...[`fleet-${no}`, fleetId, no, no + 1, no + 1, cidOf(0, no)],
        ...[author, `Message ${no}, for @sailor-${no}`, now],
      )
      addEntry.run(`chat:${fleetId}`, no + 1, 'message.sent', now, author, `fleet-${no}`)
    }
  })
  insert()
  db.close()
}
