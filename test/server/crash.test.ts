import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkInvariants } from '../../server/db/verify.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'

const killCount = 20
const senderCount = 8
const maxInFlight = 5

interface Sender {
  person: TestUser
  sent: number
  /** Sent without a response. The client cannot know if the hub stored it, so it sends it again. */
  unacknowledged: Map<string, { chatId: string; text: string }>
  acknowledged: Map<string, Message>
}

/** kill -9 cannot show a missing sync (the bench tests power loss), but it shows every other way to lose data. */
test(
  `loses, doubles and reorders no acknowledged message in ${killCount} kills under ${senderCount} senders`,
  { timeout: 240_000 },
  async () => {
    const dataDir = newDataDir()
    const options = ['--port', '0', '--load-test']
    let hub = await spawnHub(dataDir, options)
    const owner = await TestUser.setUp(hub.url, {
      code: 'test-code-1',
      username: 'olga',
      registration: 'open',
    })
    const users = await Promise.all(
      Array.from({ length: senderCount - 1 }, (_, i) =>
        TestUser.register(hub.url, { username: `sender${i}` }),
      ),
    )
    const chat = await owner.createGroup('Storm', users)
    const all: Sender[] = [owner, ...users].map((user) => ({
      person: user,
      sent: 0,
      unacknowledged: new Map(),
      acknowledged: new Map(),
    }))
    const total = () => all.reduce((sum, sender) => sum + sender.acknowledged.size, 0)

    for (let round = 0; round < killCount; round += 1) {
      const goal = total() + 40 + ((round * 37) % 160)
      let killed: Promise<unknown> | undefined
      await Promise.all(
        all.map((sender) =>
          sendContinuously(hub.url, chat.id, sender, () => {
            if (total() >= goal) killed ??= hub.kill('SIGKILL')
          }),
        ),
      )
      await killed
      hub = await spawnHub(dataDir, options)
    }

    // messages without a response are sent once more; each gets one now
    for (const sender of all) {
      for (const [cid, { chatId, text }] of sender.unacknowledged) {
        sender.acknowledged.set(cid, await sender.person.atUrl(hub.url).sendMessage(chatId, text, cid))
      }
    }
    const stored = await readAllMessages(owner.atUrl(hub.url), chat.id)
    // a search includes messages not indexed yet, so it adds to the index what the kills left out
    const { hits } = await owner.atUrl(hub.url).request('search.messages', { q: stored.at(-1)?.text ?? '' })
    expect(hits.map(({ message }) => message.id)).toContain(stored.at(-1)?.id)
    await hub.kill('SIGTERM')

    const byCid = Map.groupBy(stored, (message) => message.cid)
    const wrong: string[] = []
    for (const sender of all) {
      for (const [cid, message] of sender.acknowledged) {
        const copies = byCid.get(cid) ?? []
        const [copy] = copies
        if (copies.length !== 1) wrong.push(`${cid} is there ${copies.length} times`)
        else if (copy?.seq !== message.seq || copy.no !== message.no || copy.text !== message.text)
          wrong.push(`${cid} moved`)
      }
      // messages that one socket sent in order are stored in that order
      const texts = stored
        .filter((message) => message.author === sender.person.id)
        .map((message) => Number(message.text))
      if (texts.some((text, i) => i > 0 && text <= (texts[i - 1] ?? 0)))
        wrong.push('the order of a sender changed')
    }
    expect(wrong).toEqual([])
    expect(stored.length).toBe(total())
    expect(stored.length).toBeGreaterThan(killCount * 40)
    const file = openReader(join(dataDir, 'hub.db'))
    expect(checkInvariants(file.raw)).toEqual([])
    const lacking = file.raw.prepare('select n from message where n not in (select id from search_docsize)')
    expect(lacking.all()).toEqual([])
    file.raw.close()
  },
)

/** Sends until the socket closes: first the unacknowledged messages again, in order, then new ones. */
async function sendContinuously(
  url: string,
  chatId: string,
  sender: Sender,
  onAck: () => void,
): Promise<void> {
  // the hub may be killed before every sender is connected
  const live = await sender.person
    .atUrl(url)
    .connect()
    .catch(() => undefined)
  if (!live) return
  const again = [...sender.unacknowledged].map(([cid, { text }]) => ({ cid, text }))
  const one = async (): Promise<void> => {
    for (;;) {
      const { cid, text } = again.shift() ?? { cid: randomUUID(), text: String((sender.sent += 1)) }
      sender.unacknowledged.set(cid, { chatId, text })
      try {
        const { message } = await live.request('messages.send', { chatId, cid, text })
        sender.acknowledged.set(cid, message as Message)
        sender.unacknowledged.delete(cid)
        onAck()
      } catch {
        return
      }
    }
  }
  await Promise.all(Array.from({ length: maxInFlight }, one))
}

async function readAllMessages(user: TestUser, chatId: string): Promise<Message[]> {
  const messages: Message[] = []
  for (let after = 0; ;) {
    const page = await user.request('messages.list', { chatId, after, limit: 100 })
    messages.push(...(page.messages as Message[]))
    after = messages.at(-1)?.no ?? 0
    if (!page.more) return messages
  }
}
