import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { Outbox } from '../../../renderer/state/outbox.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendValue, pick, Texts } from '../bend.ts'
import { FakeHub } from '../fake-hub.ts'
import {
  cacheExamples,
  type CacheRecord,
  messageExamples,
  outboxMessage,
  sessionExample,
  users,
} from '../page-examples.ts'
import { PageHost } from '../page-host.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * The whole page with a cache that another release has written or a disk has damaged, and with messages of a hub of another release.
 * It starts, shows texts, sends the message that waits in its outbox as it was written, keeps what it cannot read of the user's, and
 * goes on with the next proper entry. Nothing throws, in no timer and in no request.
 */

interface PageInput {
  records: readonly CacheRecord[]
  session: string
  frames: readonly string[]
}

const sessions = new Texts(
  ['{', '}', '"', ':', 'null', 'true', '[]', '1', ','],
  [JSON.stringify(sessionExample)],
)
const maxBentRecords = 5
const maxFrames = 4
/** Virtual time: the longest wait before an attempt to connect, and some. */
const connectMs = 120_000

export function openStoresTarget(): Target<PageInput> {
  const drain = Reflect.get(Outbox.prototype, 'drain')
  return {
    inputsPerRound: 150,
    make: (random) => ({
      records: makeRecords(random),
      session: random.chance(0.2) ? sessions.make(random, 6, 2_000) : makeSession(random),
      frames: Array.from({ length: random.below(maxFrames) }, () => makeFrame(random)),
    }),
    check: checkPage,
    close: () => {
      Outbox.prototype.drain = drain
    },
    faults: {
      'unsent-outbox': () => {
        Outbox.prototype.drain = () => undefined
      },
    },
  }
}

/** The record of the message that must arrive stays as it is. */
function makeRecords(random: Random): CacheRecord[] {
  const bent = new Set(
    Array.from({ length: random.below(maxBentRecords) }, () => random.below(cacheExamples.length)),
  )
  return cacheExamples.flatMap((record, at) => {
    if (!bent.has(at) || record.key === outboxMessage.cid) return [record]
    if (random.chance(0.1)) return []
    let { value } = record
    for (let times = 1 + random.below(3); times > 0; times -= 1) value = bendValue(random, value)
    return [{ ...record, value }]
  })
}

function makeSession(random: Random): string {
  let session: unknown = sessionExample
  if (random.chance(0.3)) session = bendValue(random, session)
  return JSON.stringify(session)
}

function makeFrame(random: Random): string {
  let frame: unknown = Array.from({ length: 1 + random.below(3) }, () => pick(random, messageExamples))
  for (let times = random.below(4); times > 0; times -= 1) frame = bendValue(random, frame)
  return JSON.stringify(frame) ?? ''
}

async function checkPage({ records, session, frames }: PageInput): Promise<string | undefined> {
  const hub = new FakeHub()
  const host = new PageHost(hub, { indexedDB: new IDBFactory(), session })
  try {
    await host.fill(records)
    const cached = await host.start()
    const problem = (cached ? showPage(host) : undefined) ?? host.thrown()
    if (problem !== undefined) return `from the cache, ${problem}`
    hub.isUp = true
    await host.until(() => host.page.connectionState.peek() === 'live', connectMs)
    for (const frame of frames) hub.push(frame)
    await host.until(() => host.page.connectionState.peek() === 'live', connectMs)
    return (await checkAfterFrames(host, hub)) ?? host.thrown() ?? (await findLost(host, records))
  } finally {
    await host.close()
  }
}

async function checkAfterFrames(host: PageHost, hub: FakeHub): Promise<string | undefined> {
  const { page } = host
  if (page.connectionState.peek() !== 'live') return `the page is ${page.connectionState.peek()}`
  const { chatId, cid, text } = outboxMessage
  const isSent = (): boolean => hub.sent.some((input) => input['cid'] === cid)
  await host.until(isSent, connectMs)
  hub.pushFresh()
  await host.until(() => page.chats.peek(hub.freshChat)?.lastMessage?.text === hub.freshText, connectMs)
  return (
    showPage(host) ??
    firstProblem(
      [isSent(), 'the message in the outbox was not sent'],
      [
        hub.sent.every(
          (input) => input['cid'] !== cid || (input['text'] === text && input['chatId'] === chatId),
        ),
        'another message was sent',
      ],
      [page.chats.peek(hub.freshChat)?.lastMessage?.text === hub.freshText, 'a proper entry is not shown'],
    )
  )
}

/** What the user has written is still stored, shown or sent. */
async function findLost(host: PageHost, records: readonly CacheRecord[]): Promise<string | undefined> {
  const stored = await host.keysOf('outbox')
  const lost = records.filter(
    ({ store, key }) =>
      store === 'outbox' && !stored.includes(key) && !host.hub.sent.some(({ cid }) => cid === key),
  )
  return lost[0] && `the message ${lost[0].key} is lost`
}

/** Reads what the elements read. Returns what no element could show. */
function showPage({ page }: PageHost): string | undefined {
  const chats = page.chats.list.peek()
  const items = chats.flatMap(({ id }) => page.conversation(id).items.peek())
  const texts: unknown[] = [
    ...chats.flatMap((chat) => [page.chats.nameOf(chat), page.chats.namesOf(chat), page.drafts.get(chat.id)]),
    ...page.chatList.sections.peek().flatMap(({ name, chats: listed }) => [name, listed.map(({ id }) => id)]),
    ...items.flatMap(({ text, attachments, reason = '' }) => [
      page.plainText(text),
      attachments.map(({ name }) => name),
      reason,
    ]),
    ...page.threads.list
      .peek()
      .map(({ message }) => (message.deleted === true ? '' : page.plainPreview(message.text))),
    ...users.map((id) => page.users.nameOf(id)),
    ...page.search.recent.peek().map(({ text }) => text),
  ].flat()
  const numbers = [
    page.chats.unread.peek(),
    page.chats.mentions.peek(),
    page.threads.unread.peek(),
    page.uses.scoreOf('c1'),
  ]
  const waiting = chats.flatMap(({ id }) => page.editDrafts.get(id)?.text ?? '')
  return firstProblem(
    [[...texts, ...waiting].every((text) => typeof text === 'string'), 'something is shown that is no text'],
    [numbers.every((number) => Number.isFinite(number)), 'a count that is no number'],
    [
      items.every(({ at }) => at === undefined || !Number.isNaN(new Date(at).getTime())),
      'a time that is none',
    ],
  )
}
