import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Hosting } from '../../main/host/hosting.ts'
import type { HostedHubList } from '../../main/host/hosting-options.ts'
import { SleepBlocker } from '../../main/host/sleep-blocker.ts'
import { SleepDelay } from '../../main/host/sleep-seal.ts'
import { HostSettingsFile } from '../../main/host/settings.ts'
import { JsonFile } from '../../main/json-file.ts'
import type { AnnouncedHub } from '../../main/discovery/announcer.ts'
import type { HostStatus, HubInfo } from '../../shared/desktop.ts'
import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import { parseLink } from '../../shared/text/invite-link.ts'
import { newDataDir } from '../support/data-dir.ts'
import { silentLog } from '../support/shell-hubs.ts'
import { manualClock } from '../support/manual-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const hubId = `${'h'.repeat(42)}A`
const other = `${'o'.repeat(42)}A`
const lanAddress = { address: '192.168.1.20', via: 'wlan0' }
const owner = { teamName: 'Yard', username: 'olga', password: 'a long enough one' }

/** A user's computer: the test plays the hub's processes, and records what hosting sends. */
function createHosting(dir = newDataDir()) {
  const processes: {
    sent: ToHubProcess[]
    emit: (m: FromHubProcess) => void
    exit: (code: number) => void
  }[] = []
  const announced: (AnnouncedHub | 'stop')[] = []
  const addedAddresses: [string, string[]][] = []
  const woken: string[] = []
  const activeBlockers = new Set<number>()
  const delays: string[] = []
  const waits: [string, number][] = []
  const statuses: HostStatus[] = []
  const clock = manualClock()
  const hubs: HostedHubList = {
    add: async (address, fingerprint) =>
      ({ id: fingerprint, name: 'Hubbub', addresses: [address] }) as unknown as HubInfo,
    addAddresses: (id, addresses) => void addedAddresses.push([id, addresses]),
    wake: (id) => void woken.push(id),
    setUp: async (_id, code) => ({ recoveryKey: `key for ${code}` }),
  }
  const hosting = new Hosting({
    settings: new HostSettingsFile(new JsonFile(path.join(dir, 'hosting.json')), path.join(dir, 'hub')),
    spawner: {
      spawn: ({ message, exit }) => {
        const sent: ToHubProcess[] = []
        processes.push({ sent, emit: message, exit })
        // a copy, since a message between processes is one
        return { send: (m) => void sent.push(structuredClone(m)), kill: () => exit(137) }
      },
    },
    clock,
    hubs,
    announcer: {
      announce: async (hub) => announced.push(hub) > 0,
      stop: async () => void (announced.at(-1) !== 'stop' && announced.push('stop')),
    },
    keepAwake: new SleepBlocker({
      start: () => (activeBlockers.add(1), 1),
      stop: (id) => void activeBlockers.delete(id),
    }),
    sleepDelay: new SleepDelay(() => (delays.push('begin'), { end: () => void delays.push('end') })),
    waitForFile: (file, timeoutMs) => (waits.push([file, timeoutMs]), true),
    logFile: path.join(dir, 'hub.log'),
    pagesDir: dir,
    log: silentLog,
    listNetworks: () => [lanAddress],
    checkConnectivity: async () => [],
    onStatus: (status) => statuses.push(status),
  })
  const lastProcess = () => {
    const process = processes.at(-1)
    if (!process) throw new Error('nothing was started')
    return process
  }
  const emitListening = ({ setupCode = '', port = 7788, addresses = [lanAddress] } = {}) =>
    lastProcess().emit({ t: 'listening', port, hubId, name: 'Yard', addresses, setupCode })
  /** Starts hosting and reports that the hub listens. */
  const startRunning = async (
    changes: Parameters<Hosting['start']>[0] = {},
    listening: Parameters<typeof emitListening>[0] = {},
  ) => {
    const previousCount = processes.length
    const status = hosting.start(changes)
    await waitFor(() => expect(processes).toHaveLength(previousCount + 1))
    emitListening(listening)
    return status
  }
  const startMessage = () => lastProcess().sent.find((message) => message.t === 'start')
  return {
    dir,
    hosting,
    processes,
    announced,
    found: addedAddresses,
    woken,
    held: activeBlockers,
    delays,
    waits,
    told: statuses,
    clock,
    last: lastProcess,
    listens: emitListening,
    started: startRunning,
    begun: startMessage,
  }
}

test('runs nothing until the user starts it, then on loopback only unless they allow more', async () => {
  const { hosting, processes, announced, started: startRunning, begun: startMessage } = createHosting()
  hosting.resume()
  expect(hosting.status().state).toBe('stopped')
  expect(processes).toHaveLength(0)
  expect(await startRunning()).toMatchObject({ state: 'running', port: 7788 })
  expect(startMessage()).toMatchObject({ lan: false, port: 7788, hadHub: false })
  expect(announced.filter((one) => one !== 'stop')).toEqual([])
  // allows others: the hub restarts and is announced
  const changed = hosting.changeSettings({ lan: true })
  await waitFor(() => expect(processes[0]?.sent.at(-1)?.t).toBe('stop'))
  processes[0]?.emit({ t: 'stopped' })
  processes[0]?.exit(0)
  await waitFor(() => expect(processes).toHaveLength(2))
  // the folder of a hub that is known must not become a new one
  expect(startMessage()).toMatchObject({ lan: true, hadHub: true })
  processes[1]?.emit({
    t: 'listening',
    port: 7788,
    hubId,
    name: 'Yard',
    addresses: [lanAddress],
    setupCode: '',
  })
  await changed
  expect(announced.at(-1)).toEqual({ hubId, name: 'Yard', port: 7788, addresses: [lanAddress] })
  // settings that need no restart apply at once
  await hosting.changeSettings({ announce: false })
  expect(announced.at(-1)).toBe('stop')
  expect(processes).toHaveLength(2)
})

test('a hub that runs is not started again, and restarts only for a setting that needs it', async () => {
  const { hosting, processes, last, listens, begun, started } = createHosting()
  await started()
  expect(await hosting.start()).toMatchObject({ state: 'running' })
  expect(processes).toHaveLength(1)
  const opened = hosting.start({ lan: true })
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  last().exit(0)
  await waitFor(() => expect(processes).toHaveLength(2))
  listens()
  expect(await opened).toMatchObject({ state: 'running' })
  expect(begun()).toMatchObject({ lan: true })
})

test('a start that a quit ends does not hold up the next one', async () => {
  const { hosting, processes, last, listens } = createHosting()
  const given = hosting.start()
  await waitFor(() => expect(processes).toHaveLength(1))
  const quitting = hosting.quit()
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  last().exit(0)
  await quitting
  expect(await given).toMatchObject({ state: 'stopped' })
  // the page has kept the app open
  const next = hosting.start()
  await waitFor(() => expect(processes).toHaveLength(2))
  listens()
  expect(await next).toMatchObject({ state: 'running' })
})

test('applies a setting that is changed while the hub restarts for another, and a new port during a start', async () => {
  const { hosting, processes, last, listens, begun, started } = createHosting()
  await started({ lan: true })
  const changes = [hosting.changeSettings({ browsers: false }), hosting.changeSettings({ lan: false })]
  for (const count of [2, 3]) {
    await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
    last().exit(0)
    await waitFor(() => expect(processes).toHaveLength(count))
    listens()
  }
  await Promise.all(changes)
  expect(begun()).toMatchObject({ lan: false, browsers: false })

  const restarted = hosting.restart()
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  const moved = hosting.changeSettings({ port: 9000 })
  last().exit(0)
  await waitFor(() => expect(processes).toHaveLength(4))
  listens()
  await restarted
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  last().exit(0)
  await waitFor(() => expect(processes).toHaveLength(5))
  listens({ port: 9000 })
  expect(await moved).toMatchObject({ port: 9000 })
  expect(begun()).toMatchObject({ port: 9000 })

  // it has crashed: the next start has the new settings too
  last().exit(1)
  const opened = hosting.changeSettings({ lan: true })
  await waitFor(() => expect(processes).toHaveLength(6))
  listens({ port: 9000 })
  await opened
  expect(begun()).toMatchObject({ lan: true })
})

test('the app connects to its hub as soon as it runs, and not after the back-off', async () => {
  const { hosting, woken, last, processes, clock, listens, started } = createHosting()
  await started()
  expect(woken).toEqual([hubId])
  last().exit(1)
  clock.pass(1_000)
  await waitFor(() => expect(processes).toHaveLength(2))
  listens()
  expect([hosting.isRunning, woken]).toEqual([true, [hubId, hubId]])
})

test('announces no hub without an owner, and creates the owner with a hidden code', async () => {
  const { hosting, announced, told: statuses, started: startRunning } = createHosting()
  expect(await startRunning({ lan: true }, { setupCode: 'secret-code' })).toMatchObject({ isSetUp: false })
  expect(announced.filter((one) => one !== 'stop')).toEqual([])
  const { hub, recoveryKey } = await hosting.setUp(owner)
  expect(hub).toMatchObject({ id: hubId, name: 'Yard', addresses: ['127.0.0.1:7788'] })
  expect(recoveryKey).toBe('key for secret-code')
  expect(announced.at(-1)).toMatchObject({ hubId, name: 'Yard' })
  await expect(hosting.setUp(owner)).rejects.toMatchObject({ code: 'conflict' })
  expect(JSON.stringify(statuses)).not.toContain('secret-code')
})

test('moves to a free port if its own is taken, and keeps that port', async () => {
  const first = createHosting()
  await first.started({ lan: true }, { port: 7801 })
  expect(first.hosting.status()).toMatchObject({ port: 7801, movedFrom: 7788 })
  expect(first.found).toEqual([[hubId, ['127.0.0.1:7801']]])
  // at the next start of the app it runs again on that port
  const reopened = createHosting(first.dir)
  reopened.hosting.resume()
  await waitFor(() => expect(reopened.begun()).toMatchObject({ port: 7801, lan: true }))
  reopened.listens({ port: 7801 })
  await waitFor(() =>
    expect(reopened.hosting.status()).toMatchObject({ state: 'running', movedFrom: undefined }),
  )
  // a stopped hub stays down
  const stopped = reopened.hosting.stop()
  await waitFor(() => expect(reopened.last().sent.at(-1)?.t).toBe('stop'))
  reopened.last().exit(0)
  expect((await stopped).state).toBe('stopped')
  const third = createHosting(first.dir)
  third.hosting.resume()
  expect(third.processes).toHaveLength(0)
})

test('prevents sleep for other users, and sends the hub the user’s own ids after each start', async () => {
  const {
    hosting,
    held: activeBlockers,
    last: lastProcess,
    started: startRunning,
    clock,
    processes,
    listens: emitListening,
  } = createHosting()
  await startRunning()
  hosting.addOwnUser(hubId, 'olga')
  hosting.addOwnUser(hubId, 'olga')
  hosting.addOwnUser('another hub', 'bo')
  expect(lastProcess().sent.filter(({ t }) => t === 'mine')).toEqual([
    { t: 'mine', userIds: [] },
    { t: 'mine', userIds: ['olga'] },
  ])
  lastProcess().emit({ t: 'users', others: 2, outside: true })
  expect([hosting.connectedUsers, activeBlockers.size]).toEqual([2, 1])
  await hosting.changeSettings({ keepAwake: false })
  expect(activeBlockers.size).toBe(0)
  await hosting.changeSettings({ keepAwake: true })
  // the hub dies: no users are connected, and it restarts
  lastProcess().exit(1)
  expect([hosting.connectedUsers, activeBlockers.size]).toEqual([0, 0])
  expect(hosting.status()).toMatchObject({ state: 'crashed', willRestart: true })
  clock.pass(1_000)
  expect(processes).toHaveLength(2)
  emitListening()
  expect(lastProcess().sent.filter(({ t }) => t === 'mine')).toEqual([{ t: 'mine', userIds: ['olga'] }])
})

test('creates an invite with address and identity, but only while the hub runs', async () => {
  const { dir, hosting, last: lastProcess, started: startRunning } = createHosting()
  await expect(hosting.invite()).rejects.toMatchObject({ code: 'conflict' })
  await startRunning({ lan: true })
  const code = 'c'.repeat(22)
  const pendingInvite = hosting.invite()
  const question = lastProcess().sent.at(-1)
  expect(question).toMatchObject({ t: 'invite', uses: 20, days: 7 })
  lastProcess().emit({ t: 'invited', id: (question as { id: number }).id, code })
  const invite = await pendingInvite
  // the name of the hub is right also when its address has changed
  const addresses = ['192.168.1.20:7788', `${hubHostName(hubId)}:7788`]
  expect(parseLink(invite.link)).toEqual({ kind: 'join', addresses, code, hubId })
  expect(parseLink(invite.url)).toMatchObject({ addresses: ['192.168.1.20:7788'], code, hubId })
  // opening the invites again asks for the same one
  const again = hosting.invite()
  expect(lastProcess().sent.at(-1)).toMatchObject({ t: 'invite', code })
  lastProcess().emit({ t: 'invited', id: (lastProcess().sent.at(-1) as { id: number }).id, code })
  expect(await again).toEqual(invite)
  // requested from a process that exits before it replies
  const unanswered = hosting.invite()
  lastProcess().exit(1)
  await expect(unanswered).rejects.toThrow('stopped in the meantime')

  // the app starts again
  const reopened = createHosting(dir)
  await reopened.started({ lan: true })
  void reopened.hosting.invite().catch(() => undefined)
  expect(reopened.last().sent.at(-1)).toMatchObject({ t: 'invite', code })
})

test('announces sleep to the hub, and publishes the current addresses after it', async () => {
  const { hosting, announced, last: lastProcess, started: startRunning } = createHosting()
  await startRunning({ lan: true })
  hosting.prepareForSleep()
  expect(lastProcess().sent.at(-1)).toEqual({ t: 'prepare-sleep' })
  const previousCount = announced.length
  hosting.handleWake()
  expect(lastProcess().sent.at(-1)).toEqual({ t: 'addresses' })
  lastProcess().emit({ t: 'addresses', addresses: [{ ...lanAddress, address: '10.0.0.7' }] })
  await waitFor(() => expect(announced.at(-1)).toMatchObject({ addresses: [{ address: '10.0.0.7' }] }))
  expect(announced.slice(previousCount)).toContain('stop')
  expect(hosting.status().addresses).toEqual([{ host: '10.0.0.7', network: 'wlan0' }])
  // quitting the app also ends the announcement
  const quitting = hosting.quit()
  await waitFor(() => expect(lastProcess().sent.at(-1)?.t).toBe('stop'))
  lastProcess().exit(0)
  await quitting
  expect(announced.at(-1)).toBe('stop')
})

test('the hub goes on while a backup is checked, and also if that fails', async () => {
  const { dir, hosting, processes, started, listens } = createHosting()
  await started()
  const copy = path.join(dir, 'hub-2')
  const refused = hosting.restore('/usb/bad.hubbub', copy).catch((error: unknown) => error)
  await waitFor(() => expect(processes).toHaveLength(2))
  mkdirSync(path.join(copy, '.restoring'), { recursive: true })
  processes[1]?.emit({ t: 'problem', code: 'cannot-start', sentence: 'The backup is not valid.' })
  processes[1]?.exit(1)
  expect(await refused).toMatchObject({ code: 'conflict', message: 'The backup is not valid.' })
  expect([hosting.isRunning, processes[0]?.sent.some(({ t }) => t === 'stop')]).toEqual([true, false])
  expect(existsSync(copy)).toBe(false)

  const restored = hosting.restore('/usb/team.hubbub', copy)
  await waitFor(() => expect(processes).toHaveLength(3))
  expect(processes[2]?.sent).toMatchObject([{ t: 'restore', from: '/usb/team.hubbub', dataDir: copy }])
  expect(processes[0]?.sent.some(({ t }) => t === 'stop')).toBe(false)
  processes[2]?.emit({ t: 'restored' })
  processes[2]?.exit(0)
  await waitFor(() => expect(processes[0]?.sent.at(-1)?.t).toBe('stop'))
  processes[0]?.exit(0)
  await waitFor(() => expect(processes).toHaveLength(4))
  expect(processes[3]?.sent[0]).toMatchObject({ t: 'start', dataDir: copy })
  listens()
  expect(await restored).toMatchObject({ state: 'running' })
})

test('hosts what it hosted before, if the app is killed while it changes the folder', async () => {
  const first = createHosting()
  await first.started({ lan: true })
  const copy = path.join(first.dir, 'hub-2')
  void first.hosting.follow('hubbub://standby', copy)
  await waitFor(() => expect(first.processes[0]?.sent.at(-1)?.t).toBe('stop'))
  first.processes[0]?.exit(0)
  await waitFor(() => expect(first.begun()).toMatchObject({ dataDir: copy, standbyOf: 'hubbub://standby' }))

  const reopened = createHosting(first.dir)
  reopened.hosting.resume()
  await waitFor(() =>
    expect(reopened.begun()).toMatchObject({ dataDir: path.join(first.dir, 'hub'), lan: true }),
  )
  expect(reopened.hosting.hubId).toBe(hubId)
})

test('a quit during a restore leaves nothing of it, and starts nothing again', async () => {
  const { dir, hosting, processes, started } = createHosting()
  await started()
  const copy = path.join(dir, 'hub-2')
  const abort = new AbortController()
  const restoring = hosting.restore('/usb/team.hubbub', copy, abort.signal).catch((error: unknown) => error)
  await waitFor(() => expect(processes).toHaveLength(2))
  mkdirSync(path.join(copy, '.restoring'), { recursive: true })
  abort.abort()
  const quitting = hosting.quit()
  await waitFor(() => expect(processes[0]?.sent.at(-1)?.t).toBe('stop'))
  processes[0]?.exit(0)
  await quitting
  expect(await restoring).toMatchObject({ code: 'conflict' })
  expect([processes.length, existsSync(copy)]).toEqual([2, false])
})

test('a stop ends a start at once, and a quit ends a restart for good', async () => {
  const { hosting, processes, last, listens } = createHosting()
  const given = hosting.start()
  await waitFor(() => expect(processes).toHaveLength(1))
  const stopped = hosting.stop()
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  last().exit(0)
  expect(await given).toMatchObject({ state: 'stopped' })
  expect(await stopped).toMatchObject({ state: 'stopped' })
  hosting.resume()
  expect(processes).toHaveLength(1)

  const next = hosting.start()
  await waitFor(() => expect(processes).toHaveLength(2))
  listens()
  await next
  const restarted = hosting.restart()
  await waitFor(() => expect(last().sent.at(-1)?.t).toBe('stop'))
  const quitting = hosting.quit()
  last().exit(0)
  await Promise.all([restarted, quitting])
  expect([processes.length, hosting.status().state]).toEqual([2, 'stopped'])
})

test('says that the hub hangs, and keeps nobody waiting for its invites', async () => {
  const { hosting, last, clock, told, started } = createHosting()
  await started()
  const invite = hosting.invite().catch((error: unknown) => error)
  clock.pass(15_000)
  expect(await invite).toMatchObject({ message: expect.stringContaining('does not respond') as string })
  clock.pass(10_000)
  expect(told.at(-1)).toMatchObject({ state: 'running', isHanging: true })
  last().emit({ t: 'pong' })
  expect(told.at(-1)).not.toHaveProperty('isHanging')
})

test('a restart keeps the hub on this computer, and a stop gives it to the standby', async () => {
  const { hosting, last, processes, listens, started } = createHosting()
  await started()
  const changed = hosting.changeSettings({ browsers: false })
  await waitFor(() => expect(last().sent.at(-1)).toMatchObject({ t: 'stop', isRestart: true }))
  last().exit(0)
  await waitFor(() => expect(processes).toHaveLength(2))
  listens()
  await changed
  const stopped = hosting.stop()
  await waitFor(() => expect(last().sent.at(-1)).toMatchObject({ t: 'stop', isRestart: false }))
  last().exit(0)
  await stopped
})

const inStep = { role: 'hub' as const, alone: false, handOverTo: { node: 'n', name: 'Ann’s computer' } }

test('hands the hub over through its process, with the reason if that does not work', async () => {
  const { hosting, last, started: startRunning } = createHosting()
  await startRunning()
  expect(hosting.handOverTo).toBeUndefined()
  last().emit({ t: 'continuity', ...inStep })
  expect(hosting.handOverTo).toEqual(inStep.handOverTo)
  const results = [hosting.handOver(), hosting.handOver()]
  const ids = last().sent.flatMap((message) => (message.t === 'hand-over' ? message.id : []))
  expect(new Set(ids).size).toBe(2)
  last().emit({ t: 'not-moved', id: ids[0] as number, sentence: 'It is 4 s behind.' })
  last().emit({ t: 'moved', id: ids[1] as number, to: 'Ann’s computer' })
  await expect(results[0]).rejects.toThrow('It is 4 s behind.')
  expect(await results[1]).toBe('Ann’s computer')
  const lost = hosting.handOver()
  last().exit(1)
  await expect(lost).rejects.toThrow('has stopped')
  expect(hosting.handOverTo).toBeUndefined()
})

test('a process that hangs does not hold up the quit for ever', async () => {
  const { hosting, last, started: startRunning, clock } = createHosting()
  await startRunning()
  last().emit({ t: 'continuity', ...inStep })
  const pending = hosting.handOver()
  clock.pass(15_000)
  await expect(pending).rejects.toThrow('did not answer')
})

test('blocks before sleep only while a standby is in step, for 800 ms at most, and delays sleep only then', async () => {
  const { hosting, last, delays, waits, started: startRunning } = createHosting()
  await startRunning()
  hosting.prepareForSleep()
  expect(last().sent.at(-1)).toEqual({ t: 'prepare-sleep' })
  expect([waits, delays]).toEqual([[], []])
  last().emit({ t: 'continuity', ...inStep })
  last().emit({ t: 'continuity', ...inStep })
  expect(delays).toEqual(['begin'])
  hosting.prepareForSleep()
  expect(waits).toEqual([[expect.any(String), 800]])
  expect(last().sent.at(-1)).toEqual({ t: 'prepare-sleep', doneFile: waits[0]?.[0] })
  expect(delays).toEqual(['begin', 'end'])
  hosting.handleWake()
  await waitFor(() => expect(delays).toEqual(['begin', 'end', 'begin']))
  last().emit({ t: 'continuity', role: 'hub', alone: true })
  expect(delays.at(-1)).toBe('end')
})

test('a computer that is not the hub any more does not answer to the name of the hub', async () => {
  const { last, announced, started: startRunning } = createHosting()
  await startRunning({ lan: true })
  await waitFor(() => expect(announced.at(-1)).toMatchObject({ hubId }))
  last().emit({ t: 'continuity', role: 'standby', alone: false })
  await waitFor(() => expect(announced.at(-1)).toBe('stop'))
})

test('a computer that follows the hub is shown as such, is not announced, and may become the hub again', async () => {
  const { hosting, last, announced, started: startRunning } = createHosting()
  await startRunning({ lan: true })
  await waitFor(() => expect(announced.at(-1)).toMatchObject({ hubId }))
  last().emit({ t: 'users', others: 3, outside: true })
  last().emit({ t: 'continuity', ...inStep })
  const listening = {
    t: 'listening' as const,
    port: 7788,
    hubId,
    name: 'Yard',
    addresses: [lanAddress],
    setupCode: '',
  }
  last().emit({ ...listening, role: 'standby' })
  expect(hosting.status()).toMatchObject({ state: 'running', isStandby: true, connectedUsers: 0 })
  expect([hosting.handOverTo, hosting.connectedUsers]).toEqual([undefined, 0])
  await waitFor(() => expect(announced.at(-1)).toBe('stop'))
  last().emit(listening)
  expect(hosting.status()).toMatchObject({ state: 'running', isStandby: false })
  await waitFor(() => expect(announced.at(-1)).toMatchObject({ hubId }))
})

test('leaves a hub that it follows for what it hosted before, but never as the hub itself', async () => {
  const { dir, hosting, processes, last, started: startRunning, begun: startMessage } = createHosting()
  await startRunning({ port: 7788 })
  const copy = path.join(dir, 'hub-2')
  const listening = {
    t: 'listening' as const,
    port: 7788,
    hubId: other,
    name: '',
    setupCode: '',
    addresses: [],
  }
  /** Follows a hub, until its process has the role that its folder says. */
  const follow = async (role: 'standby' | 'hub') => {
    const count = processes.length
    const following = hosting.follow('hubbub://standby?…', copy)
    await waitFor(() => expect(last().sent.at(-1)).toMatchObject({ t: 'stop' }))
    last().exit(0)
    await waitFor(() => expect(processes).toHaveLength(count + 1))
    expect(startMessage()).toMatchObject({ dataDir: copy, standbyOf: 'hubbub://standby?…', lan: true })
    last().emit({ ...listening, role: 'standby' })
    await following
    mkdirSync(path.join(copy, 'continuity'), { recursive: true })
    writeFileSync(path.join(copy, 'continuity', 'state.json'), JSON.stringify({ role }))
  }
  const leave = async () => {
    const leaving = hosting.leave({ deletes: true })
    leaving.catch(() => undefined)
    await waitFor(() => expect(last().sent.at(-1)).toMatchObject({ t: 'stop' }))
    last().exit(0)
    return leaving
  }

  await follow('standby')
  const copied = { received: 1, bytes: 4 }
  const report = {
    ...{ node: 'n', isConnected: true, isInStep: false, canTakeOver: false },
    ...{ missingFiles: 0, copied },
  }
  last().emit({ t: 'following', ...report })
  expect(hosting.status()).toMatchObject({ isStandby: true, canLeave: true, following: report })
  await leave()
  expect(existsSync(copy)).toBe(false)
  expect(startMessage()).toMatchObject({ dataDir: path.join(dir, 'hub'), lan: false })
  last().emit({ ...listening, hubId, name: 'Yard' })
  expect(hosting.status()).toMatchObject({ name: 'Yard', isStandby: false, canLeave: false })
  await expect(hosting.leave({ deletes: true })).rejects.toThrow('does not follow another hub')

  // it took the hub while it was asked to leave: it stays the hub, and nothing is deleted
  await follow('hub')
  await expect(leave()).rejects.toThrow('has become the hub in the meantime')
  expect(existsSync(copy)).toBe(true)
  expect(startMessage()).toMatchObject({ dataDir: copy })
  last().emit(listening)
  expect(hosting.status()).toMatchObject({ state: 'running', isStandby: false, canLeave: false })
})
