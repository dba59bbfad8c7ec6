import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAutostart } from '../../main/host/autostart.ts'
import { QuitFlow, type QuitFlowOptions } from '../../main/host/quit-flow.ts'
import { SleepBlocker } from '../../main/host/sleep-blocker.ts'
import { hasTray } from '../../main/host/tray-support.ts'
import {
  askBeforeQuit,
  quitQuestion,
  type QuitAnswer,
  type QuitQuestion,
} from '../../main/host/quit-question.ts'
import { startSystemdInhibit, waitForFile } from '../../main/host/sleep-seal.ts'
import { folderQuestion } from '../../main/host/folder-question.ts'
import { HostSettingsFile } from '../../main/host/settings.ts'
import { JsonFile } from '../../main/json-file.ts'
import { UnfinishedWork } from '../../main/unfinished-work.ts'
import { addressKind } from '../../shared/addresses.ts'
import { newDataDir } from '../support/data-dir.ts'

test('prevents sleep exactly while the setting is on and another user is connected', () => {
  const activeBlockers = new Set<number>()
  let next = 0
  const awake = new SleepBlocker({
    start: () => (activeBlockers.add((next += 1)), next),
    stop: (id) => void activeBlockers.delete(id),
  })
  for (const [wanted, others, isHeld] of [
    [true, 0, false],
    [true, 2, true],
    [true, 1, true],
    [false, 1, false],
    [true, 1, true],
    [true, 0, false],
  ] as const) {
    awake.update({ wanted, others })
    expect(activeBlockers.size).toBe(isHeld ? 1 : 0)
  }
})

test('asks before quitting only if others would be disconnected, and offers the tray if there is one', () => {
  expect(quitQuestion({ running: false, others: 3, hasTray: true })).toBeUndefined()
  expect(quitQuestion({ running: true, others: 0, hasTray: true })).toBeUndefined()
  const answersOf = (hasTray: boolean) =>
    quitQuestion({ running: true, others: 3, hasTray })?.buttons.map(({ answer }) => answer)
  expect(answersOf(true)).toEqual(['tray', 'quit', 'cancel'])
  expect(answersOf(false)).toEqual(['quit', 'cancel'])
  expect(quitQuestion({ running: true, others: 3, hasTray: true })?.message).toContain('3 other people')
})

test.each([
  ['win32', undefined, true],
  ['darwin', undefined, true],
  ['linux', 'KDE', true],
  ['linux', 'XFCE', true],
  ['linux', 'ubuntu:GNOME', true],
  ['linux', 'GNOME', false],
  ['linux', 'GNOME-Classic:GNOME', false],
  ['linux', '', false],
  ['linux', undefined, false],
] as const)('on %s with %s there is a tray: %s', (platform, desktop, expected) => {
  expect(hasTray(platform, desktop)).toBe(expected)
})

function createQuitFlow(answer: QuitAnswer, changes: Partial<QuitFlowOptions> = {}) {
  const steps: string[] = []
  const quitFlow = new QuitFlow({
    isBusy: () => true,
    askUser: async () => (steps.push('ask'), answer),
    shutDown: async () => void steps.push('end'),
    hide: () => steps.push('hide'),
    show: () => steps.push('show'),
    resume: () => steps.push('resume'),
    quit: () => steps.push('quit'),
    ...changes,
  })
  return { leaving: quitFlow, did: steps }
}

test.each<[QuitAnswer, string[]]>([
  ['quit', ['ask', 'end', 'quit']],
  ['tray', ['ask', 'hide']],
  ['cancel', ['ask', 'show']],
])('does once what the user chooses: %s', async (answer, expected) => {
  const { leaving: quitFlow, did: steps } = createQuitFlow(answer)
  expect(quitFlow.requestQuit()).toBe(false)
  expect(quitFlow.requestQuit()).toBe(false)
  await expect.poll(() => steps).toEqual(expected)
  expect(quitFlow.requestQuit()).toBe(answer === 'quit')
})

test('never asks at a system shutdown, and does not wait for a stopped hub', async () => {
  const { leaving: quitFlow, did: steps } = createQuitFlow('cancel')
  quitFlow.handleSystemShutdown()
  expect(quitFlow.requestQuit()).toBe(false)
  await expect.poll(() => steps).toEqual(['end', 'quit'])
  expect(createQuitFlow('cancel', { isBusy: () => false }).leaving.requestQuit()).toBe(true)
})

test('writes an autostart file on Linux and quotes any path in it', () => {
  const configDir = newDataDir()
  const loginItems = {
    get: () => true,
    set: () => expect.unreachable(),
    needsApproval: () => expect.unreachable(),
  }
  const program = '/opt/My "Apps"/100%/hub$bub'
  const autostart = createAutostart({ platform: 'linux', loginItems, configDir, program })
  expect(autostart.isEnabled()).toBe(false)
  autostart.setEnabled(true)
  expect(autostart.isEnabled()).toBe(true)
  const text = readFileSync(join(configDir, 'autostart', 'hubbub.desktop'), 'utf8')
  expect(text).toContain(String.raw`Exec="/opt/My \\"Apps\\"/100%%/hub\\$bub" --hidden`)
  autostart.setEnabled(false)
  expect(autostart.isEnabled()).toBe(false)
  autostart.setEnabled(false)
  autostart.refresh()
  expect(autostart.isEnabled()).toBe(false)
})

test('names the program again at each start, since an AppImage may have moved', () => {
  const configDir = newDataDir()
  const loginItems = { get: () => false, set: () => undefined, needsApproval: () => false }
  const at = (program: string) => createAutostart({ platform: 'linux', loginItems, configDir, program })
  at('/home/ann/Hubbub-1.AppImage').setEnabled(true)
  at('/home/ann/Hubbub.AppImage').refresh()
  const entry = readFileSync(join(configDir, 'autostart', 'hubbub.desktop'), 'utf8')
  expect(entry).toContain('Exec="/home/ann/Hubbub.AppImage" --hidden')
})

test('says that macOS waits for an approval instead of showing a switch that does nothing', () => {
  const state = { isOpen: false, needsApproval: true }
  const autostart = createAutostart({
    ...{ platform: 'darwin', configDir: '/none', program: '/none' },
    loginItems: {
      get: () => state.isOpen && !state.needsApproval,
      set: (open) => void (state.isOpen = open),
      needsApproval: () => state.isOpen && state.needsApproval,
    },
  })
  expect(() => autostart.setEnabled(true)).toThrow('macOS waits for your approval')
  autostart.setEnabled(false)
  state.needsApproval = false
  autostart.setEnabled(true)
  expect(autostart.isEnabled()).toBe(true)
})

test('stops the hub before an update, and starts it again if the page stays', async () => {
  const { leaving: quitFlow, did: steps } = createQuitFlow('quit')
  expect(await quitFlow.prepare()).toBe(true)
  expect(steps).toEqual(['ask', 'end'])
  // the app may end now, at once
  expect(quitFlow.requestQuit()).toBe(true)
  quitFlow.cancel()
  expect(steps).toEqual(['ask', 'end', 'resume'])
  // the next time it is asked again
  expect(quitFlow.requestQuit()).toBe(false)
  await expect.poll(() => steps).toEqual(['ask', 'end', 'resume', 'ask', 'end', 'quit'])
  expect(await createQuitFlow('cancel').leaving.prepare()).toBe(false)
})

test('replaces only the invalid values of a settings file by defaults', () => {
  const file = join(newDataDir(), 'hosting.json')
  writeFileSync(
    file,
    '{"port": 99999, "lan": "yes", "announce": false, "interfaces": ["eth0"], "__proto__": {"lan": true}}',
  )
  const settings = new HostSettingsFile(new JsonFile(file), '/data')
  expect(settings.current).toMatchObject({
    port: 7788,
    lan: false,
    announce: false,
    interfaces: ['eth0'],
    dataDir: '/data',
  })
  settings.change({ port: 9000, hubId: `${'a'.repeat(42)}A`, name: 'Yard' })
  expect(new HostSettingsFile(new JsonFile(file), '/other').current).toMatchObject({
    port: 9000,
    name: 'Yard',
  })
  // another folder holds another hub
  settings.change({ dataDir: '/elsewhere' })
  expect(settings.current).toMatchObject({ dataDir: '/elsewhere', hubId: '', name: '' })
  writeFileSync(file, 'not json')
  expect(new HostSettingsFile(new JsonFile(file), '/data').current.lan).toBe(false)
  expect(existsSync(`${file}.damaged`)).toBe(true)
})

test.each([
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:192.168.1.2', 'private'],
  ['10.1.2.3', 'private'],
  ['172.32.0.1', 'public'],
  ['172.31.0.1', 'private'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fd00::2', 'private'],
  ['100.64.0.1', 'shared'],
  ['8.8.8.8', 'public'],
  ['224.0.0.251', 'other'],
  ['0.0.0.0', 'other'],
  ['300.1.1.1', 'other'],
  ['yard.local', 'other'],
])('classifies the address %s as %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind)
})

test('with a standby in step the first answer is to hand over, also if nobody else is connected', () => {
  const facts = { running: true, others: 0, hasTray: true, standby: 'Ann’s computer' }
  const question = quitQuestion(facts)
  expect(question?.buttons.map(({ label }) => label)).toEqual([
    'Hand over to Ann’s computer and quit',
    'Keep running in the background',
    'Cancel',
  ])
  expect(question?.detail).toContain('Ann’s computer has everything')
  expect(quitQuestion({ ...facts, running: false })).toBeUndefined()
  expect(quitQuestion({ ...facts, standby: undefined, others: 0 })).toBeUndefined()
})

test('a hand-over before the quit that fails asks again with the reason, and one that works quits', async () => {
  const questions: QuitQuestion[] = []
  const answers: (QuitAnswer | 'hand-over')[] = ['hand-over', 'hand-over']
  const outcomes = [new Error('It is 4 s behind.'), undefined]
  const hosting = {
    isRunning: true,
    connectedUsers: 2,
    handOverTo: { name: 'Ann’s computer' } as { name: string } | undefined,
    handOver: async () => {
      const problem = outcomes.shift()
      if (problem) throw problem
      return 'Ann’s computer'
    },
  }
  const show = async (question: QuitQuestion) => {
    questions.push(question)
    return answers.shift() ?? 'cancel'
  }
  const work = new UnfinishedWork()
  expect(await askBeforeQuit({ hosting, work, hasTray: false, show })).toBe('quit')
  expect(questions.map(({ message }) => message)).toEqual([
    '2 other people are connected to your hub',
    'The hub was not handed over',
  ])
  expect(questions[1]?.detail).toMatch(/^It is 4 s behind\. /)
  expect(questions.map(({ buttons }) => buttons.some(({ answer }) => answer === 'quit'))).toEqual([
    false,
    true,
  ])

  // the standby went away in the meantime: the user still decides
  hosting.handOverTo = undefined
  hosting.connectedUsers = 0
  expect(await askBeforeQuit({ hosting, work, hasTray: false, show })).toBe('quit')
  expect(questions).toHaveLength(2)
})

test('asks before it cuts off work, waits for its end if the user wants that, and stays if it fails', async () => {
  const questions: QuitQuestion[] = []
  const answers: QuitQuestion['buttons'][number]['answer'][] = ['wait', 'wait', 'quit', 'cancel']
  const hosting = { isRunning: false, connectedUsers: 0, handOverTo: undefined, handOver: async () => '' }
  const work = new UnfinishedWork()
  const ask = () =>
    askBeforeQuit({
      ...{ hosting, work, hasTray: false },
      show: async (question) => (questions.push(question), answers.shift() ?? 'cancel'),
    })
  const start = (kind: 'backup' | 'restore') => {
    const end = Promise.withResolvers<void>()
    work.run(kind, () => end.promise).catch(() => undefined)
    return end
  }
  expect(await ask()).toBe('quit')
  expect(questions).toEqual([])

  const first = start('backup')
  const waited = ask()
  expect(questions.at(-1)?.message).toBe('A backup is being written')
  first.resolve()
  expect(await waited).toBe('quit')

  const second = start('restore')
  const failing = ask()
  expect(questions.at(-1)?.message).toBe('A backup is being restored')
  second.reject(new Error('The disk is full.'))
  expect(await failing).toBe('cancel')

  start('backup')
  start('restore')
  expect([await ask(), await ask()]).toEqual(['quit', 'cancel'])
  expect(questions.at(-1)?.detail).toMatch(/not finished and is removed.* nothing is restored/)
})

test('a signal to end reaches the work that runs, and none that begins later', async () => {
  const work = new UnfinishedWork()
  const signals: AbortSignal[] = []
  const run = () => work.run('backup', async (signal) => void signals.push(signal))
  await run()
  work.abort()
  await run()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})

test('waiting for a file blocks until it exists, or until the time is over', async () => {
  const file = join(newDataDir(), 'sealed')
  const before = performance.now()
  expect(waitForFile(file, 30)).toBe(false)
  expect(performance.now() - before).toBeGreaterThanOrEqual(30)
  // a process writes it while this one is blocked
  const writer = spawn(process.execPath, [
    '-e',
    `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(file)}, ''), 50)`,
  ])
  expect(waitForFile(file, 20_000)).toBe(true)
  await once(writer, 'exit')
})

test('no program delays sleep where there is none, and a missing one is no error', () => {
  expect(startSystemdInhibit('darwin')).toBeUndefined()
  expect(startSystemdInhibit('win32')).toBeUndefined()
  const delay = startSystemdInhibit('linux')
  delay?.end()
})

test('asks before another folder takes the place of a hub, in words that fit what it has', () => {
  const facts = {
    present: 'Yard',
    presentDir: '/hub',
    connectedUsers: 2,
    chosenDir: '/mnt/usb',
    hasHub: false,
  }
  expect(folderQuestion({ ...facts, present: undefined })).toBeUndefined()
  expect(folderQuestion(facts)).toEqual({
    message: 'There is no hub in “usb”. Use it for a new one?',
    detail:
      'Yard stops. 2 people are connected to it. Its data stays in /hub. Nothing is moved: to move Yard, stop it, move its folder, and choose the folder here.',
    action: 'Use this folder',
  })
  expect(folderQuestion({ ...facts, hasHub: true, connectedUsers: 0 })).toEqual({
    message: 'Host the hub in “usb” instead?',
    detail: 'Yard stops. Its data stays in /hub.',
    action: 'Use this hub',
  })
})
