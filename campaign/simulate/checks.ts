import { isDeepStrictEqual } from 'node:util'
import type Database from 'better-sqlite3'
import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { CachedMessage } from '../../renderer/state/cached-message.ts'
import { compareWithDisk } from '../kill/disk.ts'
import type { Registers } from '../kill/registers.ts'
import type { Actor } from './actor.ts'
import type { Browser } from './browser.ts'
import { findSearchProblems } from './search-checks.ts'
import type { Simulation } from './simulation.ts'

/*
 * The invariants of the design after a history: nothing acknowledged is lost or doubled, everybody sees the same order, pages
 * show what a newly opened page shows, marks and drafts agree, and no user got what is not theirs.
 */

const settleMs = 3_000

export async function findProblems(simulation: Simulation): Promise<string[]> {
  const { hub, registers, watcher, actors } = simulation
  for (const actor of actors) acknowledgeEdits(registers, actor)
  forgetDeletedChats(simulation)
  return [
    ...simulation.problems,
    ...compareWithDisk(hub.dataDir, registers, { all: true }),
    ...hub.readRows((raw) => [...watcher.findLeaks(raw), ...findDoubled(raw)]),
    ...actors.flatMap((actor) => findUnsent(simulation, actor)),
    ...actors.flatMap((actor) => findLostMarks(simulation, actor)),
    ...(await findStalePages(simulation)),
    ...(await findSearchProblems(simulation)),
  ]
}

/** What is in a chat that a user has deleted is erased in time. */
function forgetDeletedChats({ hub, registers, watcher, context }: Simulation): void {
  const sql = 'select 1 from chat where id = ? and deleted_at is null'
  const isThere = (chatId: string): boolean =>
    hub.readRows((raw) => raw.prepare(sql).get(chatId) !== undefined)
  const gone = new Set([...context.perhapsDeleted].filter((chatId) => !isThere(chatId)))
  for (const key of [...registers.keys()])
    if (gone.has(watcher.chatOf(key.split(' ')[1] ?? '') ?? '')) registers.forget(key)
}

/** An edit that a page has stored becomes the text of its message, unless it was refused: then its composer has it. */
function acknowledgeEdits(registers: Registers, { browser, edits, left }: Actor): void {
  for (const { key, text, value, chatId } of edits) {
    const isRefused = browser.tabs.some(({ page }) => page.editDrafts.get(chatId)?.text === text)
    const waits = browser.tabs.some(({ page }) =>
      page.edits.all
        .peek()
        .values()
        .some((edit) => edit.text === text),
    )
    if (!left.has(chatId) && !isRefused && !waits) registers.acknowledge(key, value)
  }
}

/** Every text is written once. */
function findDoubled(raw: Database.Database): string[] {
  const sql = `select text from message where text like '% writes %' group by text having count(*) > 1`
  return (raw.prepare(sql).pluck().all() as string[]).map((text) => `“${text}” is stored twice`)
}

/** What a page has shown as sent is on the hub, unless the page says that it failed. */
function findUnsent({ hub, watcher }: Simulation, { device, browser, sent, left }: Actor): string[] {
  const stored = new Set(
    hub.readRows((raw) => raw.prepare('select cid from message').pluck().all() as string[]),
  )
  return sent.flatMap(({ text, chatId, thread }) => {
    const cid = watcher.cidOf(text)
    if (left.has(chatId) || (cid !== undefined && stored.has(cid))) return []
    const states = browser.tabs.map(({ page }) => {
      if (!page.chats.peek(chatId)) return undefined
      const timeline = thread === undefined ? page.conversation(chatId) : page.threads.open(chatId, thread)
      return timeline.items.peek().find((one) => one.text === text)?.pending
    })
    if (states.includes('failed')) return []
    const shown = states.map((state) => state ?? 'nothing').join(', ')
    return [`${device.name}: “${text}” is not on the hub, and its page shows it as ${shown}`]
  })
}

/** A chat that was read up to a number has been read up to it, on the hub and for all devices of the user. */
function findLostMarks({ hub }: Simulation, { device, marks, left }: Actor): string[] {
  return [...marks].flatMap(([chatId, no]) => {
    const readNo = hub.readRows((raw) =>
      raw
        .prepare('select read_no from membership where chat_id = ? and user_id = ?')
        .pluck()
        .get(chatId, device.userId),
    ) as number | undefined
    if (readNo === undefined || readNo >= no || left.has(chatId)) return []
    return [`${device.name} has read ${chatId} up to ${no}, the hub knows ${readNo}`]
  })
}

/** Every page shows what a newly opened one of its user shows. */
async function findStalePages(simulation: Simulation): Promise<string[]> {
  const { actors, time } = simulation
  const fresh = new Map<string, Browser>()
  for (const { device, browser } of actors) {
    if (fresh.has(device.userId)) continue
    const other = simulation.newBrowser({ ...device, cookie: browser.cookie })
    fresh.set(device.userId, other)
    await other.open()
  }
  const pages = actors.flatMap(({ browser }) => browser.tabs.map((tab) => tab.page))
  const freshPages = [...fresh.values()].map((browser) => browser.page)
  await time.advance(settleMs)
  for (const page of [...pages, ...freshPages]) showAll(page)
  for (const page of freshPages) lookUpAll(page)
  await time.advance(settleMs)
  const problems = actors.flatMap(({ device, browser }) => {
    const other = fresh.get(device.userId)?.page as Page
    return browser.tabs.flatMap(({ page, no }) =>
      differences(page, other).map((words) => `${device.name}: tab ${no}: ${words}`),
    )
  })
  for (const browser of fresh.values()) await browser.closeAll()
  return problems
}

function showAll(page: Page): void {
  if (page.connectionState.peek() !== 'live') return
  for (const { id } of page.chats.list.peek()) page.conversation(id).show()
}

/** Opens the lists that a page loads when it shows them. */
function lookUpAll(page: Page): void {
  if (page.connectionState.peek() !== 'live') return
  const loads = page.chats.list.peek().map(({ id }) => page.pins.load(id))
  for (const load of [...loads, page.saved.load(), page.groups.load()]) load.catch(() => undefined)
}

function differences(page: Page, fresh: Page): string[] {
  const state = page.connectionState.peek()
  if (state !== 'live') return [`the page is ${state}, and its session ${page.session.status.peek()}`]
  if (fresh.connectionState.peek() !== 'live') return ['a new page does not come alive']
  return [
    ...compareLists('chat', page.chats.list.peek(), fresh.chats.list.peek()),
    ...compareLists('user', byId(page.users.list.peek()), byId(fresh.users.list.peek())),
    ...fresh.chats.list
      .peek()
      .flatMap(({ id }) => [
        ...compareMessages(page, fresh, id),
        ...(hasFailed(page, id)
          ? []
          : compareValues(`the draft of ${id}`, page.drafts.get(id), fresh.drafts.get(id))),
        ...compareLists(`member of ${id}`, membersOf(page, id), membersOf(fresh, id)),
        ...compareShown(`the pins of ${id}`, page.pins.of(id), fresh.pins.of(id)),
        ...pendingOf(page, id),
      ]),
    ...compareLists('thread', threadsOf(page), threadsOf(fresh)),
    ...compareValues('the settings', page.session.settings.peek(), fresh.session.settings.peek()),
    ...compareValues('the saved ids', [...page.saved.ids.peek()].sort(), [...fresh.saved.ids.peek()].sort()),
    ...compareShown('the saved messages', page.saved.list.peek(), fresh.saved.list.peek()),
    ...compareValues('the unread activity', page.activity.unread.peek(), fresh.activity.unread.peek()),
    ...(page.groups.ready.peek() ? compareLists('group', groupsOf(page), groupsOf(fresh)) : []),
    ...waitingEdits(page),
  ]
}

/** The hub keeps the draft of a message that it has refused. */
function hasFailed(page: Page, chatId: string): boolean {
  return page
    .conversation(chatId)
    .items.peek()
    .some(({ pending }) => pending === 'failed')
}

/** A list that a page has not shown yet is not known to it. */
function compareShown(what: string, mine: unknown, theirs: unknown): string[] {
  return mine === undefined ? [] : compareValues(what, mine, theirs)
}

/** Their number of members is as old as the list. */
function groupsOf(page: Page): { id: string }[] {
  return page.groups.list.peek().map(({ id, name, topic }) => ({ id, name, topic }))
}

function membersOf(page: Page, chatId: string): { id: string; role: string }[] {
  return byId(
    page
      .conversation(chatId)
      .members.list.peek()
      .map(({ userId, role }) => ({ id: userId, role })),
  )
}

function threadsOf(page: Page): { id: string }[] {
  return byId(
    page.threads.list.peek().map(({ chatId, message, readNo, unread, following }) => ({
      id: message.id,
      chatId,
      readNo,
      unread,
      following,
    })),
  )
}

function compareMessages(page: Page, fresh: Page, chatId: string): string[] {
  const [mine, theirs] = [page, fresh].map((one) => one.conversation(chatId).messages.map(toWire)) as [
    object[],
    object[],
  ]
  const count = Math.min(mine.length, theirs.length)
  if (count === 0 && mine.length !== theirs.length)
    return [`messages of ${chatId}: ${mine.length} instead of ${theirs.length}`]
  return compareLists(
    `message of ${chatId}`,
    mine.slice(-count || undefined) as { id: string }[],
    theirs.slice(-count || undefined) as { id: string }[],
  )
}

/** The cache keeps more of a deleted message. */
function toWire(message: CachedMessage): object {
  if (message.deleted !== true) return message
  const { id, no, seq, rev } = message
  return { id, no, seq, rev, deleted: true }
}

/** One that was refused waits while its composer has another one. */
function waitingEdits(page: Page): string[] {
  return [...page.edits.all.peek().values()]
    .filter(({ chatId }) => page.editDrafts.get(chatId) === undefined)
    .map(({ text }) => `the edit “${text}” still waits`)
}

function pendingOf(page: Page, chatId: string): string[] {
  return page
    .conversation(chatId)
    .items.peek()
    .filter(({ pending }) => pending === 'sending')
    .map(({ text }) => `“${text}” still waits`)
}

function compareLists(
  what: string,
  mine: readonly { id: string }[],
  theirs: readonly { id: string }[],
): string[] {
  const ids = (list: readonly { id: string }[]): string => list.map(({ id }) => id).join(' ')
  if (ids(mine) !== ids(theirs))
    return [`the list of each ${what} is [${ids(mine)}] instead of [${ids(theirs)}]`]
  return mine.flatMap((one, at) => {
    const other = theirs[at] as Record<string, unknown>
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    return names.flatMap((name) =>
      compareValues(`${name} of ${what} ${one.id}`, (one as Record<string, unknown>)[name], other[name]),
    )
  })
}

function compareValues(what: string, mine: unknown, theirs: unknown): string[] {
  if (isDeepStrictEqual(mine, theirs)) return []
  return [`${what} is ${JSON.stringify(mine)} instead of ${JSON.stringify(theirs)}`]
}

function byId<T extends { id: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
