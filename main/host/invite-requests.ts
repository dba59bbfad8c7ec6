import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import type { HostInvite } from '../../shared/desktop.ts'
import { inviteAppLink, inviteUrl } from '../../shared/text/invite-link.ts'
import { ShellError } from '../shell-error.ts'

type InviteReply = Extract<FromHubProcess, { t: 'invited' | 'not-invited' }>

/**
 * Invite requests to the hub's process, matched to their replies. Each names the invite before it, so that opening the invites
 * again shows the same one until it is used up, expired or revoked.
 */
export class InviteRequests {
  readonly #send: (message: ToHubProcess) => void
  readonly #pending = new Map<number, { resolve: (code: string) => void; reject: (error: Error) => void }>()
  #nextId = 1
  #lastCode: string | undefined

  constructor(send: (message: ToHubProcess) => void) {
    this.#send = send
  }

  request(invite: { uses: number; days: number }): Promise<string> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      const code = this.#lastCode
      this.#send({ t: 'invite', id, ...invite, ...(code === undefined ? {} : { code }) })
    })
  }

  handleReply(reply: InviteReply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if (reply.t === 'invited') {
      this.#lastCode = reply.code
      pending?.resolve(reply.code)
    } else pending?.reject(new ShellError('conflict', reply.sentence))
  }

  /** The process has ended. */
  rejectAll(): void {
    for (const { reject } of this.#pending.values()) {
      reject(new ShellError('conflict', 'The hub has stopped in the meantime. Start it, then try again.'))
    }
    this.#pending.clear()
  }
}

/** @param addresses with their port, the most promising first; at least one */
export function inviteLinks(code: string, hubId: string, addresses: readonly string[]): HostInvite {
  return {
    // without encryption browsers get the page that explains their warning, and on this computer the hub itself
    url: inviteUrl({ origin: `http://${addresses[0] ?? ''}`, code, hubId }),
    link: inviteAppLink({ addresses: [...addresses], code, hubId }),
    fingerprint: hubId,
  }
}
