import { expect, test } from 'vitest'
import { checkInvariants, checkStructure } from '../../server/db/verify.ts'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { startTestHub } from '../support/hub.ts'
import { fileOfRows } from '../support/test-database.ts'

/** The database of a hub that was used and then closed. */
async function openPopulatedDatabase() {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const chat = await olga.createGroup('Talk', [ann])
  // alternate between chats, so that a message’s row id differs from its number in the chat
  const direct = await olga.openDirectChat(ann)
  await olga.sendMessage(direct.id, 'hello')
  for (let i = 0; i < 4; i += 1) await ann.sendMessage(chat.id, `message ${i}`)
  await olga.request('chats.read', { chatId: chat.id, no: 3 })
  await hub.close()
  const { raw } = openWriter(await fileOfRows(hub.dataDir))
  raw.pragma('foreign_keys = off')
  return raw
}

test('checkInvariants and checkStructure report every kind of damage', async () => {
  const raw = await openPopulatedDatabase()
  expect(checkInvariants(raw)).toEqual([])
  expect(checkStructure(raw)).toEqual([])
  const one = `(select id from message where text = 'message 1')`
  const damages: [string, string][] = [
    [`delete from entry where type = 'message.sent' and target = ${one}`, 'entries end at'],
    [
      `update entry set seq = seq + 100 where seq = (select max(seq) from entry where stream like 'chat:%')`,
      'entries end',
    ],
    [`update "user" set head = head + 1`, 'stream user:'],
    [`update hub set head = head - 1`, 'stream hub'],
    [
      `insert into entry (stream, seq, type, at) values ('chat:none', 1, 'chat.created', 0)`,
      'has no user or chat',
    ],
    [`delete from message where id = ${one}`, 'announces a missing message'],
    [`update message set no = 9 where id = ${one}`, 'messages end at 9'],
    [`update chat set last_no = 5 where kind = 'group'`, 'last_no is 5'],
    [`update message set seq = seq - 1 where id = ${one}`, 'no message.sent at its seq'],
    [`update message set rev = rev + 1 where id = ${one}`, 'no entry at its rev'],
    [`update entry set target = 'none' where target = ${one}`, 'no message.sent at its seq'],
    [`update chat set member_count = member_count + 1`, 'member_count is'],
    [`update membership set read_no = 99`, 'a receipt above the last message'],
  ]
  for (const [sql, words] of damages) {
    raw.exec('savepoint damage')
    expect(raw.prepare(sql).run().changes, sql).toBeGreaterThan(0)
    expect(checkInvariants(raw).join('\n'), sql).toContain(words)
    raw.exec('rollback to damage')
    raw.exec('release damage')
  }
  expect(checkInvariants(raw)).toEqual([])
  raw.exec(`delete from "user" where username = 'ann'`)
  expect(checkStructure(raw).join('\n')).toContain('refers to a missing user')
  raw.close()
})
