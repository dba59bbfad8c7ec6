import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { LiveClient } from '../support/live-client.ts'
import { makeWorld } from '../support/world.ts'

test('the messages that one turn produces for a socket are sent as one frame', async () => {
  const { ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const [sender, reader] = await Promise.all([ann.connect(), bo.connect()])
  // the first bursts run code that is not compiled yet, and a batch of the writer ends after a time
  for (let i = 0; i < 4; i += 1) await burst(sender, reader, kitchen.id)
  const before = reader.frames.length
  await burst(sender, reader, kitchen.id)
  const frames = reader.frames.slice(before).filter((count) => count > 1)
  expect(Math.max(...frames)).toBeGreaterThanOrEqual(50)
})

/** Sends 50 messages in one frame, and waits until the reader has the last. */
async function burst(sender: LiveClient, reader: LiveClient, chatId: string): Promise<void> {
  const last = randomUUID()
  sender.send(
    ...Array.from({ length: 50 }, (_, i) => ({
      t: 'req' as const,
      id: 1_000 + i,
      name: 'messages.send',
      input: { chatId, cid: randomUUID(), text: i < 49 ? String(i) : last },
    })),
  )
  await reader.next((message) => message.t === 'entry' && JSON.stringify(message).includes(last))
}
