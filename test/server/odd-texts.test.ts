import { expect, test } from 'vitest'
import { findRequest } from '../../shared/contract.ts'
import { pathParameters } from '../../shared/contract/define.ts'
import { rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * A NUL, or half a surrogate pair, where the hub looks something up. No stored id or name has one, so it finds nothing. Some
 * databases refuse such a text, and with it the whole statement.
 */

const oddTexts = ['\0', 'a\0b', '\ud800', 'a\udfffb']

test.for(oddTexts.map((text) => [JSON.stringify(text), text] as const))(
  '%s as an id or a name finds nothing, like any unknown one',
  async ([, odd]) => {
    const { hub, ann, kitchen } = await makeWorld()
    const chatId = kitchen.id
    const message = { chatId, cid: crypto.randomUUID(), text: 'hello' }
    for (const [name, input, status] of [
      ['users.get', { userId: odd }, 404],
      ['chats.get', { chatId: odd }, 404],
      ['chats.read', { chatId: odd, no: 1 }, 404],
      ['streams.read', { stream: `chat:${odd}` }, 404],
      ['files.get', { fileId: odd }, 404],
      ['chats.direct', { userId: odd }, 404],
      ['chats.direct', { username: odd }, 404],
      ['chats.withUsers', { userIds: [odd, ann.id] }, 404],
      ['chats.create', { name: 'Garden', visibility: 'private', members: [odd] }, 404],
      ['members.add', { chatId, userId: odd }, 404],
      ['messages.send', { ...message, replyTo: odd }, 404],
      ['messages.send', { ...message, thread: odd }, 404],
      ['messages.send', { ...message, forward: odd }, 404],
      ['messages.send', { ...message, attachments: [odd] }, 404],
      ['search.messages', { q: 'hello', before: odd }, 404],
      ['users.list', { after: odd }, 400],
      ['users.find', { ids: odd, names: odd }, 200],
      ['messages.list', { chatId, thread: odd }, 200],
      ['saved.remove', { messageId: odd }, 204],
      ['drafts.set', { chatId, text: odd, version: '1' }, 200],
    ] as [string, Record<string, unknown>, number][]) {
      // an address cannot have half a pair
      const inPath = pathParameters(findRequest(name)?.path ?? '').map((member) => String(input[member]))
      if (!inPath.every((value) => value.isWellFormed())) continue
      const response = await rawRequest(hub.url, ann.token, name, input)
      expect([name, response.status]).toEqual([name, status])
    }
  },
)

test('an unknown chat whose id is no text for the database does not keep other receipts from being stored', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'one')
  const live = await ann.connect()
  for (const odd of oddTexts) {
    const reads = [odd, kitchen.id].map((chatId) => live.request('chats.read', { chatId, no: 1 }))
    await expect(reads[0]).rejects.toMatchObject({ error: { code: 'not_found' } })
    expect(await reads[1]).toEqual({ readNo: 1 })
  }
})

test.for(oddTexts.map((text) => [JSON.stringify(text), text] as const))(
  'a stranger who enters %s gets the answer for unknown names',
  async ([, odd]) => {
    const { hub } = await makeWorld()
    for (const [name, input, status] of [
      ['accounts.login', { username: odd, password: odd }, 401],
      ['recovery.question', { username: odd }, 200],
      ['recovery.answer', { username: odd, answer: odd }, 401],
      ['recovery.key', { username: odd, recoveryKey: odd }, 401],
      ['webhooks.post', { webhookId: 'a\0', secret: 'b\0', text: 'hello' }, 404],
    ] as [string, Record<string, unknown>, number][])
      expect([name, (await rawRequest(hub.url, undefined, name, input)).status]).toEqual([name, status])
  },
)

test('a number that no database can store is refused', async () => {
  const { ann, olga } = await makeWorld()
  const [live, owners] = await Promise.all([ann.connect(), olga.connect()])
  for (const before of [1e300, Number.MAX_SAFE_INTEGER + 1]) {
    for (const name of ['saved.list', 'activity.list'])
      await expect(live.requestAny(name, { before })).rejects.toMatchObject({ error: { code: 'invalid' } })
    for (const field of ['before', 'after', 'cursor'])
      await expect(owners.requestAny('admin.audit', { [field]: before })).rejects.toMatchObject({
        error: { code: 'invalid', field },
      })
  }
  expect(await live.requestAny('saved.list', { before: Number.MAX_SAFE_INTEGER })).toEqual({ saved: [] })
})
