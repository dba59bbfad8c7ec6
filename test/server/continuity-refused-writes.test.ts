import { randomUUID } from 'node:crypto'
import { mkdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readState } from '../../server/continuity/state-file.ts'
import { loadNodeKey } from '../../server/continuity/node-key.ts'
import { continuityOf } from '../../server/standby/continuity-of.ts'
import { joinHub } from '../../server/standby/join.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { inStep, startComputer, startPair, urlOf } from '../support/computers.ts'
import { password } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/* A role counts once it is on the disk: what happens while the disk refuses to take it. */

/** From now on this computer cannot save its state, as on a full disk. Returns what ends it. */
function refuseState(dataDir: string): () => void {
  const inTheWay = path.join(dataDir, 'continuity', 'state.json.new')
  mkdirSync(inTheWay)
  let isOver = false
  const end = (): void => {
    if (!isOver) rmdirSync(inTheWay)
    isOver = true
  }
  onTestFinished(end)
  return end
}

test('a standby that cannot save that it is the hub does not say so, and becomes it later', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const sent = await owner.sendMessage(chat.id, 'before', randomUUID())
  const accept = refuseState(dirs.standby)

  const { id: node } = loadNodeKey(dirs.standby)
  const leftAt = (): number => (hub.hub && continuityOf(hub.hub.hub).peers.lastSeenOf(node)) ?? 0

  const handedOver = owner.request('continuity.handover', {}).catch(() => undefined)
  // it has tried twice
  await waitFor(() => expect(leftAt()).toBeGreaterThan(0))
  const first = leftAt()
  await waitFor(() => expect(leftAt()).toBeGreaterThan(first))
  expect(readState(dirs.hub)?.role).toBe('sealed')

  accept()
  await waitFor(() => expect(standby.hub).toBeDefined())
  await handedOver
  const again = await waitFor(() => owner.atUrl(urlOf(standby)).sendMessage(chat.id, 'before', sent.cid))
  expect(again.seq).toBe(sent.seq)
})

test('an order to take over that cannot be saved is answered, and the standby follows on', async () => {
  const { standby, dirs, owner } = await startPair()
  const accept = refuseState(dirs.standby)
  await expect(standby.promote(true)).rejects.toThrow('state.json.new')
  accept()
  await inStep(owner)
  expect(readState(dirs.standby)?.role).toBe('standby')
})

test('a hub that cannot save that another computer is the hub stops, and its process ends with a sentence', async () => {
  const reasons: unknown[] = []
  const { hub, standby, dirs, owner } = await startPair({ onFatal: (error) => reasons.push(error) })
  const chat = await owner.createGroup('Team', [])
  const accept = refuseState(dirs.hub)
  await standby.promote(true)
  await waitFor(() => expect(reasons).toHaveLength(1))
  const [reason] = reasons
  expect(String(reason)).toMatch(
    /runs on another computer since .* could not save that in .*state\.json\.new/,
  )
  await expect(owner.sendMessage(chat.id, 'nobody sees it', randomUUID())).rejects.toMatchObject({
    code: 'busy',
  })
  expect(readState(dirs.hub)?.role).toBe('hub')
  accept()
  // the next start asks the others first, and follows
  await hub.close()
  const again = await startComputer({ dataDir: dirs.hub })
  await waitFor(() => expect(again.standby).toBeDefined())
})

test('a hub that cannot save that it is alone acknowledges nothing until it can', async () => {
  const { standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const live = await owner.connect()
  const accept = refuseState(dirs.hub)
  await standby.close()
  await waitFor(async () => {
    expect((await owner.request('continuity.status', {})).computers[0]?.state).toBe('away')
  })
  let isAcknowledged = false
  const sending = live
    .request('messages.send', { chatId: chat.id, cid: randomUUID(), text: 'waits' })
    .then(() => (isAcknowledged = true))
  await owner.request('continuity.status', {})
  expect(readState(dirs.hub)?.alone).toBe(false)
  expect(isAcknowledged).toBe(false)

  accept()
  await sending
  expect(readState(dirs.hub)?.alone).toBe(true)
})

test('the computer that follows already may be added again, and stays in step', async () => {
  const { hub, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  await owner.request('sessions.reauthenticate', { current: password })
  const { link } = await owner.request('continuity.code', { kind: 'standby' })
  const parsed = parseStandbyLink(link)
  if (!parsed) throw new Error(`not a link: ${link}`)
  await joinHub({ dataDir: dirs.standby, ...parsed, kind: 'standby', name: 'Again' })
  const [request] = (await owner.request('continuity.status', {})).requests

  const status = await owner.request('continuity.approve', { node: request?.node ?? '' })
  expect(status.safety).toBe('together')
  expect(readState(dirs.hub)?.alone).toBe(false)
  await owner.sendMessage(chat.id, 'on both', randomUUID())
  expect(hub.hub).toBeDefined()
})
