import type { Session } from '../../shared/contract/sessions.ts'
import type { Request } from '../connection/request.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

/** Where the person is logged in: asked for when it is looked at, and from then on without those that ended. */
export class Sessions {
  readonly #request: Request
  readonly #list = signal<readonly Session[] | undefined>(undefined)

  /** Undefined until it has come. */
  readonly list: ReadonlySignal<readonly Session[] | undefined> = this.#list

  constructor(request: Request) {
    this.#request = request
  }

  /** Throws RequestError. */
  async load(): Promise<void> {
    this.#list.value = (await this.#request('sessions.list')).sessions
  }

  remove(sessionId: string): void {
    this.#list.value = this.#list.peek()?.filter(({ id }) => id !== sessionId)
  }
}
