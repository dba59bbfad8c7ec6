// A browser that comes from a former address of the hub: see server/standby/move-tickets.ts.
//
// - The ticket leaves the address bar before anything else happens.
// - Without a session here the user is asked first, by the name that the hub returns for the ticket. So a link of another
//   user logs nobody in unnoticed.
// - With a session here it counts only for the same user.
import type { User } from '../../shared/contract/users.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import { openParcel, unpackParcel } from './parcel.ts'
import type { Session } from './session.ts'
import type { Stores } from './stores.ts'

export interface ArrivalOptions {
  ticket: string
  /** What was not sent there. */
  sealedParcel: string | undefined
  request: Request
  session: Session
  stores: () => Stores
}

export class Arrival {
  readonly #options: ArrivalOptions
  readonly #user = signal<User | undefined>(undefined)
  #unsubscribe: (() => void) | undefined
  #isOver = false

  /** Set while the user is to be asked: the session is of this one. */
  readonly user: ReadonlySignal<User | undefined> = this.#user

  constructor(options: ArrivalOptions) {
    this.#options = options
    this.#unsubscribe = options.session.status.subscribe((status) => {
      if (status === 'loading') return
      // the subscription exists once the constructor has returned
      queueMicrotask(() => void this.#decide())
    })
  }

  /** The user wants to go on here. @throws RequestError */
  async confirm(): Promise<void> {
    const { session } = this.#options
    const key = await this.#useTicket()
    this.#user.value = undefined
    await session.enterHub()
    await this.#unpack(key)
  }

  /** The user wants to log in instead. */
  decline(): void {
    this.#user.value = undefined
  }

  /** Called when it is known for the first time if the browser has a session here. */
  async #decide(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    this.#unsubscribe?.()
    const { request, session, ticket } = this.#options
    const status = session.status.peek()
    if (status !== 'in' && status !== 'out') return
    try {
      const { user } = await request('sessions.readTicket', { ticket })
      if (session.status.peek() === 'out') this.#user.value = user
      else if (session.me.peek()?.id === user.id) await this.#unpack(await this.#useTicket())
    } catch (error) {
      if (!isRequestError(error)) throw error
      session.explain(error.message)
    }
  }

  async #useTicket(): Promise<string> {
    const { request, session, ticket } = this.#options
    const { key, remember } = await request('sessions.useTicket', { ticket })
    session.setBrief(!remember)
    return key
  }

  async #unpack(key: string): Promise<void> {
    const { sealedParcel, session, stores } = this.#options
    // the session that was read from the cache is over
    if (session.status.peek() === 'out') await session.enterHub()
    if (sealedParcel === undefined || session.status.peek() !== 'in') return
    const parcel = await openParcel(key, sealedParcel)
    if (parcel) await unpackParcel(parcel, stores())
  }
}
