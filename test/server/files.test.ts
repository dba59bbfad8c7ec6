import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import type { Person } from '../support/person.ts'
import { begin, send, standsAt } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

async function share(person: Person, chatId: string, fileIds: string[], text = ''): Promise<Message> {
  const message = { chatId, cid: randomUUID(), text, attachments: fileIds }
  return (await person.request('messages.send', message)).message as Message
}

function fetchFile(person: Person, fileId: string, headers: Record<string, string> = {}, path = '') {
  return fetch(`${person.url}/api/files/${fileId}${path}`, {
    headers: { authorization: `Bearer ${person.token}`, ...headers },
  })
}

test('a file goes in by tus, into a message, and out to everybody in the chat and nobody else', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const bytes = randomBytes(300_000)
  const id = await begin(hub.url, ann.token, { name: 'plans.bin', size: bytes.length })
  expect(await standsAt(hub.url, ann.token, id)).toBe(0)
  const first = await send(hub.url, ann.token, id, 0, bytes.subarray(0, 100_000))
  expect([first.status, first.headers['upload-offset'], first.headers['tus-resumable']]).toEqual([
    204,
    '100000',
    '1.0.0',
  ])
  expect((await fetchFile(ann, id)).status).toBe(404)
  const last = await send(hub.url, ann.token, id, 100_000, bytes.subarray(100_000))
  expect(last.headers['upload-offset']).toBe('300000')
  expect(await standsAt(hub.url, ann.token, id)).toBe(300_000)
  // mine alone until it is in a message
  expect((await fetchFile(ann, id)).status).toBe(200)
  expect((await fetchFile(bo, id)).status).toBe(404)

  const live = await bo.connect()
  const message = await share(ann, kitchen.id, [id])
  const file = { id, name: 'plans.bin', type: 'application/octet-stream', size: 300_000 }
  expect(message.attachments).toEqual([file])
  const entry = await live.entry('message.sent')
  expect(entry).toMatchObject({ message: { text: '', attachments: [file] } })
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect(messages.at(-1)).toMatchObject({ attachments: [file] })

  const answer = await fetchFile(bo, id)
  expect(
    createHash('sha256')
      .update(await answer.bytes())
      .digest('hex'),
  ).toBe(createHash('sha256').update(bytes).digest('hex'))
  expect((await fetchFile(eve, id)).status).toBe(404)
})
