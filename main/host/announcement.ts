import type { AnnouncedHub } from '../discovery/announcer.ts'
import type { Log } from '../ports.ts'

export interface HubAnnouncer {
  /** Resolves with false if there is no network for it. */
  announce(hub: AnnouncedHub): Promise<boolean>
  stop(): Promise<void>
  /** Called with an address where this hub is announced with a higher term. */
  onHigherTerm?: (address: string) => void
}

/** Publishes the hub of this app on the network, and knows if others see it there. */
export class Announcement {
  readonly #announcer: HubAnnouncer
  readonly #log: Log
  readonly #onChange: () => void
  isAnnounced = false

  /** `onChange`: `isAnnounced` has changed. */
  constructor(announcer: HubAnnouncer, log: Log, onChange: () => void) {
    this.#announcer = announcer
    this.#log = log
    this.#onChange = onChange
  }

  /** `hub`: undefined to publish nothing. */
  update(hub: AnnouncedHub | undefined): void {
    const published = hub ? this.#announcer.announce(hub) : this.#announcer.stop().then(() => false)
    published.then(
      (isAnnounced) => this.#set(isAnnounced),
      (error: unknown) => {
        this.#log.warn('the hub could not be published on the network', { error })
        this.#set(false)
      },
    )
  }

  /** The network may be another one. Resolves when nothing is published. */
  async stop(): Promise<void> {
    this.isAnnounced = false
    await this.#announcer.stop().catch(() => undefined)
  }

  #set(isAnnounced: boolean): void {
    if (isAnnounced === this.isAnnounced) return
    this.isAnnounced = isAnnounced
    this.#onChange()
  }
}
