import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Supervisor } from '../../main/host/supervisor.ts'
import { systemClock, type Clock } from '../../main/ports.ts'
import { openLogFile } from '../../server/log-file.ts'
import type { FromHubProcess, HubStartOptions, HubListening } from '../../shared/hub-process-messages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { forkHub, acceleratedClock } from '../support/hosted-hub.ts'
import { TestUser } from '../support/test-user.ts'
import { externalAddress } from '../support/tls.ts'

/** The intervals of the watchdog too. */
const rapidClock: Clock = {
  ...systemClock,
  setTimeout: (run, ms) => setTimeout(run, ms < 60_000 ? ms / 50 : ms),
}

const waitOptions = { timeout: 20_000, interval: 20 }

/** A supervisor that runs the real hub. */
function createSupervisor(changes: Partial<HubStartOptions> = {}, clock: Clock = acceleratedClock) {
  const dir = newDataDir()
  const spawner = forkHub()
  const received: FromHubProcess[] = []
  const supervisor = new Supervisor({
    spawner,
    clock,
    onState: () => {},
    onMessage: (message) => received.push(message),
  })
  onTestFinished(() => supervisor.stop())
  const options: HubStartOptions = {
    dataDir: join(dir, 'hub'),
    port: 0,
    lan: false,
    interfaces: [],
    browsers: true,
    logFile: join(dir, 'hub.log'),
    ...changes,
  }
  const running = async (): Promise<HubListening & { url: string }> => {
    await vi.waitFor(() => expect(supervisor.state.state).toBe('running'), waitOptions)
    if (supervisor.state.state !== 'running') throw new Error('it was running')
    const { listening } = supervisor.state
    return { ...listening, url: `http://127.0.0.1:${listening.port}` }
  }
  return {
    supervisor,
    spawner,
    options,
    heard: received,
    running,
    log: () => readFileSync(options.logFile, 'utf8'),
  }
}

async function occupyPort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const address = other.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

test('starts, registers its owner, counts others, creates an invite, and stops in order', async () => {
  const { supervisor, options, heard: received, running, log } = createSupervisor()
  supervisor.start(options)
  const { url, setupCode, hubId, addresses } = await running()
  expect(hubId).toMatch(/^[\w-]{43}$/)
  // loopback only, so no other computer reaches it at any address
  expect(addresses).toEqual([])
  const external = externalAddress()
  if (external) {
    const socket = connect({ host: external.address, port: Number(new URL(url).port) })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  }

  supervisor.send({ t: 'invite', id: 1, uses: 3, days: 7 })
  await vi.waitFor(
    () => expect(received).toContainEqual(expect.objectContaining({ t: 'not-invited', id: 1 })),
    waitOptions,
  )
  const olga = await TestUser.setUp(url, { code: setupCode, username: 'olga', hubName: 'Yard' })
  supervisor.send({ t: 'addresses' })
  await vi.waitFor(() => expect(received).toContainEqual({ t: 'name', name: 'Yard' }), waitOptions)

  const replyTo = (id: number) =>
    vi.waitFor(() => {
      const invite = received.find((message) => message.t === 'invited' && message.id === id)
      if (invite?.t !== 'invited') throw new Error('no invite yet')
      return invite
    }, waitOptions)
  supervisor.send({ t: 'invite', id: 2, uses: 1, days: 7 })
  const invited = await replyTo(2)
  supervisor.send({ t: 'invite', id: 3, uses: 1, days: 7, code: invited.code })
  expect((await replyTo(3)).code).toBe(invited.code)
  const bo = await TestUser.register(url, { username: 'bo', invite: invited.code })

  // used up
  supervisor.send({ t: 'invite', id: 4, uses: 1, days: 7, code: invited.code })
  expect((await replyTo(4)).code).not.toBe(invited.code)

  supervisor.send({ t: 'mine', userIds: [olga.id] })
  const ownClient = await olga.connect()
  const client = await bo.connect()
  await vi.waitFor(
    () => expect(received.at(-1)).toEqual({ t: 'users', others: 1, outside: false }),
    waitOptions,
  )
  await client.close()
  await vi.waitFor(
    () => expect(received.at(-1)).toEqual({ t: 'users', others: 0, outside: false }),
    waitOptions,
  )

  await supervisor.stop()
  await ownClient.whenClosed()
  expect(supervisor.state).toEqual({ state: 'stopped' })
  expect(log()).toContain('"ending"')
  expect(log()).not.toContain(invited.code)
  expect(log()).not.toContain(setupCode)
})

test('restarts after a kill, with everything that was acknowledged', async () => {
  const { supervisor, spawner, options, running } = createSupervisor({ port: await occupyPort() })
  supervisor.start({ ...options, port: 0 })
  const first = await running()
  const olga = await TestUser.setUp(first.url, { code: first.setupCode, username: 'olga' })
  const chat = await olga.createGroup('Shaft')
  await olga.sendMessage(chat.id, 'still here')
  spawner.processes.at(-1)?.kill('SIGKILL')
  await vi.waitFor(() => expect(supervisor.state.state).toBe('waiting'), waitOptions)
  const restarted = await running()
  expect(spawner.processes).toHaveLength(2)
  expect(restarted.hubId).toBe(first.hubId)
  expect(restarted.setupCode).toBe('')
  const { messages } = await olga.atUrl(restarted.url).request('messages.list', { chatId: chat.id })
  expect(messages.map((message) => ('text' in message ? message.text : ''))).toContain('still here')
})

test('begins no new hub where the folder of its hub is gone, and goes on with it once it is back', async () => {
  const { supervisor, spawner, options, running } = createSupervisor()
  supervisor.start(options)
  const first = await running()
  // the disk is removed while the hub runs
  const away = `${options.dataDir}-away`
  renameSync(options.dataDir, away)
  spawner.processes.at(-1)?.kill('SIGKILL')
  await vi.waitFor(() => expect(supervisor.state.state).toBe('down'), waitOptions)
  expect(supervisor.state).toMatchObject({
    problem: {
      code: 'cannot-start',
      sentence: expect.stringContaining('its disk is not connected') as string,
    },
  })
  expect(existsSync(options.dataDir)).toBe(false)
  renameSync(away, options.dataDir)
  supervisor.start({ ...options, hadHub: true })
  expect((await running()).hubId).toBe(first.hubId)
})

test('uses a free port if its own is taken, and reports which', async () => {
  const takenPort = await occupyPort()
  const { supervisor, options, running } = createSupervisor()
  supervisor.start({ ...options, port: takenPort })
  expect((await running()).port).not.toBe(takenPort)
})

test('waits for the hub of an app that was killed to leave the data, as when the app starts again at once', async () => {
  const first = createSupervisor()
  first.supervisor.start(first.options)
  const { hubId } = await first.running()
  const second = createSupervisor({ dataDir: first.options.dataDir })
  second.supervisor.start(second.options)
  await vi.waitFor(() => expect(second.spawner.processes).toHaveLength(2), waitOptions)
  await first.supervisor.stop()
  expect((await second.running()).hubId).toBe(hubId)
})

test('is ended and started again when it hangs', async () => {
  const { supervisor, spawner, options, running } = createSupervisor({}, rapidClock)
  supervisor.start(options)
  const { hubId } = await running()
  await vi.waitFor(() => expect(supervisor.isHanging).toBe(false), waitOptions)
  spawner.processes.at(-1)?.kill('SIGSTOP')
  await vi.waitFor(() => expect(supervisor.isHanging).toBe(true), waitOptions)
  await vi.waitFor(() => expect(spawner.processes).toHaveLength(2), waitOptions)
  expect((await running()).hubId).toBe(hubId)
})

test('exits when its parent process is gone', async () => {
  const { supervisor, spawner, options, running } = createSupervisor()
  supervisor.start(options)
  await running()
  const child = spawner.processes.at(-1)
  if (!child) throw new Error('nothing was started')
  const exited = once(child, 'exit')
  child.disconnect()
  expect(await exited).toEqual([0, null])
})

test('announces sleep to its clients, who may reconnect afterwards', async () => {
  const { supervisor, options, running } = createSupervisor()
  supervisor.start(options)
  const { url, setupCode } = await running()
  const olga = await TestUser.setUp(url, { code: setupCode, username: 'olga' })
  const client = await olga.connect()
  supervisor.send({ t: 'prepare-sleep' })
  await vi.waitFor(() => expect(client.closed).toBeDefined(), waitOptions)
  expect(client.received).toContainEqual({ t: 'bye', code: 'asleep', after: 15_000 })
  await (await olga.connect()).close()
})

test('keeps its log small and free of secrets', () => {
  const file = join(newDataDir(), 'logs', 'hub.log')
  const log = openLogFile(file, { limit: 10_000 })
  for (let i = 0; i < 500; i += 1)
    log.info({ i, token: 'secret-token', req: { headers: { cookie: 'secret-cookie' } } }, 'line')
  expect(statSync(file).size).toBeLessThanOrEqual(10_000)
  expect(existsSync(`${file}.old`)).toBe(true)
  const all = readFileSync(file, 'utf8') + readFileSync(`${file}.old`, 'utf8')
  expect(all).toContain('"i":499')
  expect(all).not.toContain('secret')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
