import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import type { SetAside } from '../../shared/contract/standbys.ts'
import { listSetAside } from '../../server/continuity/diverged.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { databaseFile } from '../../server/db/sqlite/store.ts'
import { checkInvariants } from '../../server/db/verify.ts'
import { inStep, type Pair, startComputer, startPair, urlOf } from '../support/computers.ts'
import { password, TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/* What a hub acknowledged alone comes back after another computer became the hub by force. */

const content = randomBytes(700_000)

/** A hub that is alone, and its users. */
async function startAlone() {
  const pair = await startPair()
  const { owner, standby } = pair
  const ben = await TestUser.register(urlOf(pair.hub), { username: 'ben' })
  const chat = await owner.createGroup('Team', [ben])
  const before = await owner.sendMessage(chat.id, 'on both')
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  return { ...pair, ben, chat, before }
}

/** The standby becomes the hub, and the hub of before follows it. */
async function takeOver({ hub, standby, dirs, owner }: Pair) {
  await hub.close()
  const promoted = await startComputer({ dataDir: dirs.standby, port: standby.port })
  await promoted.promote(false)
  const there = owner.atUrl(urlOf(promoted))
  return { promoted, there, follow: () => follow(dirs.hub, there) }
}

async function follow(dataDir: string, there: TestUser) {
  const former = await startComputer({ dataDir })
  await inStep(there)
  return former
}

/** Waits until the owner sees a report that fits. */
function asideOf(owner: TestUser, fits: Partial<SetAside>): Promise<SetAside> {
  return waitFor(async () => {
    const { setAside } = await owner.request('continuity.status', {})
    expect(setAside).toMatchObject([fits])
    return setAside[0] as SetAside
  })
}

async function listAll(user: TestUser, chatId: string, thread?: string): Promise<Message[]> {
  const input = { chatId, after: 0, limit: 50, ...(thread === undefined ? {} : { thread }) }
  return (await user.request('messages.list', input)).messages as Message[]
}

test('brings back what a lone hub acknowledged: once, as its authors sent it, with files and threads', async () => {
  const alone = await startAlone()
  const { owner, ben, chat, before, dirs } = alone
  const send = async (user: TestUser, rest: object): Promise<Message> => {
    const input = { chatId: chat.id, cid: randomUUID(), text: '', ...rest }
    return (await user.request('messages.send', input)).message as Message
  }
  const kept = await send(ben, { text: 'sent again by its client' })
  const fileId = await uploadFile(ben.url, ben.token, { name: 'plan.bin', bytes: content })
  const withFile = await send(ben, { text: 'the plan', attachments: [fileId], replyTo: kept.id })
  const reply = await send(owner, { text: 'a reply to @ben', thread: withFile.id })
  const ofBoth = await send(owner, { text: 'in an old thread', thread: before.id })
  const edited = await send(owner, { text: 'with a tpyo' })
  await owner.request('messages.edit', { messageId: edited.id, text: 'with a typo' })
  const deleted = await send(owner, { text: 'deleted again' })
  await owner.request('messages.delete', { messageId: deleted.id, for: 'everyone' })
  await ben.request('reactions.add', { messageId: before.id, emoji: '👍' })
  const onlyThere = await owner.createGroup('Only there', [ben])
  await owner.sendMessage(onlyThere.id, 'its chat is not at the new hub')

  const { there, follow } = await takeOver(alone)
  const benThere = ben.atUrl(there.url)
  const meanwhile = await there.sendMessage(chat.id, 'at the new hub')
  const live = await benThere.connect()
  // one client was faster
  const again = await benThere.sendMessage(chat.id, kept.text, kept.cid)
  await follow()
  const aside = await asideOf(there, { messages: 4, people: 2, files: 1, unreachable: 1 })
  expect(aside.other).toContainEqual({ kind: 'reactions', count: 1 })
  expect(aside.other).not.toContainEqual(expect.objectContaining({ kind: 'edits' }))
  expect(existsSync(path.join(dirs.hub, 'continuity', 'diverged-1', 'report.json'))).toBe(true)

  const { node, folder } = aside
  await expect(benThere.request('continuity.reclaim', { node, folder })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await there.request('continuity.reclaim', { node, folder })
  await asideOf(there, { messages: 0, brought: 4, isRunning: false })

  const messages = await listAll(benThere, chat.id)
  expect(messages.map(({ text, author }) => [text, author])).toEqual([
    ['on both', owner.id],
    ['at the new hub', owner.id],
    [kept.text, ben.id],
    ['the plan', ben.id],
    ['with a typo', owner.id],
  ])
  const [, , , plan, typo] = messages as [Message, Message, Message, Message, Message]
  expect(plan).toMatchObject({ id: withFile.id, cid: withFile.cid, at: withFile.at })
  // what it replied to has another id here
  expect(plan.replyTo).toMatchObject({ id: again.id, text: kept.text })
  expect(typo.editedAt).toBeDefined()
  const file = await fetch(`${there.url}/api/files/${plan.attachments[0]?.id}`, {
    headers: { authorization: `Bearer ${ben.token}` },
  })
  expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true)
  expect(await listAll(there, chat.id, plan.id)).toMatchObject([{ text: reply.text, cid: reply.cid }])
  expect(await listAll(there, chat.id, before.id)).toMatchObject([{ cid: ofBoth.cid, at: ofBoth.at }])
  expect(meanwhile.no).toBe(2)
  // a member who is here sees it come
  await waitFor(() => {
    const sent = live.entries.flatMap((entry) => (entry.type === 'message.sent' ? [entry.message.id] : []))
    expect(sent).toContain(plan.id)
  })

  // the client of another device comes later, with the same request
  const late = {
    chatId: chat.id,
    cid: withFile.cid,
    text: withFile.text,
    attachments: [fileId],
    replyTo: kept.id,
  }
  expect((await benThere.request('messages.send', late)).message).toMatchObject({ id: plan.id })
  // and the owner presses once more
  await there.request('continuity.reclaim', { node, folder })
  await asideOf(there, { messages: 0, brought: 0, isRunning: false })
  expect(await listAll(there, chat.id)).toHaveLength(5)
  expect(findProblems(dirs.standby)).toEqual([])

  const { rows } = await there.request('admin.audit', {})
  const actions = rows.map(({ action }) => action)
  expect(actions.filter((action) => action === 'standby.reclaimed')).toHaveLength(2)
  expect(actions).toContain('standby.reclaim-started')
  expect(actions).toContain('hub.taken-over')
  const { setAside } = await there.request('continuity.discard', { node, folder })
  expect(setAside).toEqual([])
  expect(listSetAside(dirs.hub)).toEqual([])
})

function findProblems(dataDir: string): string[] {
  const { raw } = openReader(databaseFile(dataDir))
  try {
    return checkInvariants(raw)
  } finally {
    raw.close()
  }
}

test('a computer that is the hub again brings back what it had set aside itself', async () => {
  const alone = await startAlone()
  const { owner, chat, dirs } = alone
  const lost = await owner.sendMessage(chat.id, 'only on one disk')
  const { there, promoted, follow } = await takeOver(alone)
  const former = await follow()
  await there.request('sessions.reauthenticate', { current: password })
  await there.request('continuity.handover', {})
  await waitFor(() => expect(former.hub).toBeDefined())
  const here = owner.atUrl(urlOf(former))
  const { node, folder } = await asideOf(here, { messages: 1, people: 1 })
  await here.request('continuity.reclaim', { node, folder })
  await asideOf(here, { messages: 0, brought: 1 })
  expect((await listAll(here, chat.id)).at(-1)).toMatchObject({ cid: lost.cid, text: lost.text, at: lost.at })
  for (const name of ['continuity.reclaim', 'continuity.discard'] as const) {
    await expect(here.request(name, { node, folder: 'diverged-7' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(here.request(name, { node, folder: '../hub.db' })).rejects.toMatchObject({ code: 'invalid' })
  }
  // a database that cannot be read says so, and may be deleted
  rmSync(path.join(dirs.hub, 'continuity', folder, 'hub.db'))
  await here.request('continuity.reclaim', { node, folder })
  expect((await asideOf(here, { messages: 0, isRunning: false })).problem).toContain('cannot be read')
  await here.request('continuity.discard', { node, folder })
  expect(listSetAside(dirs.hub)).toEqual([])
  // it is replicated like any other message
  await waitFor(() => expect(promoted.standby).toBeDefined())
  await inStep(here)
})
