import { writeFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { HubError } from '../shared/errors.ts'
import type { FollowReport, FromHubProcess, HubAddress, VoteReport } from '../shared/hub-process-messages.ts'
import { loadNodeKey } from './continuity/node-key.ts'
import { readHubFile } from './standby/hub-file.ts'
import type { Standby } from './standby/standby-runtime.ts'
import type { ThirdComputer } from './standby/third-computer.ts'

/** How often the app learns how far a copy is. */
const reportIntervalMs = 500
/** No system event reports a pulled cable, so the addresses are polled. */
export const addressIntervalMs = 10_000

/** What the app may ask of this computer in its present role. */
export interface RoleHost {
  setLocalUsers(userIds: readonly string[]): void
  refreshAddresses(): void
  /** `doneFile`: created as soon as the computer may sleep. */
  prepareSleep(doneFile: string | undefined): void
  handOver(id: number, to: string | undefined): void
  /** The hub is announced at that address with a higher term. A hint: anyone can send it. */
  heard(address: string): void
  /** @throws HubError if registration is closed, or if another computer is the hub */
  invite(invite: { uses: number; days: number; code?: string }): Promise<string>
  stop(): void
}

interface RoleContext {
  dataDir: string
  log: Logger
  send: (message: FromHubProcess) => void
}

/** This computer follows the hub: nobody is connected here, and nothing can be asked of it. */
export function hostStandby(
  { standby, port }: { standby: Standby | undefined; port: number },
  { listAddresses, ...context }: RoleContext & { listAddresses: () => HubAddress[] },
): RoleHost {
  const { dataDir, log, send } = context
  log.info({ port }, 'follows the hub')
  const hubId = readHubFile(dataDir)?.hubId ?? ''
  const addresses = listAddresses()
  send({ t: 'listening', role: 'standby', port, hubId, name: '', setupCode: '', addresses })
  const { id: node } = loadNodeKey(dataDir)
  const follower = hostFollower(context, () => {
    if (!standby) return undefined
    const { isConnected, isInStep, lostAt, canTakeOver, copied, missingFiles, problem } = standby.status
    const report: FollowReport = {
      ...{ node, isConnected, isInStep, canTakeOver, missingFiles },
      ...(lostAt === undefined ? {} : { lostAt }),
      ...(copied && { copied }),
      ...(problem === undefined ? {} : { problem }),
    }
    return { t: 'following', ...report }
  })
  let lastSent = JSON.stringify(addresses)
  const refreshAddresses = (): void => {
    const now = listAddresses()
    if (JSON.stringify(now) === lastSent) return
    lastSent = JSON.stringify(now)
    send({ t: 'addresses', addresses: now })
  }
  const timer = setInterval(refreshAddresses, addressIntervalMs)
  return {
    ...follower,
    refreshAddresses,
    stop: () => {
      clearInterval(timer)
      follower.stop()
    },
  }
}

/** This computer votes for a hub, and has nothing of it. */
export function hostThird(third: ThirdComputer, context: RoleContext): RoleHost {
  context.log.info('votes for the hub')
  context.send({
    ...{ t: 'listening', role: 'vote', port: 0, hubId: third.hubId, name: '', setupCode: '', addresses: [] },
  })
  return hostFollower(context, () => {
    const { computers, decision, problem } = third.status
    const report: VoteReport = { computers, decision, ...(problem === undefined ? {} : { problem }) }
    return { t: 'voting', ...report }
  })
}

/** Reports what `read` returns when it has changed. */
function hostFollower({ send }: RoleContext, read: () => FromHubProcess | undefined): RoleHost {
  let lastSent = ''
  const report = (): void => {
    const message = read()
    const text = JSON.stringify(message)
    if (!message || text === lastSent) return
    lastSent = text
    send(message)
  }
  report()
  const timer = setInterval(report, reportIntervalMs)
  return {
    setLocalUsers: () => undefined,
    refreshAddresses: () => undefined,
    prepareSleep: (doneFile) => {
      if (doneFile !== undefined) writeFileSync(doneFile, '')
    },
    handOver: (id) => send({ t: 'not-moved', id, sentence: notTheHub().message }),
    // it tries the computers of the hub all the time
    heard: () => undefined,
    invite: () => Promise.reject(notTheHub()),
    stop: () => clearInterval(timer),
  }
}

export function notTheHub(): HubError {
  return new HubError('conflict', 'Another computer is the hub now.')
}
