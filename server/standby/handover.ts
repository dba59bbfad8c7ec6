import { HubError } from '../../shared/errors.ts'
import type { DataNode } from '../continuity/rule-types.ts'
import type { HandOverOptions } from '../live/standing.ts'

/** The handover that is under way. The caller learns how it ended. */
export class Handover {
  #current:
    | { to: string; resolve: () => void; reject: (error: Error) => void; onSealed: (() => void) | undefined }
    | undefined

  get isRunning(): boolean {
    return this.#current !== undefined
  }

  /** Resolves with `next`, the standby in step, when it has taken over. @throws HubError */
  begin(next: string | undefined, { to = next, onSealed }: HandOverOptions): Promise<string> {
    if (this.isRunning)
      return Promise.reject(new HubError('conflict', 'The hub is being handed over already.'))
    if (next === undefined || to !== next) {
      return Promise.reject(
        new HubError('conflict', 'No standby is up to date right now. Try again when one is.'),
      )
    }
    return new Promise((resolve, reject) => {
      this.#current = { to, resolve: () => resolve(to), reject, onSealed }
    })
  }

  refuse(reason: string): void {
    this.#current?.reject(new HubError('conflict', reason))
    this.#current = undefined
  }

  /** Looks what became of it after an event. */
  settle({ disk: { role, term }, hub }: DataNode): void {
    const current = this.#current
    if (!current) return
    if (role === 'sealed') {
      current.onSealed?.()
      current.onSealed = undefined
    } else if (role === 'standby') {
      if (term.node !== current.to) return this.refuse('Another computer has become the hub.')
      this.#current = undefined
      current.resolve()
    } else if (hub?.handover === undefined) {
      this.refuse('The standby was lost meanwhile. The hub goes on here.')
    }
  }
}
