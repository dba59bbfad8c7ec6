import { hostname, networkInterfaces } from 'node:os'
import type { Logger } from 'pino'
import type { FromHubProcess, HubAddress, HubStartOptions, Power } from '../shared/hub-process-messages.ts'
import { createInviteAsOwner } from './invites/admin-invites.ts'
import type { HubContext } from './context.ts'
import type { Live } from './live/live.ts'
import { HubError } from '../shared/errors.ts'
import { isLoopback, reachableAddresses, normalizeAddress, type Interfaces } from './addresses.ts'
import { Computer } from './run-computer.ts'
import type { RunningHub } from './start.ts'
import { continuityOf } from './standby/continuity-of.ts'
import { hostContinuity } from './hosted-continuity.ts'
import { addressIntervalMs, hostStandby, hostThird, notTheHub, type RoleHost } from './hosted-roles.ts'
import { runOperation } from './operation.ts'

/** If a network drops, several users leave and return within a moment; the desktop gets a single update. */
const userCountDelayMs = 200

/** A hub that the desktop app runs, with the functions that only the app may use. */
export interface HostedHub extends Omit<RoleHost, 'stop'> {
  setPower(power: Power): void
  /** Makes this standby the hub, while that one cannot be reached. */
  takeOver(id: number): void
  /** Gives the hub to a standby that is in step, unless it starts again here: `isRestart`. */
  close(options?: { isRestart: boolean }): Promise<void>
}

interface HostingContext {
  log: Logger
  send: (message: FromHubProcess) => void
  onFatal: (error: unknown) => void
}

/** @throws StartError */
export async function hostHub(options: HubStartOptions, context: HostingContext): Promise<HostedHub> {
  const { log, onFatal } = context
  let userIds: readonly string[] = []
  let power: Power | undefined
  let role: RoleHost | undefined
  let turn: Promise<unknown> = Promise.resolve()
  const computer = new Computer({
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
    power: () => power,
    ...(options.pagesDir === undefined ? {} : { pagesDir: options.pagesDir }),
    // one after the other: each role reads before it speaks
    onRole: (_, { hub, standby, third, port }) => {
      turn = turn.then(async () => {
        role?.stop()
        if (hub) role = await hostRunning(hub, options, context)
        else if (third) role = hostThird(third, { ...options, ...context })
        else
          role = hostStandby(
            { standby, port },
            { ...options, ...context, listAddresses: () => addressesOf(options) },
          )
        role.setLocalUsers(userIds)
      })
      turn.catch(onFatal)
    },
  })
  await computer.start()
  await turn
  return {
    setLocalUsers: (ids) => {
      userIds = ids
      role?.setLocalUsers(ids)
    },
    refreshAddresses: () => role?.refreshAddresses(),
    setPower: (now) => (power = now),
    prepareSleep: (doneFile) => role?.prepareSleep(doneFile),
    handOver: (id, to) => role?.handOver(id, to),
    takeOver: (id) => void takeOver(computer, id, context),
    heard: (address) => role?.heard(address),
    invite: (invite) => role?.invite(invite) ?? Promise.reject(notTheHub()),
    close: async (how) => {
      role?.stop()
      await computer.close(how)
    },
  }
}

async function takeOver(computer: Computer, id: number, { log, send }: HostingContext): Promise<void> {
  try {
    if (computer.standby?.status.isConnected)
      throw new HubError(
        'conflict',
        'The hub can be reached again. Hand it over there, under Administration, Standby computers: then nothing is lost.',
      )
    await computer.promote(false)
    send({ t: 'moved', id, to: hostname() })
  } catch (error) {
    if (!(error instanceof HubError)) log.error({ err: error }, 'this computer could not become the hub')
    const sentence =
      error instanceof HubError ? error.message : 'This computer could not become the hub. See its log.'
    send({ t: 'not-moved', id, sentence })
  }
}

async function hostRunning(
  running: RunningHub,
  options: HubStartOptions,
  { log, send: tell }: HostingContext,
): Promise<RoleHost> {
  const { hub } = running
  log.info({ url: running.url, lan: options.lan }, 'ready')
  const first = { name: await readHubName(hub), addresses: addressesOf(options) }
  const term = hub.standing.term()?.n
  tell({
    t: 'listening',
    port: Number(new URL(running.url).port),
    hubId: hub.hubId,
    setupCode: running.setupCode,
    ...(term === undefined ? {} : { term }),
    ...first,
  })
  const connectedUsers = watchConnectedUsers(hub.live, tell)
  watchNameAndAddresses(hub, options, { tell, first })
  const continuity = hostContinuity(hub, tell)
  return {
    setLocalUsers: connectedUsers.setMine,
    refreshAddresses: () => hub.jobs.runSoon('hosting.look'),
    prepareSleep: continuity.prepareSleep,
    handOver: continuity.handOver,
    heard: (address) => continuityOf(hub).peers.search.heard(address),
    invite: (invite) => runOperation(hub, { locks: 'hub' }, (op) => createInviteAsOwner(op, invite)),
    stop: () => {
      connectedUsers.stop()
      continuity.stop()
    },
  }
}

/** Reports a changed name or changed addresses of the hub to the desktop. */
function watchNameAndAddresses(
  hub: HubContext,
  options: HubStartOptions,
  {
    tell,
    first,
  }: { tell: HostingContext['send']; first: { name: string; addresses: readonly HubAddress[] } },
): void {
  let { name } = first
  let addresses = JSON.stringify(first.addresses)
  const look = async () => {
    // with them go the names in the certificate
    hub.endpoint.refresh()
    const now = addressesOf(options)
    if (JSON.stringify(now) !== addresses) {
      addresses = JSON.stringify(now)
      tell({ t: 'addresses', addresses: now })
    }
    const called = await readHubName(hub)
    if (called !== name) tell({ t: 'name', name: (name = called) })
  }
  hub.jobs.add('hosting.look', { everyMs: addressIntervalMs, run: look })
}

async function readHubName(hub: HubContext): Promise<string> {
  return (await hub.store.read((db) => db.selectFrom('hub').select('name').executeTakeFirstOrThrow())).name
}

/** Returns the addresses of this computer on the chosen interfaces, the most promising first. */
function addressesOf({ lan, interfaces }: HubStartOptions): HubAddress[] {
  if (!lan) return []
  const own = networkInterfaces()
  return reachableAddresses(own, interfaces.length > 0 ? interfaces : undefined).map((address) => ({
    address,
    via: interfaceOf(own, address),
  }))
}

function interfaceOf(own: Interfaces, wanted: string): string {
  const found = Object.entries(own).find(([, list]) => list?.some(({ address }) => address === wanted))
  return found?.[0] ?? ''
}

function isOwnAddress(wanted: string): boolean {
  return isLoopback(wanted) || interfaceOf(networkInterfaces(), normalizeAddress(wanted)) !== ''
}

/** Reports the number of other connected users to the desktop; the user at this computer does not count. */
function watchConnectedUsers(live: Live, tell: HostingContext['send']) {
  let mine: ReadonlySet<string> = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastSent = JSON.stringify({ others: 0, outside: false })
  let outside = false
  const count = () => {
    timer = undefined
    const connected = new Set<string>()
    for (const { viewer, address } of live.connections()) {
      connected.add(viewer.userId)
      outside ||= !isOwnAddress(address)
    }
    const now = { others: [...connected].filter((id) => !mine.has(id)).length, outside }
    if (JSON.stringify(now) === lastSent) return
    lastSent = JSON.stringify(now)
    tell({ t: 'users', ...now })
  }
  const soon = () => {
    timer ??= setTimeout(count, userCountDelayMs)
  }
  live.onConnectionsChange = soon
  return {
    setMine: (userIds: readonly string[]) => {
      mine = new Set(userIds)
      count()
    },
    stop: () => {
      live.onConnectionsChange = undefined
      clearTimeout(timer)
    },
  }
}
