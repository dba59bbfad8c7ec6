import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listSetAside } from '../../server/continuity/diverged.ts'
import { readState, writeState } from '../../server/continuity/state-file.ts'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { databaseFile } from '../../server/db/sqlite/store.ts'
import type { Db } from '../../server/db/schema.ts'
import { continuityOf } from '../../server/standby/continuity-of.ts'
import { askRunning } from '../../server/standby/control.ts'
import { inStep, startComputer, startPair, urlOf } from '../support/computers.ts'
import { password } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

test('hands the hub to a standby that is in step, with everything, and follows it from then on', async () => {
  const { hub, standby, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const sent = await owner.sendMessage(chat.id, 'before', randomUUID())

  const { node } = await owner.request('continuity.handover', {})
  expect(node).toHaveLength(43)
  await waitFor(() => expect(standby.hub).toBeDefined())
  const there = owner.atUrl(urlOf(standby))
  // the same message again is the same message: the new hub has it
  const again = await waitFor(() => there.sendMessage(chat.id, 'before', sent.cid))
  expect(again.seq).toBe(sent.seq)
  await there.sendMessage(chat.id, 'after', randomUUID())

  // the former hub follows, and can get the hub back
  await waitFor(() => expect(hub.standby).toBeDefined())
  await inStep(there)
  await there.request('continuity.handover', {})
  await waitFor(() => expect(hub.hub).toBeDefined())
  const { messages } = await owner.request('messages.list', { chatId: chat.id, after: 0, limit: 10 })
  expect(messages.map((message) => 'text' in message && message.text).slice(-2)).toEqual(['before', 'after'])
})

test('a standby answers that it is not the hub, and where the hub is', async () => {
  const { hub, standby } = await startPair()
  const response = await fetch(`${urlOf(standby)}/api/meta`)
  expect(response.status).toBe(503)
  const { error } = (await response.json()) as {
    error: { code: string; moved: { role: string; addresses: string[] }[] }
  }
  expect(error.code).toBe('busy')
  expect(error.moved.find(({ role }) => role === 'hub')?.addresses).toContain(`127.0.0.1:${hub.port}`)
})

test('goes on alone when the standby falls silent, says so, and waits for it again when it is back', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const live = await owner.connect()
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  const held = await live.request('messages.send', { chatId: chat.id, cid: randomUUID(), text: 'alone' })
  expect(held).toBeDefined()
  await startComputer({ dataDir: dirs.standby })
  await inStep(owner)
  expect(hub.hub).toBeDefined()
})

test('takes over by force with a new epoch, and the former hub keeps aside what only it has', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  await owner.sendMessage(chat.id, 'on both', randomUUID())
  const { id: messageId } = await owner.sendMessage(chat.id, 'deleted')
  await owner.request('messages.delete', { messageId, for: 'everyone' })
  const before = hub.hub?.hub.standing.term()
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  const lost = await owner.sendMessage(chat.id, 'on one disk', randomUUID())
  await hub.close()

  const promoted = await startComputer({ dataDir: dirs.standby, port: standby.port })
  expect(promoted.hub).toBeUndefined()
  await promoted.promote(false)
  await waitFor(() => expect(promoted.hub).toBeDefined())
  const after = promoted.hub?.hub.standing.term()
  expect(after?.epoch).not.toBe(before?.epoch)
  expect(after?.n).toBeGreaterThan(before?.n ?? 0)
  const there = owner.atUrl(urlOf(promoted))
  const texts = async (): Promise<unknown[]> => {
    const { messages } = await there.request('messages.list', { chatId: chat.id, after: 0, limit: 10 })
    return messages.map((message) => 'text' in message && message.text)
  }
  expect(await texts()).toContain('on both')
  expect(await texts()).not.toContain('on one disk')

  // it finds out while it starts, when it has something to write
  const { raw } = openWriter(databaseFile(dirs.hub))
  expect(raw.prepare('update pending_deletion set until = 0').run().changes).toBe(1)
  raw.close()
  const former = await startComputer({ dataDir: dirs.hub })
  await waitFor(() => expect(former.standby).toBeDefined())
  await inStep(there)
  expect(listSetAside(dirs.hub)).toHaveLength(1)
  // a client offers again what it kept
  expect((await there.sendMessage(chat.id, 'on one disk', lost.cid)).cid).toBe(lost.cid)
})

test('a computer that was killed after it gave the hub away finds out who took it, and follows', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const before = readState(dirs.hub)
  await owner.request('continuity.handover', {})
  await waitFor(() => expect(standby.hub).toBeDefined())
  await inStep(owner.atUrl(urlOf(standby)))
  await hub.close()
  const term = readState(dirs.standby)?.term
  if (!before || !term) throw new Error('a computer without a state')
  // as it was before it heard of the other's term
  const { lsn, chain, node: to } = term
  writeState(dirs.hub, { ...before, role: 'sealed', alone: false, sealed: { lsn, chain, to } })
  const former = await startComputer({ dataDir: dirs.hub })
  await waitFor(() => expect(former.standby).toBeDefined())
  await inStep(owner.atUrl(urlOf(standby)))
})

test('a hub starts without the standby that has the vote, though it has something to write', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const { id: messageId } = await owner.sendMessage(chat.id, 'deleted')
  await owner.request('messages.delete', { messageId, for: 'everyone' })
  await owner.request('sessions.reauthenticate', { current: password })
  await owner.request('continuity.vote', { tie: 'standby' })
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  await hub.close()
  const state = readState(dirs.hub)
  if (!state) throw new Error('a hub without a state')
  expect(state.role).toBe('hub')
  // as if both had been killed
  writeState(dirs.hub, { ...state, alone: false })
  const { raw } = openWriter(databaseFile(dirs.hub))
  expect(raw.prepare('update pending_deletion set until = 0').run().changes).toBe(1)
  raw.close()
  const again = await startComputer({ dataDir: dirs.hub, port: hub.port })
  expect(again.hub).toBeDefined()
  await startComputer({ dataDir: dirs.standby, port: standby.port })
  await inStep(owner)
})

test('refuses to take over while the hub answers, and without the data', async () => {
  const { standby } = await startPair()
  await expect(standby.promote(false)).rejects.toThrow('The hub is still running')
})

test('a standby that the owner has removed follows no more, and the hub waits for nobody', async () => {
  const { hub, standby, owner } = await startPair()
  const { computers } = await owner.request('continuity.status', {})
  const status = await owner.request('continuity.remove', { node: computers[0]?.node ?? '' })
  expect(status).toMatchObject({ computers: [], safety: 'none' })
  expect(hub.hub?.hub.rowLog.isOn).toBe(false)
  const chat = await owner.createGroup('Team', [])
  await owner.sendMessage(chat.id, 'without it', randomUUID())
  await waitFor(() => expect(standby.standby?.status.isConnected).toBe(false))
  expect((await owner.request('continuity.status', {})).safety).toBe('none')
})

test('a standby that has lost the places of its hub can be made the hub', async () => {
  const { standby, dirs } = await startPair()
  await standby.close()
  rmSync(path.join(dirs.standby, 'continuity', 'places.json'))
  const again = await startComputer({ dataDir: dirs.standby })
  await again.promote(false)
  await waitFor(() => expect(again.hub).toBeDefined())
})

test('a batch of a hub that has just stepped down is refused at once', async () => {
  const { hub, standby } = await startPair()
  const context = hub.hub?.hub
  if (!context) throw new Error('there is no hub')
  const refused = new Promise<unknown>((resolve) => {
    continuityOf(context).standing.onChange(() => {
      if (context.standing.moved()?.code !== 'moved') return
      context.store.writer.write(({ db }) => touchHub(db)).catch(resolve)
    })
  })
  await standby.promote(true)
  expect(String(await refused)).toContain('moving to another computer')
})

async function touchHub(db: Db): Promise<void> {
  await db.updateTable('hub').set({ name: 'written too late' }).execute()
}

test('a standby that was away for more than 8 MiB of changes gets them as it reads, without a copy', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const context = hub.hub?.hub
  if (!context) throw new Error('there is no hub')
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  for (let i = 0; i < 14; i += 1) {
    const key = randomBytes(768 * 1024).toString('base64')
    await context.store.writer.write(({ db }) =>
      db.insertInto('throttle').values({ key, count: 1, since: 0, until: 0 }).execute(),
    )
  }
  expect(context.rowLog.ring.bytes).toBeGreaterThan(9 * 1024 * 1024)
  const sent = await owner.sendMessage((await owner.createGroup('Team', [])).id, 'the last of them')
  const again = await startComputer({ dataDir: dirs.standby })
  await inStep(owner)
  expect(again.standby?.status).toMatchObject({ isCopying: false, lsn: context.rowLog.position?.lsn })
  await owner.request('continuity.handover', {}).catch(() => undefined)
  await waitFor(() => expect(again.hub).toBeDefined())
  const there = owner.atUrl(urlOf(again))
  expect((await there.sendMessage(sent.chatId, sent.text, sent.cid)).id).toBe(sent.id)
})

test('a handover from the command line is in the audit log', async () => {
  const { standby, dirs, owner } = await startPair()
  await askRunning(dirs.hub, { command: 'handover' })
  await waitFor(() => expect(standby.hub).toBeDefined())
  const { rows } = await owner.atUrl(urlOf(standby)).request('admin.audit', { action: 'hub.handed-over' })
  expect(rows).toMatchObject([{ detail: { by: 'command line' } }])
})

test('a hub that is announced elsewhere with a higher term looks there at once, and follows', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  await standby.close()
  await hub.close()
  // at ports that the other does not know
  const promoted = await startComputer({ dataDir: dirs.standby })
  await promoted.promote(false)
  const former = await startComputer({ dataDir: dirs.hub })
  const running = former.hub
  if (!running) throw new Error('it has found the other by itself')
  continuityOf(running.hub).peers.search.heard(`127.0.0.1:${promoted.port}`)
  await waitFor(() => expect(former.standby).toBeDefined())
  await inStep(owner.atUrl(urlOf(promoted)))
})
