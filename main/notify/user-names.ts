import { text } from 'node:stream/consumers'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubId } from '../../shared/desktop.ts'
import type { Hubs } from '../hubs/hubs.ts'

/** Names for notifications, requested from the hub once per user until the user is renamed. */
export class UserNames {
  readonly #hubs: Hubs
  readonly #namesByHub = new Map<HubId, Map<string, Promise<string>>>()

  constructor(hubs: Hubs) {
    this.#hubs = hubs
    hubs.onMessage((hubId, message) => this.#dropChanged(hubId, message))
  }

  /** Returns '' if the hub does not return a name. */
  get(hubId: HubId, userId: string): Promise<string> {
    const names = this.#namesByHub.get(hubId) ?? new Map<string, Promise<string>>()
    this.#namesByHub.set(hubId, names)
    let name = names.get(userId)
    if (!name) {
      name = this.#fetchName(hubId, userId).catch(() => {
        // try again next time: the hub may have been unreachable
        names.delete(userId)
        return ''
      })
      names.set(userId, name)
    }
    return name
  }

  #dropChanged(hubId: HubId, message: FromHub): void {
    // a connection that starts, or that lost entries, does not say who was renamed meanwhile
    if (message.t === 'state' || message.t === 'behind') this.#namesByHub.delete(hubId)
    if (message.t === 'entry' && message.type === 'user.updated') {
      this.#namesByHub.get(hubId)?.delete(message.user.id)
    }
  }

  async #fetchName(hubId: HubId, userId: string): Promise<string> {
    const token = this.#hubs.token(hubId)
    const response = await this.#hubs.get(hubId).request({
      method: 'GET',
      path: `/api/users/${encodeURIComponent(userId)}`,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    const body = JSON.parse(await text(response)) as { user?: { displayName?: unknown } }
    const name = body.user?.displayName
    if (typeof name !== 'string') throw new Error('the hub did not return a name')
    return name
  }
}
