import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeWorld } from '../support/world.ts'

test('the messages that one turn produces for a socket are sent as one frame', async () => {
  const { ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const [sender, reader] = await Promise.all([ann.connect(), bo.connect()])
  const before = reader.frames.length
  sender.send(
    ...Array.from({ length: 50 }, (_, i) => ({
      t: 'req' as const,
      id: i + 1,
      name: 'messages.send',
      input: { chatId: kitchen.id, cid: randomUUID(), text: `${i}` },
    })),
  )
  await reader.next(
    (message) =>
      message.t === 'entry' && message.type === 'message.sent' && JSON.stringify(message).includes('"49"'),
  )
  const frames = reader.frames.slice(before).filter((count) => count > 1)
  expect(Math.max(...frames)).toBeGreaterThanOrEqual(50)
})
