import { cpSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { raceAddresses } from '../../main/hubs/address-race.ts'
import type { Hubs } from '../../main/hubs/hubs.ts'
import { HubRegistry } from '../../main/hubs/registry.ts'
import { JsonFile } from '../../main/json-file.ts'
import { readIdentity, keyFile } from '../../server/identity.ts'
import { makeTerm } from '../../server/continuity/term.ts'
import { noPosition } from '../../server/continuity/position.ts'
import type { HubStanding } from '../../server/live/standing.ts'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { SetStanding } from '../support/set-standing.ts'
import { newHubsWithRegistry } from '../support/shell-hubs.ts'
import { ManualClock, settle } from '../renderer/support/manual-clock.ts'

const addressOf = (hub: TestHub): string => new URL(hub.url).host

/** Accepts connections and never says a word, as a host behind a strange firewall. */
async function listenSilently(events: string[]): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    events.push('silent')
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const refusing = '127.0.0.1:9'

/** One hub on two computers: the second starts on a copy of its data. */
async function startTwice(first: HubStanding, second: HubStanding) {
  const origin = await startTestHub()
  const olga = await origin.setUp()
  await origin.close()
  const copy = newDataDir()
  cpSync(origin.dataDir, copy, { recursive: true })
  const old = await startTestHub({ dataDir: origin.dataDir, standing: first })
  const now = await startTestHub({ dataDir: copy, standing: second })
  return { old, now, token: olga.token, hubId: old.hub.hubId }
}

const placeOf = (hub: TestHub, role: Place['role'], more: string[] = []): Place => ({
  ...{ node: role, name: 'Ann’s computer', role, addresses: [...more, addressOf(hub)] },
})

function termOf(dataDir: string, previous?: Term): Term {
  const { key, hubId } = readIdentity(keyFile(dataDir))
  const node = previous === undefined ? 'old' : 'new'
  return makeTerm(key, hubId, { node, epoch: 'epoch', position: noPosition, previous, now: 1 })
}

const stateOf = (hubs: Hubs) => hubs.list()[0]?.state

describe('looking for a hub', () => {
  test('passes silent and refusing addresses before any of them times out', async () => {
    const hub = await startTestHub()
    const olga = await hub.setUp()
    const { hubs, registry } = newHubsWithRegistry()
    const { id } = await hubs.add(addressOf(hub), hub.hub.hubId)
    const events: string[] = []
    const silent = [await listenSilently(events), await listenSilently(events), await listenSilently(events)]
    const known = registry.find(id)
    const dead = [...silent.slice(0, 1), refusing, ...silent.slice(1)]
    registry.recordReached(id, addressOf(hub))
    // dead ones first
    for (const address of [...dead].reverse()) registry.recordReached(id, address)
    expect(registry.find(id)?.addresses).toEqual([...dead, addressOf(hub)])
    hubs.onChange(() => {
      if (stateOf(hubs) === 'online') events.push('online')
    })
    await hubs.signedIn(id, olga.token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    // a time-out of 2 s would have ended one of them first
    expect(events.slice(0, 4)).toEqual(['silent', 'silent', 'silent', 'online'])
    expect(registry.find(id)).toMatchObject({ name: known?.name, trust: 'pinned' })
    expect(registry.find(id)?.addresses[0]).toBe(addressOf(hub))
  })

  test('goes to the place that a standby names, and never takes the standby for the hub', async () => {
    const standing = new SetStanding({})
    const { old, now, token, hubId } = await startTwice(standing, new SetStanding({}))
    const { hubs, registry } = newHubsWithRegistry()
    await hubs.add(addressOf(old), hubId)
    standing.currentMoved = { code: 'moved', places: [placeOf(now, 'hub', [refusing])] }
    await hubs.signedIn(hubId, token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(registry.find(hubId)?.addresses[0]).toBe(addressOf(now))
    const answer = await hubs.get(hubId).request({ method: 'GET', path: '/api/meta' })
    answer.resume()
    expect(answer.statusCode).toBe(200)
  })

  test('an invite to a computer that is a standby by now leads to the hub', async () => {
    const standing = new SetStanding({})
    const { old, now, hubId } = await startTwice(standing, new SetStanding({}))
    const { hubs, registry } = newHubsWithRegistry()
    const stranger = await startTestHub()
    standing.currentMoved = { code: 'moved', places: [placeOf(now, 'hub', [refusing, addressOf(stranger)])] }
    await hubs.add(addressOf(old), hubId)
    expect(registry.find(hubId)?.addresses).toEqual([addressOf(now)])
    standing.currentMoved = { code: 'moved', places: [] }
    await expect(newHubsWithRegistry().hubs.add(addressOf(old), hubId)).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  test('a standby alone is no hub', async () => {
    const standing = new SetStanding({})
    const hub = await startTestHub({ standing })
    const { hubs } = newHubsWithRegistry()
    const { id } = await hubs.add(addressOf(hub), hub.hub.hubId)
    standing.currentMoved = { code: 'moved', places: [] }
    hubs.wake()
    await expect.poll(() => stateOf(hubs)).toBe('offline')
    expect(hubs.list()).toMatchObject([{ id, problem: undefined }])
    standing.currentMoved = undefined
    hubs.wake()
    await expect.poll(() => stateOf(hubs)).toBe('signed-out')
  })
})

describe('a hub that moves', () => {
  test('is followed at once, with the places and the term that it names', async () => {
    const first = new SetStanding({})
    const second = new SetStanding({})
    const { old, now, token, hubId } = await startTwice(first, second)
    const { hubs, registry } = newHubsWithRegistry()
    await hubs.add(addressOf(old), hubId)
    const term = termOf(old.dataDir)
    first.currentTerm = term
    first.currentPlaces = [placeOf(old, 'hub'), placeOf(now, 'standby')]
    await hubs.signedIn(hubId, token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(registry.find(hubId)).toMatchObject({ term, places: first.currentPlaces })

    const higher = termOf(old.dataDir, term)
    second.currentTerm = higher
    second.currentPlaces = [placeOf(now, 'hub'), placeOf(old, 'standby')]
    first.currentMoved = { code: 'moved', term: higher, places: [...second.currentPlaces] }
    const states: (string | undefined)[] = []
    hubs.onChange(() => states.push(stateOf(hubs)))
    old.hub.live.closeForMove(first.currentMoved)
    await expect.poll(() => registry.find(hubId)?.places).toEqual(second.currentPlaces)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(registry.find(hubId)).toMatchObject({ term: higher })
    expect(registry.find(hubId)?.addresses[0]).toBe(addressOf(now))
    // the user sees no outage
    expect(states).not.toContain('offline')
  })

  test('a page’s request during the move reaches the new hub', async () => {
    const first = new SetStanding({})
    const { old, now, token, hubId } = await startTwice(first, new SetStanding({}))
    const { hubs } = newHubsWithRegistry()
    await hubs.add(addressOf(old), hubId)
    await hubs.signedIn(hubId, token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    first.currentMoved = { code: 'moved', places: [placeOf(now, 'hub')] }
    old.hub.live.closeForMove(first.currentMoved)
    await expect.poll(() => stateOf(hubs)).not.toBe('online')
    const headers = { authorization: `Bearer ${token}` }
    const answer = await hubs.get(hubId).request({ method: 'GET', path: '/api/me', headers })
    answer.resume()
    expect(answer.statusCode).toBe(200)
  })
})

describe('the known term', () => {
  test('is shown to a hub with a lower one, which stops, and the hub is found elsewhere', async () => {
    const [first, second] = [new SetStanding({}), new SetStanding({})]
    const { old, now, token, hubId } = await startTwice(first, second)
    const { hubs, registry } = newHubsWithRegistry()
    await hubs.add(addressOf(old), hubId)
    const term = termOf(old.dataDir)
    const higher = termOf(old.dataDir, term)
    first.currentTerm = term
    second.currentTerm = higher
    registry.recordContinuity(hubId, { term: higher, places: [placeOf(now, 'hub')] })
    first.onShown = () => {
      first.currentMoved = { code: 'moved', places: [] }
      old.hub.live.closeForMove(first.currentMoved)
    }
    await hubs.signedIn(hubId, token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(first.shown).toEqual([higher])
    expect(registry.find(hubId)?.addresses[0]).toBe(addressOf(now))
  })

  test('does not keep the app away for ever from a hub whose older program ignores it', async () => {
    const standing = new SetStanding({})
    const hub = await startTestHub({ standing })
    const olga = await hub.setUp()
    const { hubs, registry } = newHubsWithRegistry()
    const { id } = await hubs.add(addressOf(hub), hub.hub.hubId)
    registry.recordContinuity(id, {
      term: termOf(hub.dataDir),
      places: [{ ...placeOf(hub, 'hub'), addresses: [refusing] }],
    })
    await hubs.signedIn(id, olga.token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(standing.shown.length).toBeGreaterThanOrEqual(2)
  })

  test('is only taken if the key of the hub has signed it', async () => {
    const stranger = await startTestHub()
    const standing = new SetStanding({ term: termOf(stranger.dataDir) })
    const hub = await startTestHub({ standing })
    const olga = await hub.setUp()
    const { hubs, registry } = newHubsWithRegistry()
    const { id } = await hubs.add(addressOf(hub), hub.hub.hubId)
    await hubs.signedIn(id, olga.token)
    await expect.poll(() => stateOf(hubs)).toBe('online')
    expect(registry.find(id)?.term).toBeUndefined()
  })

  test('damaged places and terms in the file cost no hub', async () => {
    const hub = await startTestHub()
    const { hubs, registry } = newHubsWithRegistry()
    const { id } = await hubs.add(addressOf(hub), hub.hub.hubId)
    const file = new JsonFile(join(newDataDir(), 'hubs.json'))
    const known = registry.find(id)
    const good = termOf(hub.dataDir)
    for (const [term, places] of [
      [{ ...good, sig: 7 }, 'x'],
      [[], [null]],
      [null, { a: 1 }],
      [good, [placeOf(hub, 'hub')]],
    ]) {
      file.write({ version: 1, hubs: [{ ...known, term, places }] })
      const read = new HubRegistry(file).find(id)
      expect(read?.addresses).toEqual(known?.addresses)
      expect([read?.term, read?.places]).toEqual(
        term === good ? [good, [placeOf(hub, 'hub')]] : [undefined, []],
      )
    }
  })
})

describe('the race', () => {
  function race(addresses: string[]) {
    const clock = new ManualClock()
    const started: [string, number][] = []
    const running = new Map<
      string,
      { win: () => void; fail: () => void; add: (more: string[]) => void; signal: AbortSignal }
    >()
    const result = raceAddresses(addresses, {
      clock,
      attempt: (address, { signal, add }) => {
        started.push([address, clock.now()])
        return new Promise<string>((resolve, reject) => {
          running.set(address, {
            win: () => resolve(`name of ${address}`),
            fail: () => reject(new Error(address)),
            add,
            signal,
          })
        })
      },
    })
    const begin = clock.now()
    return { clock, running, result, starts: () => started.map(([address, at]) => [address, at - begin]) }
  }

  test('starts each 150 ms after the one before, and at once after a failure', async () => {
    const { clock, running, result, starts } = race(['a', 'b', 'c', 'd'])
    await clock.advance(150)
    expect(starts()).toEqual([
      ['a', 0],
      ['b', 150],
    ])
    await clock.advance(50)
    running.get('b')?.fail()
    await settle()
    expect(starts().at(-1)).toEqual(['c', 200])
    running.get('c')?.win()
    expect(await result).toEqual({ address: 'c', value: 'name of c' })
    expect(running.get('a')?.signal.aborted).toBe(true)
    await clock.advance(1_000)
    expect(starts()).toHaveLength(3)
  })

  test('takes in what an attempt names, and lists the failures in the order of the addresses', async () => {
    const { running, result, starts } = race(['a', 'b', 'a'])
    running.get('a')?.add(['c', 'b'])
    running.get('a')?.fail()
    await settle()
    running.get('b')?.fail()
    await settle()
    running.get('c')?.fail()
    expect(await result).toEqual({
      failures: ['a', 'b', 'c'].map((address) => ({ address, error: new Error(address) })),
    })
    expect(starts()).toHaveLength(3)
  })

  test('ends at once without addresses', async () => {
    expect(await race([]).result).toEqual({ failures: [] })
  })
})
