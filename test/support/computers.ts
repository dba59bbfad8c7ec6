import { pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { Computer, type ComputerOptions } from '../../server/run-computer.ts'
import { joinHub } from '../../server/standby/join.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { newDataDir } from './data-dir.ts'
import { setupCode } from './hub.ts'
import { password, TestUser } from './test-user.ts'
import { waitFor } from './wait-for.ts'

/** Starts one computer of a hub in this process. */
export async function startComputer(options: Partial<ComputerOptions> = {}): Promise<Computer> {
  const computer = new Computer({
    dataDir: newDataDir(),
    host: '127.0.0.1',
    port: 0,
    allowPlainHttp: false,
    loadTest: false,
    logN: 4,
    setupCode,
    backups: 'none',
    log: pino({ level: process.env['HUBBUB_LOG'] ?? 'silent' }),
    ...options,
  })
  await computer.start()
  onTestFinished(() => computer.close())
  return computer
}

export interface Pair {
  hub: Computer
  standby: Computer
  dirs: { hub: string; standby: string }
  owner: TestUser
}

export const urlOf = ({ port }: Computer): string => `http://127.0.0.1:${port}`

/** A hub with an owner, and a standby that is in step with it. */
export async function startPair(options: Partial<ComputerOptions> = {}): Promise<Pair> {
  const dirs = { hub: newDataDir(), standby: newDataDir() }
  const hub = await startComputer({ dataDir: dirs.hub, ...options })
  const owner = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga', registration: 'open' })
  const standby = await addStandby(owner, dirs.standby, options)
  return { hub, standby, dirs, owner }
}

/** Pairs a new computer with the hub of its owner, as both of them do it on their screens. */
export async function addStandby(
  owner: TestUser,
  dataDir: string,
  options: Partial<ComputerOptions> = {},
): Promise<Computer> {
  await owner.request('sessions.reauthenticate', { current: password })
  const { link } = await owner.request('continuity.code', { kind: 'standby' })
  const parsed = parseStandbyLink(link)
  if (!parsed) throw new Error(`not a link: ${link}`)
  const words = await joinHub({ dataDir, ...parsed, kind: 'standby', name: 'Standby' })
  const { requests } = await owner.request('continuity.status', {})
  expect(requests.map((request) => request.words)).toEqual([words])
  await owner.request('continuity.approve', { node: requests[0]?.node ?? '' })
  const standby = await startComputer({ dataDir, ...options })
  await inStep(owner)
  return standby
}

/** Waits until two disks have everything. */
export async function inStep(owner: TestUser): Promise<void> {
  await waitFor(async () => {
    expect((await owner.request('continuity.status', {})).safety).toBe('together')
  })
}

/** Adds a third computer to a hub with a standby, and gives it the deciding vote. */
export async function addThird(owner: TestUser, dataDir: string): Promise<{ third: Computer; node: string }> {
  await owner.request('sessions.reauthenticate', { current: password })
  const { link } = await owner.request('continuity.code', { kind: 'vote' })
  const parsed = parseStandbyLink(link)
  if (!parsed) throw new Error(`not a link: ${link}`)
  const words = await joinHub({ dataDir, ...parsed, name: 'Third' })
  const { requests } = await owner.request('continuity.status', {})
  expect(requests.map((request) => request.words)).toEqual([words])
  const node = requests[0]?.node ?? ''
  await owner.request('continuity.approve', { node })
  const third = await startComputer({ dataDir })
  await thirdIsHere(owner, third)
  await owner.request('continuity.vote', { tie: node })
  return { third, node }
}

/** Waits until the third computer is connected to hub and standby. */
export async function thirdIsHere(owner: TestUser, third: Computer): Promise<void> {
  await waitFor(async () => {
    const { computers } = await owner.request('continuity.status', {})
    expect(computers.find(({ kind }) => kind === 'vote')?.state).toBe('following')
    expect(third.third?.status.computers.map(({ isConnected }) => isConnected)).toEqual([true, true])
  })
}
