import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { frameTypes } from '../../server/continuity/frame.ts'
import { loadNodeKey, signedTexts, signText } from '../../server/continuity/node-key.ts'
import { readVote } from '../../server/continuity/voter-file.ts'
import { runContinuityCommand } from '../../server/standby/commands.ts'
import { joinHub } from '../../server/standby/join.ts'
import { openStream } from '../../server/standby/pinned.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { bodyOf, Stream } from '../../server/standby/stream.ts'
import {
  addStandby,
  addThird,
  inStep,
  startComputer,
  startPair,
  thirdIsHere,
  urlOf,
} from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { setupCode } from '../support/hub.ts'
import { password, rawRequest, TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/* The third computer with a real hub and a real standby. Processes that are killed: continuity-chaos.test.ts. */

/** Says who it is, by the key of this directory. Returns what the other does then. */
async function greet(
  to: { address: string; hubId: string; dataDir: string },
  onWelcome?: (stream: Stream) => void,
): Promise<string> {
  const { id: node, key } = loadNodeKey(to.dataDir)
  const { socket } = await openStream(to)
  onTestFinished(() => socket.terminate())
  return new Promise((resolve) => {
    const stream = new Stream(socket, {
      frame: (frame) => {
        if (frame.type === frameTypes.welcome) {
          if (onWelcome) onWelcome(stream)
          else resolve('welcome')
        }
        if (frame.type !== frameTypes.challenge) return
        const sig = signText(key, signedTexts.follow(to.hubId, String(bodyOf(frame)['nonce'])))
        stream.send(frameTypes.hello, { node, kind: 'vote', sig })
      },
      end: () => resolve('closed'),
      beat: () => undefined,
    })
  })
}

test('a third computer is paired by both owners, gets the vote, and stores nothing of the hub', async () => {
  const dirs = { hub: newDataDir(), standby: newDataDir(), third: newDataDir() }
  const hub = await startComputer({ dataDir: dirs.hub })
  const owner = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga' })
  await expect(owner.request('continuity.code', { kind: 'vote' })).rejects.toThrow('Add a standby first')
  const standby = await addStandby(owner, dirs.standby)

  // a code is for one kind of computer
  const { link } = await owner.request('continuity.code', { kind: 'vote' })
  const parsed = parseStandbyLink(link)
  if (parsed?.kind !== 'vote') throw new Error(`not a link for a third computer: ${link}`)
  const asStandby = joinHub({ ...parsed, dataDir: newDataDir(), kind: 'standby' })
  await expect(asStandby).rejects.toThrow('This code is for a vote.')

  const { third, node } = await addThird(owner, dirs.third)
  const status = await owner.request('continuity.status', {})
  expect(status).toMatchObject({ tie: node, safety: 'together', requests: [] })
  expect(await third.status()).toMatchObject({ role: 'vote', decision: 'none' })
  const { rows } = await owner.request('admin.audit', {})
  const actions = rows.map(({ action }) => action)
  for (const action of ['standby.code-created', 'standby.requested', 'standby.added', 'standby.vote-changed'])
    expect(actions).toContain(action)

  // on the command line of the hub's computer
  const decide = async (to?: 'hub' | 'standby' | 'third', dataDir = dirs.hub): Promise<string> => {
    let printed = ''
    await runContinuityCommand({ name: 'deciding-vote', dataDir, to }, (text) => (printed += text))
    return printed
  }
  expect(await decide()).toMatch(/^“Third” has the deciding vote, and is here\./)
  expect(await decide('standby')).toMatch(/^“Standby”, the standby, has the deciding vote\./)
  expect((await owner.request('continuity.status', {})).tie).toBe('standby')
  expect(await decide('hub')).toMatch(/^This hub has the deciding vote\./)
  expect(await decide('third')).toMatch(/^“Third” has the deciding vote/)
  await expect(decide('hub', dirs.standby)).rejects.toThrow('This computer is a standby.')
  const [changed] = (await owner.request('admin.audit', {})).rows
  expect(changed).toMatchObject({ action: 'standby.vote-changed', detail: { tie: node, by: 'command line' } })

  const inFolder = readdirSync(path.join(dirs.third, 'continuity'))
  expect(inFolder.toSorted()).toEqual(['node-key.pem', 'places.json', 'vote.json'])
  for (const name of ['hub.db', 'identity', 'files'])
    expect(existsSync(path.join(dirs.third, name))).toBe(false)
  await expect(third.promote(true)).rejects.toThrow('cannot be the hub')

  // it has no messages to bring back: it could forge those of anybody
  await third.close()
  await waitFor(async () => {
    const { computers } = await owner.request('continuity.status', {})
    expect(computers.find((one) => one.node === node)?.state).toBe('away')
  })
  const folders = [
    { folder: 'diverged-1', movedAt: 0, messages: 1, people: 1, files: 0, unreachable: 0, other: {} },
  ]
  const hubAt = { address: `127.0.0.1:${hub.port}`, hubId: parsed.hubId, dataDir: dirs.third }
  expect(await greet(hubAt, (stream) => stream.send(frameTypes.setAside, { folders }))).toBe('closed')
  expect((await owner.request('continuity.status', {})).setAside).toEqual([])

  // a directory has one purpose
  const to = { addresses: [], hubId: 'x'.repeat(43), code: 'abcdefghij', kind: 'vote' } as const
  await expect(joinHub({ ...to, dataDir: dirs.third })).rejects.toThrow('of another hub')
  await expect(joinHub({ ...to, dataDir: dirs.third, kind: 'standby' })).rejects.toThrow(
    'belongs to a third computer',
  )
  for (const dataDir of [dirs.hub, dirs.standby])
    await expect(joinHub({ ...to, dataDir })).rejects.toThrow('data of a hub')

  // the port of the standby takes no stream of a stranger
  const hubId = hub.hub?.hub.hubId ?? ''
  const address = `127.0.0.1:${standby.port}`
  expect(await greet({ address, hubId, dataDir: newDataDir() })).toBe('closed')
})

test('a third computer goes on after a restart, and is refused everywhere once it was removed', async () => {
  const { hub, standby, owner } = await startPair()
  const dataDir = newDataDir()
  const first = await addThird(owner, dataDir)
  const { node } = first
  const computers = async () => (await owner.request('continuity.status', {})).computers
  await first.third.close()
  await waitFor(async () => expect((await computers()).find((one) => one.node === node)?.state).toBe('away'))
  writeFileSync(path.join(dataDir, 'continuity', 'vote.json'), '{"v":1,"isAl')
  const third = await startComputer({ dataDir })
  await thirdIsHere(owner, third)
  expect((await owner.request('continuity.status', {})).tie).toBe(node)
  await waitFor(() => expect(readVote(dataDir)?.markV).toBeGreaterThan(0))
  await inStep(owner)

  // the owner does not want to wait for the standby: the hub goes alone by the vote, and the standby follows
  const sync = async (value: 'on' | 'off') => owner.request('continuity.sync', { sync: value })
  const held = async (): Promise<boolean> => {
    const { headers } = await rawRequest(owner.url, owner.token, 'me.update', { bio: randomUUID() })
    return headers.has('x-hubbub-held')
  }
  expect(await held()).toBe(false)
  expect((await sync('off')).sync).toBe('off')
  await waitFor(async () => {
    const status = await owner.request('continuity.status', {})
    expect(status).toMatchObject({ safety: 'alone', sync: 'off' })
    expect(status.computers.find(({ kind }) => kind === 'standby')?.state).toBe('following')
  })
  expect(await third.status()).toMatchObject({ decision: 'hub' })
  // acknowledged by this disk only, though the standby is there
  expect(await held()).toBe(true)
  await expect(owner.request('continuity.vote', { tie: 'hub' })).rejects.toThrow(
    'while a standby is up to date',
  )
  await expect(owner.request('continuity.handover', {})).rejects.toThrow('No standby is up to date')
  await sync('on')
  await inStep(owner)
  expect(await held()).toBe(false)
  const { rows } = await owner.request('admin.audit', {})
  expect(rows.map(({ action }) => action)).toContain('standby.sync-changed')
  await owner.request('continuity.vote', { tie: 'standby' })
  await expect(sync('off')).rejects.toThrow('Give the deciding vote to the hub first')
  await owner.request('continuity.vote', { tie: node })

  for (const one of await computers())
    await expect(owner.request('continuity.remove', { node: one.node })).rejects.toThrow(
      'Give the deciding vote to the hub first',
    )
  await owner.request('continuity.vote', { tie: 'hub' })
  await owner.request('continuity.remove', { node })
  const problem = 'The owner of the hub has removed this computer.'
  await waitFor(async () => expect(await third.status()).toMatchObject({ problem }))
  await expect(owner.request('continuity.vote', { tie: node })).rejects.toThrow('cannot have the vote')
  await third.close()
  const hubId = hub.hub?.hub.hubId ?? ''
  // the standby knows once it has applied the row
  await waitFor(async () => {
    await owner.request('me.update', { bio: randomUUID() })
    expect(await greet({ address: `127.0.0.1:${standby.port}`, hubId, dataDir })).toBe('closed')
  })
  expect(await greet({ address: `127.0.0.1:${hub.port}`, hubId, dataDir })).toBe('closed')
})

test('a standby that is gone for good is removed while the hub goes on alone, and another takes its place', async () => {
  const { hub, standby, owner } = await startPair()
  const { third } = await addThird(owner, newDataDir())
  const { computers } = await owner.request('continuity.status', {})
  const { node = '' } = computers.find(({ kind }) => kind === 'standby') ?? {}
  const term = () => hub.hub?.hub.standing.term()?.n ?? 0
  const before = term()
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  await owner.request('sessions.reauthenticate', { current: password })
  const { safety, tie } = await owner.request('continuity.remove', { node })
  expect([safety, tie]).toEqual(['none', 'hub'])

  await addStandby(owner, newDataDir())
  await thirdIsHere(owner, third)
  // who had a right in the term of before has none any more
  expect(term()).toBeGreaterThan(before)
})

test('a computer whose clock is days slow or years fast follows and votes all the same', async () => {
  const dayMs = 24 * 60 * 60_000
  // the certificates of this hub begin in the future of the others
  const dataDir = newDataDir()
  const hub = await startComputer({ dataDir, clock: () => Date.now() + 3 * dayMs })
  const owner = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga' })
  await addStandby(owner, newDataDir())
  const { node } = await addThird(owner, newDataDir())
  expect((await owner.request('continuity.status', {})).tie).toBe(node)

  // and those of this one have ended
  const old = await startComputer({ clock: () => Date.now() - 4_000 * dayMs })
  const address = `127.0.0.1:${old.port}`
  const hubId = old.hub?.hub.hubId ?? ''
  const { socket } = await openStream({ address, hubId })
  socket.terminate()
  // it is still one hub and no other
  await expect(openStream({ address, hubId: hub.hub?.hub.hubId ?? '' })).rejects.toThrow(
    'is not the hub with this fingerprint',
  )
})
