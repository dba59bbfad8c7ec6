/** What the engine takes from the world around it, passed in so that tests bring a clock and a socket of their own. */
export interface Platform {
  fetch: typeof globalThis.fetch
  /** Opens a socket to an absolute or relative address. */
  openSocket: (address: string) => SocketLike
  clock: Clock
  /** 0 ≤ n < 1. */
  random: () => number
  randomBytes: (count: number) => Uint8Array
  /** Absent where there is none (some private windows): what is kept then lives in memory only. */
  indexedDB: IDBFactory | undefined
  storage: StorageLike
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  window: WindowLike
}

export interface Clock {
  now(): number
  setTimeout(run: () => void, ms: number): TimerHandle
  clearTimeout(timer: TimerHandle): void
}

/** What setTimeout gave; undefined means none. */
export type TimerHandle = unknown

export interface SocketLike {
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string): void
  close(): void
}

export interface StorageLike {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** `navigator.locks`, as far as it is used. */
export interface LocksLike {
  request(name: string, run: () => Promise<void>): Promise<unknown>
}

/** A BroadcastChannel: what one tab posts, the others of the same name get. */
export interface ChannelLike {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
}

export interface WindowLike {
  isVisible(): boolean
  isFocused(): boolean
  /** The network is back, the window was shown or focused: a good moment to try again. */
  onWake(run: () => void): () => void
  /** The person did something here (a key, the pointer), at most once a second. */
  onActivity(run: () => void): () => void
  /** Shown or hidden, focused or left. */
  onAttention(run: () => void): () => void
  /** The page may go at any moment: write what waits. */
  onHide(run: () => void): () => void
}

/** The real ones, of the browser we run in. */
export function browserPlatform(): Platform {
  return {
    fetch: (input, init) => fetch(input, init),
    openSocket: (address) => new WebSocket(address) as unknown as SocketLike,
    clock: {
      now: () => Date.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    },
    random: Math.random,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    indexedDB: globalThis.indexedDB,
    storage: safeStorage(),
    locks: 'locks' in navigator ? navigator.locks : undefined,
    openChannel:
      'BroadcastChannel' in globalThis
        ? (name) => new BroadcastChannel(name) as unknown as ChannelLike
        : undefined,
    window: browserWindow(),
  }
}

/** localStorage throws where it is switched off; what it remembers is a convenience. */
function safeStorage(): StorageLike {
  try {
    const { localStorage } = globalThis
    localStorage.getItem('')
    return {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => {
        try {
          localStorage.setItem(key, value)
        } catch {
          // Full: it is a convenience.
        }
      },
      removeItem: (key) => localStorage.removeItem(key),
    }
  } catch {
    const held = new Map<string, string>()
    return {
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => void held.set(key, value),
      removeItem: (key) => void held.delete(key),
    }
  }
}

function browserWindow(): WindowLike {
  const isVisible = () => document.visibilityState === 'visible'
  return {
    isVisible,
    isFocused: () => document.hasFocus(),
    onWake: (run) => {
      const ifVisible = () => {
        if (isVisible()) run()
      }
      return combineUnsubscribes([
        addListener(window, 'online', run),
        addListener(window, 'focus', run),
        addListener(window, 'pageshow', run),
        addListener(document, 'visibilitychange', ifVisible),
      ])
    },
    onActivity: (run) => {
      let last = 0
      const once = () => {
        if (Date.now() - last < 1000) return
        last = Date.now()
        run()
      }
      return combineUnsubscribes(
        ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'].map((name) =>
          addListener(window, name, once),
        ),
      )
    },
    onAttention: (run) =>
      combineUnsubscribes([
        addListener(window, 'focus', run),
        addListener(window, 'blur', run),
        addListener(document, 'visibilitychange', run),
      ]),
    onHide: (run) =>
      combineUnsubscribes([
        addListener(window, 'pagehide', run),
        addListener(document, 'visibilitychange', () => {
          if (!isVisible()) run()
        }),
      ]),
  }
}

function addListener(target: EventTarget, name: string, run: () => void): () => void {
  const options = { passive: true, capture: true }
  target.addEventListener(name, run, options)
  return () => target.removeEventListener(name, run, options)
}

function combineUnsubscribes(unsubscribes: (() => void)[]): () => void {
  return () => {
    for (const off of unsubscribes) off()
  }
}
