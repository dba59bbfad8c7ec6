import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { SimulatedHub, setupCode } from './hub.ts'
import { takeOverThreads } from './real-threads.ts'
import { seedRandomness } from './seeded-random.ts'
import { VirtualTime } from './virtual-time.ts'

/*
 * The team with which every history begins: made once, and copied. Ann has two browsers, and eve is in no chat of the others.
 */

export interface Device {
  name: string
  userId: string
  cookie: string
}

export interface Team {
  dataDir: string
  /** Of ann (two browsers), bo and cy. */
  devices: readonly Device[]
  eve: Device
  /** Owner of the hub, and of the hall. She has no page. */
  olga: Device
  /** Private group of ann, bo and cy. Ann may remove and add members. */
  kitchen: string
  /** Public group. */
  hall: string
  /** Direct chat of ann and bo. */
  direct: string
}

export const password = 'correct horse battery'
/** Of no history, whose ids would be the same. */
const teamSeed = 2 ** 31 - 1

/** @param dir an empty folder */
export async function makeTeam(dir: string): Promise<Team> {
  // loaded by the first page or file otherwise, which takes as long as the disk likes
  await import('../../renderer/state/account.ts')
  await import('tus-js-client')
  const time = new VirtualTime()
  time.install()
  const endThreads = takeOverThreads(time)
  const endRandomness = seedRandomness(teamSeed)
  const errors: unknown[] = []
  const hub = new SimulatedHub({
    ...{ time, dir: path.join(dir, 'making'), isLimited: false },
    onError: (error) => errors.push(error),
  })
  try {
    await time.until(hub.start())
    const maker = new TeamMaker(hub, time)
    const olga = await maker.enter('/api/setup', {
      ...{ hubName: 'Team', username: 'olga', code: setupCode, registration: 'open' },
    })
    const [ann, bo, cy, eve] = [
      await maker.enter('/api/register', { username: 'ann' }),
      await maker.enter('/api/register', { username: 'bo' }),
      await maker.enter('/api/register', { username: 'cy' }),
      await maker.enter('/api/register', { username: 'eve' }),
    ]
    const annToo = await maker.enter('/api/login', { username: 'ann' })
    const members = [bo.userId, cy.userId]
    const kitchen = await maker.openChat(ann, '/api/chats', {
      name: 'Kitchen',
      visibility: 'private',
      members,
    })
    const hall = await maker.openChat(olga, '/api/chats', {
      ...{ name: 'Hall', visibility: 'public', members: [ann.userId, bo.userId] },
    })
    const direct = await maker.openChat(ann, '/api/chats/direct', { userId: bo.userId })
    await time.until(hub.stop())
    const dataDir = path.join(dir, 'team')
    mkdirSync(dataDir)
    cpSync(hub.dataDir, dataDir, { recursive: true, filter: (file) => !/hub\.lock|-shm$/.test(file) })
    if (errors.length > 0) throw errors[0]
    return { dataDir, devices: [ann, { ...annToo, name: 'ann2' }, bo, cy], eve, olga, kitchen, hall, direct }
  } finally {
    await time.until(hub.end())
    endRandomness()
    endThreads()
    time.uninstall()
  }
}

class TeamMaker {
  readonly #hub: SimulatedHub
  readonly #time: VirtualTime

  constructor(hub: SimulatedHub, time: VirtualTime) {
    this.#hub = hub
    this.#time = time
  }

  async enter(url: string, input: { username: string } & Record<string, unknown>): Promise<Device> {
    const { user, cookie } = await this.#post(url, { password, ...input })
    return { name: input.username, userId: (user as { id: string }).id, cookie: cookie as string }
  }

  async openChat({ cookie }: Device, url: string, input: object): Promise<string> {
    const me = await this.#time.until(this.#hub.request('GET', '/api/me', { headers: { cookie } }))
    const { csrfToken } = JSON.parse(me.body) as { csrfToken: string }
    const { chat } = await this.#post(url, input, { cookie, 'x-csrf-token': csrfToken })
    return (chat as { id: string }).id
  }

  async #post(
    url: string,
    input: object,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    const { status, body, cookie } = await this.#time.until(
      this.#hub.request('POST', url, {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(input),
      }),
    )
    await this.#time.advance(1_000)
    if (status >= 300) throw new Error(`${url}: ${status} ${body}`)
    return { ...(JSON.parse(body) as Record<string, unknown>), cookie }
  }
}
