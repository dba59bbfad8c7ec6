import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { ChannelLike, LocksLike, StorageLike, Platform } from '../../../renderer/connection/platform.ts'
import { Hub } from '../../../renderer/state/hub.ts'
import { ManualClock, waitUntil } from './manual-clock.ts'
import { FakeHub } from './fake-hub.ts'

/** A browser with the storage that its tabs share and the state that each has. */
export class FakeBrowser {
  readonly hub: FakeHub
  readonly clock: ManualClock
  readonly storedItems = new Map<string, string>()
  indexedDB: IDBFactory | undefined = new IDBFactory()
  visible = true
  focused = true
  random = 0.5
  readonly #channels = new Set<{ name: string; channel: ChannelLike; tab: object }>()
  readonly #wakeListeners = new Set<() => void>()
  readonly #attentionListeners = new Set<() => void>()
  readonly #activityListeners = new Set<() => void>()
  readonly #hideListeners = new Set<() => void>()
  #randomCallCount = 0
  #lockQueue: Promise<unknown> = Promise.resolve()

  constructor(hub = new FakeHub(new ManualClock())) {
    this.hub = hub
    this.clock = hub.clock
  }

  /** The page in a new tab, not started. */
  openTab(changes: Partial<Platform> = {}): Hub {
    return new Hub({ base: '', platform: { ...this.platform(), ...changes } })
  }

  /** The page in a new tab, logged in and connected. */
  async openConnectedTab(changes: Partial<Platform> = {}): Promise<Hub> {
    const page = this.openTab(changes)
    await page.start()
    await waitUntilLive(page)
    return page
  }

  fireWake(): void {
    for (const run of [...this.#wakeListeners]) run()
  }

  fireActivity(): void {
    for (const run of [...this.#activityListeners]) run()
  }

  setAttention(state: { visible: boolean; focused: boolean }): void {
    Object.assign(this, state)
    for (const run of [...this.#attentionListeners]) run()
  }

  fireHide(): void {
    for (const run of [...this.#hideListeners]) run()
  }

  platform(): Platform {
    const tab = {}
    const storage: StorageLike = {
      getItem: (key) => this.storedItems.get(key) ?? null,
      setItem: (key, value) => void this.storedItems.set(key, value),
      removeItem: (key) => void this.storedItems.delete(key),
    }
    const locks: LocksLike = {
      request: (_, run) => {
        const turn = this.#lockQueue.then(run)
        this.#lockQueue = turn.catch(() => undefined)
        return turn
      },
    }
    return {
      fetch: this.hub.fetch,
      openSocket: () => this.hub.openSocket(),
      clock: this.clock,
      random: () => this.random,
      randomBytes: (count) => this.#randomBytes(count),
      indexedDB: this.indexedDB,
      storage,
      locks,
      openChannel: (name) => this.#openChannel(name, tab),
      window: {
        isVisible: () => this.visible,
        isFocused: () => this.focused,
        onWake: (run) => addListener(this.#wakeListeners, run),
        onActivity: (run) => addListener(this.#activityListeners, run),
        onAttention: (run) => addListener(this.#attentionListeners, run),
        onHide: (run) => addListener(this.#hideListeners, run),
      },
    }
  }

  /** Unique over all tabs. */
  #randomBytes(count: number): Uint8Array {
    this.#randomCallCount += 1
    return Uint8Array.from(
      { length: count },
      (_, at) => Math.floor(this.#randomCallCount / 256 ** (at % 4)) & 0xff,
    )
  }

  #openChannel(name: string, tab: object): ChannelLike {
    const entry = {
      name,
      tab,
      channel: {
        onmessage: null as ChannelLike['onmessage'],
        postMessage: (data: unknown) => {
          for (const other of this.#channels) {
            if (other.name !== name || other.tab === tab) continue
            queueMicrotask(() => other.channel.onmessage?.({ data: structuredClone(data) }))
          }
        },
        close: () => void this.#channels.delete(entry),
      },
    }
    this.#channels.add(entry)
    return entry.channel
  }
}

export async function waitUntilLive(page: Hub): Promise<void> {
  await waitUntil(() => page.connectionState.value === 'live', 'a live link')
}

function addListener(listeners: Set<() => void>, run: () => void): () => void {
  listeners.add(run)
  return () => listeners.delete(run)
}
