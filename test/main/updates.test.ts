import { expect, test } from 'vitest'
import { UpdateChecker, type UpdateOffer } from '../../main/updates/update-checker.ts'

type Find = () => Promise<string | undefined>

/** A day passes when the test says so. `hub` and `internet` return the newest version there. */
function createUpdates({ isOn = false, hub = noVersion, internet = noVersion } = {}) {
  const events: string[] = []
  const timers: (() => void)[] = []
  const downloads: string[] = []
  const world = {
    answer: false,
    hub,
    internet,
    isOn,
    mayQuit: true,
    download: true,
    install: true,
    lastOffer: '',
  }
  const source = (name: 'hub' | 'internet', isAutomatic: () => boolean) => ({
    isAutomatic,
    find: async (): Promise<UpdateOffer | undefined> => {
      events.push(name)
      const version = await world[name]()
      if (version === undefined) return undefined
      return {
        version,
        ...(name === 'hub' && { hubName: 'Anchor' }),
        download: async () => {
          events.push(`fetched from the ${name}`)
          if (!world.download) throw new Error('cut off')
        },
        install: async () => {
          events.push('installed')
          return world.install
        },
      }
    },
  })
  const updates = new UpdateChecker({
    sources: [source('hub', () => true), source('internet', () => world.isOn)],
    clock: { now: () => 0, setTimeout: (run) => timers.push(run), clearTimeout: () => undefined },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    confirmInstall: async ({ version }) => {
      events.push(`offered ${version}`)
      return world.answer
    },
    prepareQuit: async () => {
      events.push('asked to quit')
      return world.mayQuit
    },
    cancelQuit: () => events.push('runs again'),
    showDownload: (offered) => downloads.push(offered),
    showResult: (result) => events.push(result),
    lastOffer: { get: () => world.lastOffer, set: (offered) => void (world.lastOffer = offered) },
  })
  const nextDay = async (): Promise<void> => {
    timers.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const takeEvents = (): string[] => events.splice(0)
  return { updates, takeEvents, downloads, world, nextDay }
}

const noVersion: Find = async () => undefined
const version =
  (text: string): Find =>
  async () =>
    text
const unreachable: Find = () => Promise.reject(new Error('no such host'))

test('asks the internet only if the user checks or enables it; hubs are asked each day', async () => {
  const { updates, takeEvents, nextDay, world } = createUpdates()
  updates.start()
  await nextDay()
  await nextDay()
  expect(takeEvents()).toEqual(['hub', 'hub'])
  await updates.check(true)
  expect(takeEvents()).toEqual(['hub', 'internet', 'newest'])
  world.isOn = true
  await nextDay()
  expect(takeEvents()).toEqual(['hub', 'internet'])
})

test('offers a newer version once, and installs it only if the user agrees', async () => {
  const { updates, takeEvents, world, nextDay } = createUpdates({ isOn: true, internet: version('2.0.0') })
  updates.start()
  await nextDay()
  await nextDay()
  expect(takeEvents()).toEqual(['hub', 'internet', 'offered 2.0.0', 'hub', 'internet'])
  world.answer = true
  await updates.check(true)
  expect(takeEvents().slice(2)).toEqual([
    ...['offered 2.0.0', 'fetched from the internet', 'asked to quit', 'installed'],
  ])
  // the user stays with the users of the hub here
  world.mayQuit = false
  await updates.check(true)
  expect(takeEvents().slice(2)).toEqual(['offered 2.0.0', 'fetched from the internet', 'asked to quit'])
})

test('says that it downloads, and that it is at work if the user checks meanwhile', async () => {
  const release = Promise.withResolvers<undefined>()
  const { updates, takeEvents, downloads, world } = createUpdates({ hub: () => release.promise })
  const first = updates.check(true)
  await updates.check(true)
  await updates.check(false)
  expect(takeEvents()).toEqual(['hub', 'busy'])
  release.resolve(undefined)
  await first
  expect(downloads).toEqual([])
  Object.assign(world, { answer: true, hub: version('2.0.0') })
  await updates.check(true)
  expect(downloads).toEqual(['2.0.0'])
})

test('does not offer the same version again after a restart, but the next one', async () => {
  const { updates, takeEvents, world, nextDay } = createUpdates({ hub: version('2.0.0') })
  world.lastOffer = '2.0.0'
  updates.start()
  await nextDay()
  expect(takeEvents()).toEqual(['hub'])
  world.hub = version('2.0.1')
  await nextDay()
  expect(takeEvents()).toEqual(['hub', 'offered 2.0.1'])
  expect(world.lastOffer).toBe('2.0.1')
})

test('takes the newest version, and from the hub if both have the same', async () => {
  const { updates, takeEvents, world } = createUpdates({ hub: version('2.0.0'), internet: version('2.0.0') })
  world.answer = true
  await updates.check(true)
  expect(takeEvents()).toContain('fetched from the hub')
  world.internet = version('2.0.10')
  world.hub = version('2.0.9')
  await updates.check(true)
  expect(takeEvents()).toContain('fetched from the internet')
  // without internet, that of the hub
  world.internet = unreachable
  await updates.check(true)
  expect(takeEvents()).toContain('fetched from the hub')
})

test('reports a failed check only to a user who started it', async () => {
  const { updates, takeEvents, nextDay } = createUpdates({ isOn: true, internet: unreachable })
  updates.start()
  await nextDay()
  expect(takeEvents()).toEqual(['hub', 'internet'])
  await updates.check(true)
  expect(takeEvents()).toEqual(['hub', 'internet', 'unreachable'])
})

test('runs on, with its hub, if the new version could not be fetched or installed', async () => {
  const { updates, takeEvents, world } = createUpdates({ hub: version('2.0.0') })
  world.answer = true
  world.download = false
  await updates.check(true)
  expect(takeEvents().slice(2)).toEqual(['offered 2.0.0', 'fetched from the hub', 'failed'])
  world.download = true
  world.install = false
  await updates.check(true)
  expect(takeEvents().slice(2)).toEqual([
    ...['offered 2.0.0', 'fetched from the hub', 'asked to quit', 'installed', 'runs again', 'failed'],
  ])
})
