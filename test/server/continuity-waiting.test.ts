import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { readState, writeState } from '../../server/continuity/state-file.ts'
import { startPairOfProcesses, inStep as bothInStep } from '../support/computer-process.ts'
import { addThird, startComputer, startPair, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { password, rawRequest, TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/* A hub that may not decide alone, and whose owner ends the waiting. */

async function safetyOf(owner: TestUser): Promise<string> {
  return (await owner.request('continuity.status', {})).safety
}

test('the owner goes on without a standby that has fallen silent, and the standby follows again', async () => {
  const { hub, standby, owner } = await startPairOfProcesses()
  const chat = await owner.createGroup('Team', [])
  const mia = await TestUser.register(hub.url, { username: 'mia' })
  await owner.request('sessions.reauthenticate', { current: password })
  await expect(owner.request('continuity.goOn', { current: password })).rejects.toThrow('does not wait')
  await owner.request('continuity.vote', { tie: 'standby' })
  const before = (await owner.connect()).state

  // it is there, and says nothing
  standby.signal('SIGSTOP')
  const live = await owner.connect()
  const cid = randomUUID()
  const waiting = live.request('messages.send', { chatId: chat.id, cid, text: 'waits' })
  waiting.catch(() => undefined)
  await waitFor(async () => expect(await safetyOf(owner)).toBe('waiting'))
  const { messages } = await owner.request('messages.list', { chatId: chat.id })
  expect(messages).toEqual([])

  // nothing can be written, so the request takes the password itself
  const goOn = async (user: TestUser, current: string) =>
    rawRequest(user.url, user.token, 'continuity.goOn', { current })
  expect(await goOn(mia, password)).toMatchObject({ status: 403 })
  for (let guess = 0; guess < 3; guess += 1) {
    const wrong = { error: { code: 'forbidden', field: 'current' } }
    expect(await goOn(owner, `guess ${guess}`)).toMatchObject({ status: 403, body: wrong })
  }
  expect(await safetyOf(owner)).toBe('waiting')
  await expect(hub.command('promote')).rejects.toThrow('use --force')
  const { status, body } = await goOn(owner, password)
  expect(status).toBe(200)
  expect(body).toMatchObject({ safety: 'alone' })

  // what waited was given back, and is sent again in the new epoch
  await expect(waiting).rejects.toThrow()
  const again = await owner.connect()
  expect(again.state?.epoch).not.toBe(before?.epoch)
  const first = await again.request('messages.send', { chatId: chat.id, cid, text: 'waits' })
  const second = await again.request('messages.send', { chatId: chat.id, cid, text: 'waits' })
  expect(first['message']).toEqual(second['message'])
  const { headers } = await rawRequest(hub.url, owner.token, 'me.update', { bio: 'alone' })
  expect(headers.has('x-hubbub-held')).toBe(true)
  const { rows } = await owner.request('admin.audit', {})
  expect(rows.find(({ action }) => action === 'hub.went-on')?.by).toBe(owner.id)

  // it does not wait again after a restart
  expect(readState(hub.dataDir)).toMatchObject({
    role: 'hub',
    alone: true,
    term: { epoch: again.state?.epoch },
  })

  // the standby had the message as the last frame of the old term
  standby.signal('SIGCONT')
  await bothInStep(owner)
  const stored = await owner.request('messages.list', { chatId: chat.id })
  expect(stored.messages.map((message) => 'cid' in message && message.cid)).toEqual([cid])
})

test('a hub whose standby and third computer are gone goes on by force on its command line', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const thirdDir = newDataDir()
  const { third, node } = await addThird(owner, thirdDir)
  await standby.close()
  await third.close()
  await waitFor(async () => expect(await safetyOf(owner)).toBe('alone'))
  await hub.close()
  const state = readState(dirs.hub)
  if (!state) throw new Error('a hub without a state')
  // as if all had been killed
  writeState(dirs.hub, { ...state, alone: false })
  const again = await startComputer({ dataDir: dirs.hub, port: hub.port })
  expect(await safetyOf(owner)).toBe('waiting')
  await expect(again.promote(false)).rejects.toThrow('waits for the computer that decides')
  await again.promote(true)
  expect(await safetyOf(owner)).toBe('alone')
  await owner.request('me.update', { bio: 'alone' })
  const { rows } = await owner.request('admin.audit', {})
  expect(rows.find(({ action }) => action === 'hub.went-on')).toMatchObject({
    detail: { by: 'command line' },
  })
  // the third computer takes over the new term from the hub
  const returned = await startComputer({ dataDir: thirdDir })
  await waitFor(async () => expect(await returned.status()).toMatchObject({ decision: 'hub' }))
  expect((await owner.request('continuity.status', {})).tie).toBe(node)
  expect(urlOf(again)).toBe(owner.url)
})
