import { text } from 'node:stream/consumers'
import type { HubId } from '../../shared/desktop.ts'
import type { Hubs } from '../hubs/hubs.ts'

/** Names for notifications, requested from the hub once per user. */
export class UserNames {
  readonly #hubs: Hubs
  readonly #names = new Map<string, Promise<string>>()

  constructor(hubs: Hubs) {
    this.#hubs = hubs
  }

  /** Returns '' if the hub does not return a name. */
  get(hubId: HubId, userId: string): Promise<string> {
    const key = `${hubId}/${userId}`
    let name = this.#names.get(key)
    if (!name) {
      name = this.#fetchName(hubId, userId).catch(() => {
        // try again next time: the hub may have been unreachable
        this.#names.delete(key)
        return ''
      })
      this.#names.set(key, name)
    }
    return name
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
