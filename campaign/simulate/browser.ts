import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { ChannelLike, Platform, StorageLike } from '../../renderer/connection/platform.ts'
import { Hub as Page } from '../../renderer/state/hub.ts'
import type { Random } from '../../test/simulation/random.ts'
import type { Link } from './link.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * A browser of a user: a database and storage that its tabs share, and tabs that are reloaded or killed. A killed tab does
 * nothing more; its database keeps what was written.
 */

export interface BrowserOptions {
  time: VirtualTime
  random: () => Random
  newLink: () => Link
}

interface Tab {
  page: Page
  link: Link
  isDead: boolean
}

export class Browser {
  readonly #options: BrowserOptions
  readonly #storage = new Map<string, string>()
  readonly #channels = new Set<{ name: string; tab: Tab; channel: ChannelLike }>()
  readonly #indexedDB = new IDBFactory()
  readonly #wakeListeners = new Map<() => void, Tab>()
  /** The end of the last holder of each lock. */
  readonly #locks = new Map<string, Promise<unknown>>()
  #randomCalls = 0
  #tab: Tab | undefined
  /** How far the user has set the clock of this computer, in ms. */
  clockOffsetMs = 0

  constructor(options: BrowserOptions) {
    this.#options = options
  }

  get page(): Page {
    if (!this.#tab) throw new Error('no tab is open')
    return this.#tab.page
  }

  get link(): Link {
    if (!this.#tab) throw new Error('no tab is open')
    return this.#tab.link
  }

  get isConnected(): boolean {
    return !this.link.isSilent && this.page.connectionState.peek() === 'live'
  }

  /** Opens the tab. */
  async open(): Promise<void> {
    const link = this.#options.newLink()
    const tab = { link, isDead: false } as Tab
    tab.page = new Page({ base: '', platform: this.#platform(tab), origins: () => ['http://team.test:7788'] })
    this.#tab = tab
    await this.#options.time.until(tab.page.start())
  }

  /** Closes the tab as a browser does when its window is closed, and opens it again. */
  async reload(): Promise<void> {
    const before = this.#tab
    if (before) {
      await this.#options.time.until(before.page.close())
      this.#silence(before)
    }
    await this.#reopen(before)
  }

  /** The tab crashes. */
  async kill(): Promise<void> {
    const before = this.#tab
    if (before) this.#silence(before)
    // what is gathered for the database is lost, what was begun is not
    await this.#options.time.settle()
    await this.#reopen(before)
  }

  async close(): Promise<void> {
    const tab = this.#tab
    if (!tab) return
    await this.#options.time.until(tab.page.close())
    this.#silence(tab)
    this.#tab = undefined
  }

  wake(): void {
    for (const run of [...this.#wakeListeners.keys()]) run()
  }

  async #reopen(before: Tab | undefined): Promise<void> {
    await this.open()
    if (before) Object.assign(this.link.state, before.link.state)
  }

  #silence(tab: Tab): void {
    tab.isDead = true
    tab.link.kill()
    for (const [run, its] of [...this.#wakeListeners]) if (its === tab) this.#wakeListeners.delete(run)
    for (const entry of [...this.#channels]) if (entry.tab === tab) this.#channels.delete(entry)
    this.#locks.clear()
  }

  #platform(tab: Tab): Platform {
    const { time, random } = this.#options
    const storage: StorageLike = {
      getItem: (key) => this.#storage.get(key) ?? null,
      setItem: (key, value) => void (tab.isDead || this.#storage.set(key, value)),
      removeItem: (key) => void this.#storage.delete(key),
    }
    return {
      fetch: tab.link.fetch,
      openSocket: tab.link.openSocket,
      clock: {
        now: () => time.now() + this.clockOffsetMs,
        setTimeout: (run, ms) => time.set(() => void (tab.isDead || run()), ms),
        clearTimeout: (timer) => time.clear(timer),
      },
      random: () => random().next(),
      randomBytes: (count) => this.#randomBytes(count),
      indexedDB: this.#indexedDB,
      storage,
      locks: {
        request: (name, run) => {
          const turn = (this.#locks.get(name) ?? Promise.resolve()).then(run)
          this.#locks.set(
            name,
            turn.catch(() => undefined),
          )
          return turn
        },
      },
      openChannel: (name) => this.#openChannel(name, tab),
      window: {
        isVisible: () => true,
        isFocused: () => true,
        onWake: (run) => {
          this.#wakeListeners.set(run, tab)
          return () => this.#wakeListeners.delete(run)
        },
        onActivity: () => () => undefined,
        onAttention: () => () => undefined,
        onHide: () => () => undefined,
      },
    }
  }

  #randomBytes(count: number): Uint8Array {
    this.#randomCalls += 1
    const random = this.#options.random()
    const bytes = Uint8Array.from({ length: count }, () => random.below(256))
    // unique, whatever a shrunk history does to the numbers
    if (count >= 8) new DataView(bytes.buffer).setUint32(count - 4, this.#randomCalls)
    return bytes
  }

  #openChannel(name: string, tab: Tab): ChannelLike {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (data) => {
        if (tab.isDead) return
        for (const other of this.#channels) {
          if (other.name === name && other.tab !== tab)
            queueMicrotask(() => other.channel.onmessage?.({ data: structuredClone(data) }))
        }
      },
      close: () => void this.#channels.delete(entry),
    }
    const entry = { name, tab, channel }
    this.#channels.add(entry)
    return channel
  }
}
