import type { Platform, TimerHandle } from '../../renderer/connection/platform.ts'
import { Hub as Page } from '../../renderer/state/hub.ts'
import { storeNames } from '../../renderer/sync/cache.ts'
import type { CacheRecord } from './page-examples.ts'
import { me, meta } from './page-examples.ts'
import type { FakeHub } from './fake-hub.ts'

/*
 * A page in this process with storage that is made up, on a clock of its own. It notes what the page throws in timers, frames and
 * promises, where a browser would only report it.
 */

const stepMs = 250
/** A transaction of the database takes some turns of the loop. */
const turnsPerStep = 4
const schemaVersion = 5

export class PageHost {
  readonly hub: FakeHub
  readonly page: Page
  readonly #indexedDB: IDBFactory
  readonly #timers = new Map<number, { at: number; run: () => void }>()
  readonly #thrown: unknown[] = []
  #now = 1_796_000_100_000
  #timerCount = 0
  #randomCount = 0

  constructor(hub: FakeHub, { indexedDB, session }: { indexedDB: IDBFactory; session: string }) {
    this.hub = hub
    this.#indexedDB = indexedDB
    hub.run = (work) => this.#run(work)
    process.on('unhandledRejection', this.#noteThrown)
    const storage = new Map([['hubbub', session]])
    const platform: Platform = {
      ...{ fetch: hub.fetch, openSocket: hub.openSocket, indexedDB },
      ...{ locks: undefined, openChannel: undefined, random: () => 0.5 },
      randomBytes: (count) => new Uint8Array(count).fill((this.#randomCount += 1)),
      clock: {
        now: () => this.#now,
        setTimeout: (run, ms) => this.#setTimer(run, ms),
        clearTimeout: (timer: TimerHandle) => void this.#timers.delete(timer as number),
      },
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: (key) => void storage.delete(key),
      },
      window: {
        ...{ isVisible: () => true, isFocused: () => true, onWake: () => () => undefined },
        ...{
          onActivity: () => () => undefined,
          onAttention: () => () => undefined,
          onHide: () => () => undefined,
        },
      },
    }
    this.page = new Page({ base: '', platform, origins: () => ['http://team.test:7788'] })
  }

  /** Puts records into the cache of the user. */
  async fill(records: readonly CacheRecord[]): Promise<void> {
    const db = await this.#openDatabase()
    const tx = db.transaction([...storeNames], 'readwrite')
    for (const { store, key, value } of records) tx.objectStore(store).put(value, key)
    const { promise, resolve } = Promise.withResolvers<void>()
    tx.oncomplete = () => resolve()
    await promise
    db.close()
  }

  async keysOf(store: CacheRecord['store']): Promise<readonly unknown[]> {
    const db = await this.#openDatabase()
    const request = db.transaction(store).objectStore(store).getAllKeys()
    const { promise, resolve } = Promise.withResolvers<readonly unknown[]>()
    request.onsuccess = () => resolve(request.result)
    const keys = await promise
    db.close()
    return keys
  }

  /** Returns true if the page has opened with what is cached. */
  async start(): Promise<boolean> {
    await this.page.start()
    await this.#settle()
    return this.page.session.status.peek() === 'in'
  }

  /** Lets time pass until it is so, or for this long. A wait between two attempts is cut short. */
  async until(isSo: () => boolean, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.#settle()
      if (isSo()) return
      this.page.retryNow()
      this.#advance(stepMs)
    }
  }

  /** What was thrown where nobody catches it. */
  thrown(): string | undefined {
    const [error] = this.#thrown
    return error === undefined
      ? undefined
      : `it throws ${error instanceof Error ? (error.stack ?? '') : JSON.stringify(error)}`
  }

  async close(): Promise<void> {
    await this.page.close()
    await this.#settle()
    process.off('unhandledRejection', this.#noteThrown)
  }

  readonly #noteThrown = (error: unknown): void => void this.#thrown.push(error)

  #run(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#thrown.push(error)
    }
  }

  #setTimer(run: () => void, ms: number): number {
    this.#timerCount += 1
    this.#timers.set(this.#timerCount, { at: this.#now + ms, run })
    return this.#timerCount
  }

  #advance(ms: number): void {
    this.#now += ms
    const due = [...this.#timers]
      .filter(([, { at }]) => !(at > this.#now))
      .sort(([, a], [, b]) => a.at - b.at)
    for (const [timer, { run }] of due) if (this.#timers.delete(timer)) this.#run(run)
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < turnsPerStep; turn += 1)
      await new Promise<void>((resolve) => void setImmediate(resolve))
  }

  async #openDatabase(): Promise<IDBDatabase> {
    const request = this.#indexedDB.open(`hubbub-${meta.hubId}-${me.id}`, schemaVersion)
    request.onupgradeneeded = () => {
      const { result: db } = request
      for (const name of storeNames) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name)
    }
    const { promise, resolve } = Promise.withResolvers<IDBDatabase>()
    request.onsuccess = () => resolve(request.result)
    return promise
  }
}
