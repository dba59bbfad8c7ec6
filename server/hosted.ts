import { networkInterfaces } from 'node:os'
import type { Logger } from 'pino'
import type { FromHostedHub, HubAddress, HubStart } from '../shared/hosting.ts'
import { inviteFromHere } from './admin/invites.ts'
import type { Hub } from './hub.ts'
import type { Live } from './live/live.ts'
import { isLoopback, openAddresses, plainAddress, type Interfaces } from './net/addresses.ts'
import { startHub } from './start.ts'

/** A cable is pulled and no event of the system comes through to us: looked at this often. */
const lookEvery = 10_000
/** Several come and go within a moment when a network drops; the desktop is told once. */
const tellPeopleAfter = 200

/** A hub that the desktop app runs: what the app may ask of it beyond what every hub does. */
export interface Hosted {
  setMine(userIds: readonly string[]): void
  look(): void
  prepareSleep(): void
  /** @throws HubError when the hub takes in nobody */
  invite(invite: { uses: number; days: number }): Promise<string>
  close(): Promise<void>
}

interface Surroundings {
  log: Logger
  tell: (message: FromHostedHub) => void
  onFatal: (error: unknown) => void
}

/** @throws StartError */
export async function hostHub(options: HubStart, { log, tell, onFatal }: Surroundings): Promise<Hosted> {
  const running = await startHub({
    dataDir: options.dataDir,
    port: options.port,
    host: '127.0.0.1',
    ...(options.lan
      ? { lan: options.interfaces.length > 0 ? { interfaces: options.interfaces } : true }
      : {}),
    allowPlainHttp: false,
    browsers: options.browsers,
    loadTest: false,
    log,
    onFatal,
    ...(options.pagesDir === undefined ? {} : { pagesDir: options.pagesDir }),
  })
  const { hub } = running
  log.info({ url: running.url, lan: options.lan }, 'ready')
  const first = { name: await nameOf(hub), addresses: addressesOf(options) }
  tell({
    t: 'listening',
    port: Number(new URL(running.url).port),
    hubId: hub.hubId,
    setupCode: running.setupCode,
    ...first,
  })
  const people = countPeople(hub.live, tell)
  const facts = watchFacts(hub, options, { tell, first })
  return {
    setMine: people.setMine,
    look: facts.look,
    prepareSleep: () => hub.live.sayAsleep(),
    invite: (invite) => hub.writer.write((tx) => inviteFromHere(tx, invite)),
    close: async () => {
      facts.stop()
      people.stop()
      await running.close()
    },
  }
}

/** Tells when the name of the hub or its addresses are no longer those that were told. */
function watchFacts(
  hub: Hub,
  options: HubStart,
  { tell, first }: { tell: Surroundings['tell']; first: { name: string; addresses: readonly HubAddress[] } },
) {
  let { name } = first
  let addresses = JSON.stringify(first.addresses)
  const look = async () => {
    // with them go the names in the certificate
    hub.door.look()
    const now = addressesOf(options)
    if (JSON.stringify(now) !== addresses) {
      addresses = JSON.stringify(now)
      tell({ t: 'addresses', addresses: now })
    }
    const called = await nameOf(hub)
    if (called !== name) tell({ t: 'name', name: (name = called) })
  }
  const run = () => {
    look().catch((error: unknown) => hub.log.warn({ err: error }, 'the hub could not look at itself'))
  }
  const timer = setInterval(run, lookEvery)
  return { look: run, stop: () => clearInterval(timer) }
}

async function nameOf(hub: Hub): Promise<string> {
  return (await hub.reader.selectFrom('hub').select('name').executeTakeFirstOrThrow()).name
}

/** Where others reach this computer, by the interfaces that were chosen, the most promising first. */
function addressesOf({ lan, interfaces }: HubStart): HubAddress[] {
  if (!lan) return []
  const own = networkInterfaces()
  return openAddresses(own, interfaces.length > 0 ? interfaces : undefined).map((address) => ({
    address,
    via: viaOf(own, address),
  }))
}

function viaOf(own: Interfaces, wanted: string): string {
  const found = Object.entries(own).find(([, list]) => list?.some(({ address }) => address === wanted))
  return found?.[0] ?? ''
}

function isOwn(wanted: string): boolean {
  return isLoopback(wanted) || viaOf(networkInterfaces(), plainAddress(wanted)) !== ''
}

/** Tells how many others are here; the person at this computer is nobody else. */
function countPeople(live: Live, tell: Surroundings['tell']) {
  let mine: ReadonlySet<string> = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  let told = JSON.stringify({ others: 0, outside: false })
  let outside = false
  const count = () => {
    timer = undefined
    const connected = live.connected()
    for (const from of connected.values()) {
      outside ||= from.some((address) => !isOwn(address))
    }
    const now = { others: [...connected.keys()].filter((id) => !mine.has(id)).length, outside }
    if (JSON.stringify(now) === told) return
    told = JSON.stringify(now)
    tell({ t: 'people', ...now })
  }
  const soon = () => {
    timer ??= setTimeout(count, tellPeopleAfter)
  }
  live.whenPeopleChange = soon
  return {
    setMine: (userIds: readonly string[]) => {
      mine = new Set(userIds)
      count()
    },
    stop: () => {
      live.whenPeopleChange = undefined
      clearTimeout(timer)
    },
  }
}
