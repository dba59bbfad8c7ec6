import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type {
  ChannelLike,
  LocksLike,
  StorageLike,
  Surroundings,
} from '../../../renderer/link/surroundings.ts'
import { Hub } from '../../../renderer/state/hub.ts'
import { ManualClock, until } from './clock.ts'
import { FakeHub } from './fake-hub.ts'

/** A browser: what its tabs share, and what each of them sees. */
export class FakeBrowser {
  readonly hub: FakeHub
  readonly clock: ManualClock
  readonly held = new Map<string, string>()
  indexedDB: IDBFactory | undefined = new IDBFactory()
  visible = true
  focused = true
  random = 0.5
  readonly #channels = new Set<{ name: string; channel: ChannelLike; tab: object }>()
  readonly #wake = new Set<() => void>()
  readonly #attention = new Set<() => void>()
  readonly #activity = new Set<() => void>()
  readonly #hide = new Set<() => void>()
  #bytes = 0
  #locked: Promise<unknown> = Promise.resolve()

  constructor(hub = new FakeHub(new ManualClock())) {
    this.hub = hub
    this.clock = hub.clock
  }

  /** The page in a new tab, not yet started. */
  openTab(changes: Partial<Surroundings> = {}): Hub {
    return new Hub({ base: '', surroundings: { ...this.surroundings(), ...changes } })
  }

  /** The page in a new tab, logged in and live. */
  async openLive(changes: Partial<Surroundings> = {}): Promise<Hub> {
    const page = this.openTab(changes)
    await page.start()
    await untilLive(page)
    return page
  }

  wake(): void {
    for (const run of [...this.#wake]) run()
  }

  act(): void {
    for (const run of [...this.#activity]) run()
  }

  look(state: { visible: boolean; focused: boolean }): void {
    Object.assign(this, state)
    for (const run of [...this.#attention]) run()
  }

  goAway(): void {
    for (const run of [...this.#hide]) run()
  }

  surroundings(): Surroundings {
    const tab = {}
    const storage: StorageLike = {
      getItem: (key) => this.held.get(key) ?? null,
      setItem: (key, value) => void this.held.set(key, value),
      removeItem: (key) => void this.held.delete(key),
    }
    const locks: LocksLike = {
      request: (_, run) => {
        const turn = this.#locked.then(run)
        this.#locked = turn.catch(() => undefined)
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
        onWake: (run) => listen(this.#wake, run),
        onActivity: (run) => listen(this.#activity, run),
        onAttention: (run) => listen(this.#attention, run),
        onHide: (run) => listen(this.#hide, run),
      },
    }
  }

  /** Never the same twice, in whatever tab. */
  #randomBytes(count: number): Uint8Array {
    this.#bytes += 1
    return Uint8Array.from({ length: count }, (_, at) => Math.floor(this.#bytes / 256 ** (at % 4)) & 0xff)
  }

  #openChannel(name: string, tab: object): ChannelLike {
    const place = {
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
        close: () => void this.#channels.delete(place),
      },
    }
    this.#channels.add(place)
    return place.channel
  }
}

export async function untilLive(page: Hub): Promise<void> {
  await until(() => page.linkState.value === 'live', 'a live link')
}

function listen(listeners: Set<() => void>, run: () => void): () => void {
  listeners.add(run)
  return () => listeners.delete(run)
}
