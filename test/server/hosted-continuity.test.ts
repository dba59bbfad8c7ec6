// What the hub's process tells the desktop app, and does for it, with the standing of a hub that has a standby.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'
import { HubError } from '../../shared/errors.ts'
import { hostContinuity } from '../../server/hosted-continuity.ts'
import { noStanding } from '../../server/live/standing.ts'
import { newDataDir } from '../support/data-dir.ts'
import { SetStanding } from '../support/set-standing.ts'
import { waitFor } from '../support/wait-for.ts'
import { makeWorld } from '../support/world.ts'

const target = { node: 'nodeB', name: 'Ann’s computer' }
const newFile = () => join(newDataDir(), 'sealed')

async function host() {
  const standing = new SetStanding({})
  const world = await makeWorld({ standing })
  const told: FromHubProcess[] = []
  const hosted = hostContinuity(world.hub.hub, (message) => told.push(message))
  return { ...world, standing, told, hosted }
}

test('reports the standby that could be the hub, once for each change', async () => {
  const { standing, told, hosted } = await host()
  expect(told).toEqual([{ t: 'continuity', role: 'hub', alone: true }])
  standing.target = target
  standing.currentSafety = 'together'
  standing.change()
  standing.change()
  standing.currentMoved = { code: 'moving', places: [] }
  standing.change()
  standing.currentMoved = { code: 'moved', places: [] }
  standing.target = undefined
  standing.change()
  hosted.stop()
  standing.currentMoved = undefined
  standing.change()
  expect(told.slice(1)).toEqual([
    { t: 'continuity', role: 'hub', alone: false, handOverTo: target },
    { t: 'continuity', role: 'sealed', alone: false, handOverTo: target },
    { t: 'continuity', role: 'standby', alone: false },
  ])
})

test('a hub without standbys reports nothing, and sleeps as before', async () => {
  const { hub, ann } = await makeWorld()
  const told: FromHubProcess[] = []
  const hosted = hostContinuity({ ...hub.hub, standing: noStanding }, (message) => told.push(message))
  const file = newFile()
  const live = await ann.connect()
  hosted.prepareSleep(file)
  expect(existsSync(file)).toBe(true)
  expect(await live.next(({ t }) => t === 'bye')).toMatchObject({ code: 'asleep' })
  expect(told).toEqual([])
  hosted.handOver(7, undefined)
  await waitFor(() => expect(told).toHaveLength(1))
  expect(told[0]).toMatchObject({
    t: 'not-moved',
    id: 7,
    sentence: expect.stringContaining('No standby') as string,
  })
})

test('hands over on request, and passes on the reason of a refusal, but no internal error', async () => {
  const { standing, told, hosted } = await host()
  const outcomes = [
    () => Promise.resolve(target.name),
    () => Promise.reject(new HubError('conflict', 'It is 4 s behind.')),
    () => Promise.reject(new TypeError('secret detail')),
  ]
  standing.runHandOver = () => (outcomes.shift() as (typeof outcomes)[0])()
  for (const id of [1, 2, 3]) hosted.handOver(id, undefined)
  await waitFor(() => expect(told).toHaveLength(4))
  expect(told.slice(1)).toEqual([
    { t: 'moved', id: 1, to: target.name },
    { t: 'not-moved', id: 2, sentence: 'It is 4 s behind.' },
    { t: 'not-moved', id: 3, sentence: 'The hub could not be handed over. Try again in a moment.' },
  ])
})

test('before sleep the hub is handed over, and the file exists as soon as the seal is out', async () => {
  const { standing, hosted, ann } = await host()
  standing.target = target
  const live = await ann.connect()
  let finish = (_: string): void => undefined
  standing.runHandOver = ({ onSealed }) => {
    onSealed?.()
    return new Promise((resolve) => (finish = resolve))
  }
  const file = newFile()
  hosted.prepareSleep(file)
  expect(existsSync(file)).toBe(true)
  await live.settle()
  // the standing itself says "moved" once the other computer is the hub
  expect(live.received.some(({ t }) => t === 'bye')).toBe(false)
  finish(target.name)
})

test('a hand-over before sleep that fails ends as sleep without a standby', async () => {
  const { standing, hosted, ann } = await host()
  standing.target = target
  const live = await ann.connect()
  const file = newFile()
  hosted.prepareSleep(file)
  expect(await live.next(({ t }) => t === 'bye')).toMatchObject({ code: 'asleep' })
  expect(existsSync(file)).toBe(true)
})
