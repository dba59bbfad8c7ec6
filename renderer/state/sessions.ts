import type { Entry } from '../../shared/contract/entries.ts'
import type { Session } from '../../shared/contract/sessions.ts'
import type { Request } from '../connection/request.ts'
import type { Store } from './store.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

/** The user's sessions on all devices: fetched when the settings show them, then without those that ended. */
export class Sessions implements Store {
  readonly #request: Request
  readonly #list = signal<readonly Session[] | undefined>(undefined)

  /** Undefined until it is loaded. */
  readonly list: ReadonlySignal<readonly Session[] | undefined> = this.#list

  constructor(request: Request) {
    this.#request = request
  }

  /** @throws RequestError */
  async load(): Promise<void> {
    this.#list.value = (await this.#request('sessions.list')).sessions
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'session.ended') this.remove(entry.sessionId)
  }

  remove(sessionId: string): void {
    this.#list.value = this.#list.peek()?.filter(({ id }) => id !== sessionId)
  }
}
