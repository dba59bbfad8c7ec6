import { expect, test } from 'vitest'
import { UpdateChecker } from '../../main/updates/update-checker.ts'

/** A day passes when the test says so. */
function createUpdates({ isOn = false, newest = async (): Promise<string | undefined> => undefined } = {}) {
  const events: string[] = []
  const timers: (() => void)[] = []
  const world = { answer: false, newest, isOn, mayQuit: true }
  const updates = new UpdateChecker({
    updater: {
      findNewerVersion: () => {
        events.push('looked')
        return world.newest()
      },
      download: async () => void events.push('downloaded'),
      quitAndInstall: () => void events.push('installed'),
    },
    clock: { now: () => 0, setTimeout: (run) => timers.push(run), clearTimeout: () => undefined },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    isEnabled: () => world.isOn,
    confirmInstall: async (version) => {
      events.push(`offered ${version}`)
      return world.answer
    },
    prepareQuit: async () => {
      events.push('asked to quit')
      return world.mayQuit
    },
    showResult: (result) => events.push(result),
  })
  const nextDay = async (): Promise<void> => {
    timers.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { updates, happened: events, world, nextDay }
}

test('checks nothing until the user checks or enables it', async () => {
  const { updates, happened: events, nextDay } = createUpdates()
  updates.start()
  await nextDay()
  await nextDay()
  expect(events).toEqual([])
  await updates.check(true)
  expect(events).toEqual(['looked', 'newest'])
})

test('offers a newer version once, and installs it only if the user agrees', async () => {
  const {
    updates,
    happened: events,
    world,
    nextDay,
  } = createUpdates({ isOn: true, newest: async () => '2.0.0' })
  updates.start()
  await nextDay()
  await nextDay()
  expect(events).toEqual(['looked', 'offered 2.0.0', 'looked'])
  world.answer = true
  await updates.check(true)
  expect(events.slice(3)).toEqual(['looked', 'offered 2.0.0', 'downloaded', 'asked to quit', 'installed'])
  // the user stays with the users of the hub here
  world.mayQuit = false
  await updates.check(true)
  expect(events.slice(8)).toEqual(['looked', 'offered 2.0.0', 'downloaded', 'asked to quit'])
})

test('reports a failed check only to a user who started it', async () => {
  const {
    updates,
    happened: events,
    nextDay,
  } = createUpdates({
    isOn: true,
    newest: () => Promise.reject(new Error('no such host')),
  })
  updates.start()
  await nextDay()
  expect(events).toEqual(['looked'])
  await updates.check(true)
  expect(events).toEqual(['looked', 'looked', 'unreachable'])
})
