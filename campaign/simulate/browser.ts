import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { ChannelLike, Platform, StorageLike } from '../../renderer/connection/platform.ts'
import { Hub as Page } from '../../renderer/state/hub.ts'
import type { Random } from '../../test/simulation/random.ts'
import type { Link, LinkOptions, LinkState } from './link.ts'
import { origin } from './hub.ts'
import { TabLocks } from './tab-locks.ts'
import { uploadTransport } from './upload-transport.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * A browser of a user: a database, storage and a session that its tabs share, and one or two tabs that are opened, reloaded,
 * closed or killed. A killed tab does nothing more; its database keeps what was written.
 */

export interface BrowserOptions {
  time: VirtualTime
  random: () => Random
  /** The session that it begins with. */
  cookie: string
  newLink: (options: Pick<LinkOptions, 'state' | 'session'>) => Link
}

export interface Tab {
  page: Page
  link: Link
  isDead: boolean
  /** Of the tabs that were opened in this browser. */
  no: number
}

const maxTabs = 2

export class Browser {
  readonly #options: BrowserOptions
  readonly #storage = new Map<string, string>()
  readonly #channels = new Set<{ name: string; tab: Tab; channel: ChannelLike }>()
  readonly #indexedDB = new IDBFactory()
  readonly #wakeListeners = new Map<() => void, Tab>()
  readonly #locks = new TabLocks()
  readonly #session: { cookie: string }
  #randomCalls = 0
  #opened = 0
  /** What its network is like. */
  readonly network: LinkState = { isOffline: false, maxDelayMs: 20, lostShare: 0, doubledShare: 0 }
  readonly tabs: Tab[] = []
  /** How far the user has set the clock of this computer, in ms. */
  clockOffsetMs = 0

  constructor(options: BrowserOptions) {
    this.#options = options
    this.#session = { cookie: options.cookie }
  }

  get cookie(): string {
    return this.#session.cookie
  }

  /** The tab that was opened first. */
  get page(): Page {
    return this.tab(0).page
  }

  /** Any of the open tabs. */
  tab(at: number): Tab {
    const tab = this.tabs[at % this.tabs.length]
    if (!tab) throw new Error('no tab is open')
    return tab
  }

  get isConnected(): boolean {
    return this.tabs.every(({ page, link }) => !link.isSilent && page.connectionState.peek() === 'live')
  }

  get mayOpen(): boolean {
    return this.tabs.length < maxTabs
  }

  async open(): Promise<void> {
    const link = this.#options.newLink({ state: this.network, session: this.#session })
    const tab = { link, isDead: false, no: (this.#opened += 1) } as Tab
    tab.page = new Page({ base: '', platform: this.#platform(tab), origins: () => [origin] })
    this.tabs.push(tab)
    await this.#options.time.until(tab.page.start())
  }

  /** Closes a tab as a browser does when its window is closed. */
  async close(tab: Tab): Promise<void> {
    await this.#options.time.until(tab.page.close())
    this.#end(tab)
  }

  /** The tab crashes. */
  async kill(tab: Tab): Promise<void> {
    this.#end(tab)
    // what is gathered for the database is lost, what was begun is not
    await this.#options.time.settle()
  }

  async closeAll(): Promise<void> {
    for (const tab of [...this.tabs]) await this.close(tab)
  }

  /** All its connections break. */
  cut(): void {
    for (const { link } of this.tabs) link.cut()
  }

  silence(): void {
    for (const { link } of this.tabs) link.silence()
  }

  wake(): void {
    for (const run of [...this.#wakeListeners.keys()]) run()
  }

  #end(tab: Tab): void {
    tab.isDead = true
    this.tabs.splice(this.tabs.indexOf(tab), 1)
    tab.link.kill()
    for (const [run, its] of [...this.#wakeListeners]) if (its === tab) this.#wakeListeners.delete(run)
    for (const entry of [...this.#channels]) if (entry.tab === tab) this.#channels.delete(entry)
    this.#locks.release(tab)
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
      uploadTransport: uploadTransport(tab.link.fetch, time),
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
      locks: this.#locks.of(tab),
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
            queueMicrotask(
              () => void (other.tab.isDead || other.channel.onmessage?.({ data: structuredClone(data) })),
            )
        }
      },
      close: () => void this.#channels.delete(entry),
    }
    const entry = { name, tab, channel }
    this.#channels.add(entry)
    return channel
  }
}
