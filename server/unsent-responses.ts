import type { ServerResponse } from 'node:http'
import { HubError } from '../shared/errors.ts'

/*
 * Bounds what the HTTP clients of one user may leave unread. Responses are kept in memory until they are read, and
 * files keep a descriptor open, so a client that asks for much and reads slowly would take both from the others.
 */

/** More than the largest responses that a page requests at once. */
const maxUnsentBytes = 8 * 1024 * 1024
/** Browsers open six connections for each window. */
const maxOpenFiles = 64
interface Load {
  bytes: number
  files: number
}

export class UnsentResponses {
  readonly #loads = new Map<string, Load>()

  /** @throws HubError `rate_limited` if the user should read what was sent first */
  requireRead(userId: string): void {
    const load = this.#loads.get(userId)
    if (load && (load.bytes > maxUnsentBytes || load.files >= maxOpenFiles)) {
      throw new HubError(
        'rate_limited',
        'Too many responses are waiting to be read. Read them, then try again.',
        {
          retryAfter: 1,
        },
      )
    }
  }

  /** Counts a response until it was sent or its connection is closed. */
  count(userId: string, response: ServerResponse, load: Partial<Load>): void {
    // its client went while the result was read, and no event comes any more
    if (response.destroyed) return
    const { bytes = 0, files = 0 } = load
    const total = this.#loads.get(userId) ?? { bytes: 0, files: 0 }
    this.#loads.set(userId, total)
    total.bytes += bytes
    total.files += files
    response.once('close', () => {
      total.bytes -= bytes
      total.files -= files
      if (total.bytes === 0 && total.files === 0) this.#loads.delete(userId)
    })
  }
}
