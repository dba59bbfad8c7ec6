import { randomUUID } from 'node:crypto'
import type { CDPSession, Page } from 'playwright-core'
import type { LiveClient } from '../test/support/live-client.ts'
import { TestUser } from '../test/support/test-user.ts'
import { switchTo } from './page-probes.ts'

/** What a page holds after a collection. */
export interface PageMemory {
  heapMb: number
  nodes: number
  listeners: number
}

/** An hour of a busy team, in fast motion. */
const minutes = 60
const actionsPerMinute = 60
const switchesPerMinute = 4
const roomCount = 12
const samples = 6

interface Writer {
  live: LiveClient
  /** The newest messages of its own, which it edits and deletes. */
  ids: string[]
}

/** Lets three users write, edit, react, reply and delete in twelve chats, while the page changes between them and writes too. */
export async function liveAnHour(hubUrl: string, page: Page, cdp: CDPSession): Promise<PageMemory[]> {
  const users = await Promise.all(['ann', 'bo', 'cleo'].map((name) => TestUser.login(hubUrl, name)))
  const writers: Writer[] = []
  for (const user of users) writers.push({ live: await user.connect(), ids: [] })
  const { chats } = await (users[0] as TestUser).request('chats.list', {})
  const rooms = Array.from({ length: roomCount }, (_, at) => {
    const room = chats.find(({ name }) => name === `room ${at}`)
    if (!room) throw new Error(`room ${at} is missing`)
    return room.id
  })
  const found: PageMemory[] = []
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let at = 0; at < actionsPerMinute; at += 1) {
      const n = minute * actionsPerMinute + at
      await act(writers[n % writers.length] as Writer, rooms[(n * 7) % roomCount] as string, n)
      if (at % (actionsPerMinute / switchesPerMinute) === 0)
        await page.evaluate(switchTo, `room ${((n / 5) % roomCount) | 0}`)
    }
    await page.keyboard.type(`minute ${minute}`)
    await page.keyboard.press('Enter')
    if ((minute + 1) % (minutes / samples) === 0) found.push(await readPageMemory(cdp))
  }
  for (const { live } of writers) live.terminate()
  return found
}

async function act({ live, ids }: Writer, chatId: string, n: number): Promise<void> {
  const own = ids[n % (ids.length || 1)]
  const kind = n % 10
  if (own !== undefined && kind === 3) {
    await live.request('messages.edit', { messageId: own, text: `The harbour was edited, number ${n}.` })
  } else if (own !== undefined && kind === 5) {
    await live.request('reactions.add', { messageId: own, emoji: '👍' })
  } else if (own !== undefined && kind === 7) {
    await live.request('messages.delete', { messageId: own, for: 'everyone' })
    ids.splice(ids.indexOf(own), 1)
  } else {
    const text = `The ledger of minute ${n} is with the printer. ${'So it goes. '.repeat(n % 4)}`
    const { message } = await live.request('messages.send', { chatId, cid: randomUUID(), text })
    ids.push(message.id)
    if (ids.length > 30) ids.shift()
  }
}

export async function readPageMemory(cdp: CDPSession): Promise<PageMemory> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const read = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN
  return { heapMb: read('JSHeapUsedSize') / 1e6, nodes: read('Nodes'), listeners: read('JSEventListeners') }
}

export function describeMemory({ heapMb, nodes, listeners }: PageMemory): string {
  return `${heapMb.toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners`
}
