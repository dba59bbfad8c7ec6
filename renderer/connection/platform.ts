import type { UploadOptions } from 'tus-js-client'

/** What the engine needs of its environment, passed in so that tests bring their own clock and socket. */
export interface Platform {
  fetch: typeof globalThis.fetch
  /** How files are sent, where there is no document and no XMLHttpRequest. */
  uploadTransport?: UploadTransport | undefined
  /** Opens a socket to an absolute or relative address. */
  openSocket: (address: string) => SocketLike
  clock: Clock
  /** 0 ≤ n < 1. */
  random: () => number
  randomBytes: (count: number) => Uint8Array
  /** Undefined in some private windows: the cache then lives in memory only. */
  indexedDB: IDBFactory | undefined
  storage: StorageLike
  /** Ends with the tab. */
  tabStorage?: StorageLike | undefined
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  window: WindowLike
}

export interface UploadTransport {
  /** The address of the page. */
  baseAddress: string
  tus: Required<Pick<UploadOptions, 'httpStack' | 'fileReader'>>
}

export interface Clock {
  now(): number
  setTimeout(run: () => void, ms: number): TimerHandle
  clearTimeout(timer: TimerHandle): void
}

/** The return value of setTimeout. */
export type TimerHandle = unknown

export interface SocketLike {
  /** As of a WebSocket; one of the desktop app takes messages until it has closed. */
  readonly readyState?: number
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

/** The part of `navigator.locks` that is used. */
export interface LocksLike {
  request(name: string, run: () => Promise<void>): Promise<unknown>
}

/** A BroadcastChannel: a message from one tab reaches all others with the same name. */
export interface ChannelLike {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
}

export interface WindowLike {
  isVisible(): boolean
  isFocused(): boolean
  /** The network is back, or the window was shown or focused: a good moment for an attempt. */
  onWake(run: () => void): () => void
  /** The user pressed a key or moved the pointer; at most once a second. */
  onActivity(run: () => void): () => void
  /** The window was shown, hidden, focused or blurred. */
  onAttention(run: () => void): () => void
  /** The page may be closed at any moment: write what waits. */
  onHide(run: () => void): () => void
}

/** The real platform of the browser. */
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
    indexedDB: readIndexedDB(),
    storage: safeStorage(() => globalThis.localStorage),
    tabStorage: safeStorage(() => globalThis.sessionStorage),
    locks: 'locks' in navigator ? navigator.locks : undefined,
    openChannel:
      'BroadcastChannel' in globalThis
        ? (name) => new BroadcastChannel(name) as unknown as ChannelLike
        : undefined,
    window: browserWindow(),
  }
}

/** A browser that blocks the data of sites may throw. */
function readIndexedDB(): IDBFactory | undefined {
  try {
    return globalThis.indexedDB
  } catch {
    return undefined
  }
}

/** The storage throws if it is disabled. It holds conveniences only, so memory takes its place. */
function safeStorage(open: () => Storage): StorageLike {
  try {
    const storage = open()
    storage.getItem('')
    return {
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => {
        try {
          storage.setItem(key, value)
        } catch {
          // The storage is full. It holds conveniences only.
        }
      },
      removeItem: (key) => storage.removeItem(key),
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
