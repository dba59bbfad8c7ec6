import { LitElement, type PropertyValues } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { errorMessage } from '../ui/error-message.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'

const refreshIntervalMs = 5_000

/**
 * The base of every section of the administration: loads its data when it opens, when a user of the hub changes, and
 * every few seconds while it is visible. The data stays on screen until newer data arrives.
 */
export abstract class AdminSection extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    problem: { state: true },
  }
  declare hub: Hub
  /** Why the data may be out of date. */
  declare problem: string

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.rows li, tbody tr' })
  /** The interval of reloading; 0 for never. */
  protected readonly refreshMs: number = refreshIntervalMs
  #timer: ReturnType<typeof setInterval> | undefined
  #users: readonly User[] | undefined
  #requestNo = 0
  #pendingLoads = 0

  constructor() {
    super()
    this.problem = ''
  }

  /** Fetches the data. Returns a function that shows it, so that an outdated response is dropped. */
  protected abstract fetchContent(): Promise<() => void>

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.refreshMs > 0) this.#timer = setInterval(this.#refreshIfVisible, this.refreshMs)
    document.addEventListener('visibilitychange', this.#refreshIfVisible)
    if (this.hasUpdated) void this.load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
    document.removeEventListener('visibilitychange', this.#refreshIfVisible)
  }

  protected override willUpdate(_: PropertyValues): void {
    const people = this.hub.users.list.value
    const changed = people !== this.#users
    this.#users = people
    if (changed) untracked(() => void this.load())
  }

  /** Never rejects: a failure is shown in `problem`. */
  async load(): Promise<void> {
    const requestNo = (this.#requestNo += 1)
    this.#pendingLoads += 1
    try {
      const show = await this.fetchContent()
      if (requestNo !== this.#requestNo) return
      show()
      this.problem = ''
    } catch (error) {
      if (requestNo === this.#requestNo) this.problem = errorMessage(error)
    } finally {
      this.#pendingLoads -= 1
    }
    this.requestUpdate()
  }

  #refreshIfVisible = () => {
    // a response that takes longer than the interval would be outdated each time, and never shown
    if (!document.hidden && this.#pendingLoads === 0) void this.load()
  }
}
