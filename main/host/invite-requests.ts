import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import type { HostInvite } from '../../shared/desktop.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import { inviteAppLink, inviteUrl, linkLimits } from '../../shared/text/invite-link.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import type { Clock, Timer } from '../ports.ts'
import { ShellError } from '../shell-error.ts'

type InviteReply = Extract<FromHubProcess, { t: 'invited' | 'not-invited' }>

interface Pending {
  resolve: (code: string) => void
  reject: (error: Error) => void
  timer: Timer
}

/** For a process that hangs. */
const timeoutMs = 15_000

export interface InviteRequestsOptions {
  send: (message: ToHubProcess) => void
  clock: Clock
  /** The code of the last invite, kept over restarts; empty: none. */
  lastCode: { get: () => string; set: (code: string) => void }
}

/**
 * Invite requests to the hub's process, matched to their replies. Each names the invite before it, so that opening the invites
 * again shows the same one until it is used up, expired or revoked.
 */
export class InviteRequests {
  readonly #options: InviteRequestsOptions
  readonly #pending = new Map<number, Pending>()
  #nextId = 1

  constructor(options: InviteRequestsOptions) {
    this.#options = options
  }

  request(invite: { uses: number; days: number }): Promise<string> {
    const { send, clock, lastCode } = this.#options
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(
        () => this.#fail(id, 'The hub does not respond. Restart it, then try again.'),
        timeoutMs,
      )
      this.#pending.set(id, { resolve, reject, timer })
      const code = lastCode.get()
      send({ t: 'invite', id, ...invite, ...(code === '' ? {} : { code }) })
    })
  }

  handleReply(reply: InviteReply): void {
    if (reply.t === 'not-invited') return this.#fail(reply.id, reply.sentence)
    this.#options.lastCode.set(reply.code)
    this.#take(reply.id)?.resolve(reply.code)
  }

  /** The process has ended. */
  rejectAll(): void {
    for (const id of [...this.#pending.keys()])
      this.#fail(id, 'The hub has stopped in the meantime. Start it, then try again.')
  }

  #fail(id: number, sentence: string): void {
    this.#take(id)?.reject(new ShellError('conflict', sentence))
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (pending) this.#options.clock.clearTimeout(pending.timer)
    return pending
  }
}

/** As many as a link takes, with the name of the hub. */
const maxAddresses = linkLimits.addresses - 1

/**
 * @param hub `addresses`: the most promising first; without one only this computer reaches the hub. `isAnnounced`: it
 * answers to its name
 */
export function inviteLinks(
  code: string,
  hub: { hubId: string; port: number; addresses: readonly string[]; isAnnounced: boolean },
): HostInvite {
  const { hubId, port, addresses, isAnnounced } = hub
  const hosts = addresses.length > 0 ? addresses.slice(0, maxAddresses) : ['127.0.0.1']
  // the addresses may have changed when the link is opened
  const all = [...hosts, ...(isAnnounced ? [hubHostName(hubId)] : [])].map((host) => hostAndPort(host, port))
  return {
    // without encryption browsers get the page that explains their warning, and on this computer the hub itself
    url: inviteUrl({ origin: `http://${all[0] ?? ''}`, code, hubId }),
    link: inviteAppLink({ addresses: all, code, hubId }),
    fingerprint: hubId,
  }
}
