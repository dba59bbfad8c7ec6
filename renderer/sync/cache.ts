// The page's cache of one user of a hub: the database `hubbub-<hubId>-<userId>` in IndexedDB.
//
// - Every record is complete: one that depends on a cursor contains it, so two tabs that write in turn can make a
//   record older, never wrong.
// - Writes are gathered for a moment and go out in one transaction. The outbox does not wait for that (`write`). Messages of
//   chats are gathered for longer: each of them makes the record of its chat new, and the hub has them anyway.
// - Each record is checked when it is read. One that cannot be used is deleted, unless the user has written it: an older or newer
//   release may be able to read that.
// - Without IndexedDB everything works from memory, and `memoryOnly` says so.
import { wrap, type IDBPDatabase } from 'idb'
import { Timer } from '../connection/timer.ts'
import type { Clock } from '../connection/platform.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

export const storeNames = [
  'meta',
  'chats',
  'tails',
  'outbox',
  'drafts',
  'uploads',
  'threads',
  'edits',
  'kept',
  'events',
] as const
export type StoreName = (typeof storeNames)[number]

/** All stores, as read when the cache was opened. */
export type CacheContent = Readonly<Record<StoreName, ReadonlyMap<string, unknown>>>

/** Begins the keys in `meta` of what belongs to the texts in `drafts`. */
export const draftMetaPrefix = 'draft:'

/** Returns the record as the stores can use it; undefined if they cannot. */
export type ReadRecord = (store: StoreName, key: string, value: unknown) => unknown

/** What the user has written, and the hub may not have. */
const writtenStores: readonly StoreName[] = ['outbox', 'drafts', 'uploads', 'edits', 'kept']

const schemaVersion = 5
const flushDelayMs = 300
const laterFlushDelayMs = 3_000

type Changes = Map<StoreName, Map<string, unknown>>

export class Cache {
  readonly #db: IDBPDatabase | undefined
  readonly #readRecord: ReadRecord
  readonly #memoryOnly = signal(false)
  readonly memoryOnly: ReadonlySignal<boolean> = this.#memoryOnly
  readonly #flushTimer: Timer
  readonly #laterTimer: Timer
  #changes: Changes = new Map()
  #laterChanges: Changes = new Map()
  #writing: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(db: IDBPDatabase | undefined, clock: Clock, readRecord: ReadRecord) {
    this.#db = db
    this.#readRecord = readRecord
    this.#memoryOnly.value = db === undefined
    this.#flushTimer = new Timer(clock)
    this.#laterTimer = new Timer(clock)
  }

  static async open(
    factory: IDBFactory | undefined,
    name: string,
    clock: Clock,
    readRecord: ReadRecord = (_, __, value) => value,
  ): Promise<Cache> {
    return new Cache(factory && (await openDatabase(factory, name)), clock, readRecord)
  }

  async readAll(): Promise<CacheContent> {
    const content = Object.fromEntries(
      storeNames.map((name) => [name, new Map<string, unknown>()]),
    ) as Record<StoreName, Map<string, unknown>>
    try {
      const tx = this.#db?.transaction([...storeNames], 'readonly')
      for (const name of storeNames) await this.#readInto(content[name], name, tx?.objectStore(name))
    } catch {
      this.#memoryOnly.value = true
    }
    return content
  }

  /** All records of one store as they are now, since other tabs write too. Undefined without a database. */
  async read<T>(name: StoreName): Promise<Map<string, T> | undefined> {
    if (!this.#db || this.#closed) return undefined
    try {
      const content = new Map<string, T>()
      await this.#readInto(content, name, this.#db.transaction(name, 'readonly').objectStore(name))
      return content
    } catch {
      this.#memoryOnly.value = true
      return undefined
    }
  }

  async #readInto<T>(
    content: Map<string, T>,
    name: StoreName,
    store: ReadableStore | undefined,
  ): Promise<void> {
    if (!store) return
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()])
    keys.forEach((key, at) => {
      const record = typeof key === 'string' ? this.#readRecord(name, key, values[at]) : undefined
      if (record !== undefined) content.set(key as string, record as T)
      else if (!writtenStores.includes(name) && typeof key === 'string') this.put(name, key, undefined)
    })
  }

  /** Writes soon, or within some seconds. `undefined` deletes. */
  put(name: StoreName, key: string, value: unknown, when: 'soon' | 'later' = 'soon'): void {
    if (!this.#db || this.#closed) return
    if (when === 'later') {
      this.#changes.get(name)?.delete(key)
      changesOf(this.#laterChanges, name).set(key, value)
      this.#laterTimer.setIfUnset(laterFlushDelayMs, () => void this.flush())
    } else {
      this.#laterChanges.get(name)?.delete(key)
      changesOf(this.#changes, name).set(key, value)
      this.#flushTimer.setIfUnset(flushDelayMs, () => this.#flushSoon())
    }
  }

  /** Writes now; resolves once it is on disk. `undefined` deletes. */
  async write(name: StoreName, key: string, value: unknown): Promise<void> {
    await this.#save(new Map([[name, new Map<string, unknown>([[key, value]])]]), 'strict')
  }

  /** Writes everything that is gathered. */
  async flush(): Promise<void> {
    this.#laterTimer.clear()
    for (const [name, records] of this.#laterChanges) {
      for (const [key, value] of records) changesOf(this.#changes, name).set(key, value)
    }
    this.#laterChanges = new Map()
    this.#flushSoon()
    await this.#writing
  }

  #flushSoon(): void {
    this.#flushTimer.clear()
    const changes = this.#changes
    this.#changes = new Map()
    if (changes.size > 0) this.#writing = this.#save(changes, 'relaxed')
  }

  /** Deletes all stores but these. Drafts keep their records in `meta`, which say what the hub does not have yet. */
  async purge(keep: readonly StoreName[]): Promise<void> {
    const gone = storeNames.filter((name) => !keep.includes(name))
    const keptPrefix = keep.includes('drafts') ? draftMetaPrefix : undefined
    for (const changes of [this.#changes, this.#laterChanges]) {
      for (const name of gone) {
        const kept = [...(changes.get(name) ?? [])].filter(([key]) => isKept(name, key, keptPrefix))
        changes.set(name, new Map(kept))
      }
    }
    if (!this.#db || this.#closed) return
    try {
      const tx = this.#db.transaction(gone, 'readwrite')
      const deletions = gone.flatMap((name) => {
        const store = tx.objectStore(name)
        if (name !== 'meta' || keptPrefix === undefined) return [store.clear()]
        return [
          store.delete(IDBKeyRange.upperBound(keptPrefix, true)),
          store.delete(IDBKeyRange.lowerBound(`${keptPrefix}\uffff`)),
        ]
      })
      await Promise.all([...deletions, tx.done])
    } catch {
      this.#memoryOnly.value = true
    }
  }

  async close(): Promise<void> {
    await this.flush()
    this.#closed = true
    this.#flushTimer.clear()
    this.#db?.close()
  }

  async #save(
    changes: ReadonlyMap<StoreName, ReadonlyMap<string, unknown>>,
    durability: IDBTransactionDurability,
  ): Promise<void> {
    if (!this.#db || this.#closed) return
    try {
      const tx = this.#db.transaction([...changes.keys()], 'readwrite', { durability })
      const requests = [...changes].flatMap(([name, records]) =>
        [...records].map(([key, value]) =>
          value === undefined ? tx.objectStore(name).delete(key) : tx.objectStore(name).put(value, key),
        ),
      )
      // Commit at once: a page that is being closed no longer gets the events that would commit it.
      tx.commit()
      await Promise.all([...requests, tx.done])
    } catch {
      // The disk is full, or the browser has deleted the database. The screen stays right; only the cache is
      // incomplete.
      this.#memoryOnly.value = true
    }
  }
}

function isKept(name: StoreName, key: string, prefix: string | undefined): boolean {
  return name === 'meta' && prefix !== undefined && key.startsWith(prefix)
}

function changesOf(changes: Changes, name: StoreName): Map<string, unknown> {
  let records = changes.get(name)
  if (!records) changes.set(name, (records = new Map<string, unknown>()))
  return records
}

interface ReadableStore {
  getAllKeys(): Promise<IDBValidKey[]>
  getAll(): Promise<unknown[]>
}

async function openDatabase(factory: IDBFactory, name: string): Promise<IDBPDatabase | undefined> {
  try {
    const request = factory.open(name, schemaVersion)
    request.onupgradeneeded = () => {
      const there = request.result.objectStoreNames
      for (const store of storeNames) if (!there.contains(store)) request.result.createObjectStore(store)
    }
    const db = (await wrap(request)) as IDBPDatabase
    // A newer page in another tab wants to upgrade the database: close this connection.
    db.onversionchange = () => db.close()
    return db
  } catch {
    return undefined
  }
}
