import { isRequestError } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import { Timer } from '../connection/timer.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

const pageSize = 100
/** The user is typing on. */
const delayMs = 150

export interface MemberPage {
  readonly ids: readonly string[]
  readonly more: boolean
}

/** The list that a page is added to. */
export interface PartialMembers {
  readonly resetCount: number
  /** Returns undefined if all members were dropped meanwhile. @throws RequestError */
  fetchPage(input: { query?: string; after?: string; limit: number }): Promise<MemberPage | undefined>
}

/** The members of a partial list that fit a query, a page at a time: for a list that shows them, or leaves them out. */
export class MemberPages {
  readonly #members: PartialMembers
  readonly #timer: Timer
  readonly #page = signal<MemberPage | undefined>(undefined)
  #query: string | undefined
  #requestNo = 0
  #resetCount = 0

  /** Of the last query that the hub has answered; undefined before that. */
  readonly page: ReadonlySignal<MemberPage | undefined> = this.#page

  constructor(members: PartialMembers, clock: Clock) {
    this.#members = members
    this.#timer = new Timer(clock)
  }

  /** Call it as often as the list is drawn: the hub is asked if the query, or all members, are others. */
  show(query: string): void {
    const { resetCount } = this.#members
    if (query === this.#query && resetCount === this.#resetCount) return
    const isFirst = this.#query === undefined || resetCount !== this.#resetCount
    this.#query = query
    this.#resetCount = resetCount
    this.#timer.set(isFirst ? 0 : delayMs, () => void this.#fetch())
  }

  loadMore(): void {
    void this.#fetch(this.#page.peek())
  }

  close(): void {
    this.#timer.clear()
    this.#requestNo += 1
    this.#query = undefined
  }

  async #fetch(before?: MemberPage): Promise<void> {
    const requestNo = ++this.#requestNo
    const query = this.#query?.trim() ?? ''
    const after = before?.ids.at(-1)
    try {
      const page = await this.#members.fetchPage({
        limit: pageSize,
        ...(query === '' ? {} : { query }),
        ...(after === undefined ? {} : { after }),
      })
      if (!page || requestNo !== this.#requestNo) return
      this.#page.value = { ids: [...(before?.ids ?? []), ...page.ids], more: page.more }
    } catch (error) {
      // the list shows who is known, and asks again when the members were fetched again
      if (!isRequestError(error)) throw error
      if (requestNo === this.#requestNo) this.#query = undefined
    }
  }
}
