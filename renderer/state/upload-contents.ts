import type { Clock, LocksLike } from '../connection/platform.ts'

/** Larger content is not cached: only the tab in which it was chosen has it, or who may open its file by a handle. */
export const maxCachedFileBytes = 32 * 1024 * 1024

/** An element may show a content for this long after its upload is gone. */
const urlLifetimeMs = 60_000

/**
 * The contents of uploads in this window: the bytes, the file handle if the browser gave one, and an address for display. A tab
 * holds a lock for each content that it alone has.
 */
export class UploadContents {
  readonly #clock: Clock
  readonly #locks: LocksLike | undefined
  readonly #name: string
  /** Gives up the lock of a content. */
  readonly #releases = new Map<string, () => void>()
  readonly #awaitedIds = new Set<string>()
  readonly #contents = new Map<string, Blob>()
  readonly #handles = new Map<string, FileSystemFileHandle>()
  readonly #urls = new Map<string, string>()

  constructor({ clock, locks, name }: { clock: Clock; locks: LocksLike | undefined; name: string }) {
    this.#clock = clock
    this.#locks = locks
    this.#name = name
  }

  set(id: string, content: Blob | undefined, handle?: FileSystemFileHandle): void {
    if (content) this.#contents.set(id, content)
    if (content && content.size > maxCachedFileBytes && !this.#releases.has(id)) this.#hold(id)
    if (handle) this.#handles.set(id, handle)
  }

  get(id: string): Blob | undefined {
    return this.#contents.get(id)
  }

  has(id: string): boolean {
    return this.#contents.has(id)
  }

  /** Calls `run` once no tab has the content. Returns false if that cannot be known. */
  afterOtherTabs(id: string, run: () => void): boolean {
    if (!this.#locks) return false
    if (this.#awaitedIds.has(id)) return true
    this.#awaitedIds.add(id)
    void this.#locks.request(this.#lockOf(id), () => {
      this.#awaitedIds.delete(id)
      run()
      return Promise.resolve()
    })
    return true
  }

  #hold(id: string): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#releases.set(id, resolve)
    void this.#locks?.request(this.#lockOf(id), () => promise)
  }

  #lockOf(id: string): string {
    return `${this.#name}-content-${id}`
  }

  handleOf(id: string): FileSystemFileHandle | undefined {
    return this.#handles.get(id)
  }

  /** Undefined if the content is not here. */
  urlOf(id: string): string | undefined {
    const content = this.#contents.get(id)
    if (!content) return undefined
    let url = this.#urls.get(id)
    if (url === undefined) this.#urls.set(id, (url = URL.createObjectURL(content)))
    return url
  }

  /** Reads a file by its handle. `ask`: the browser may ask the user, which it does only in response to their action. */
  async read(id: string, ask: boolean): Promise<Blob | undefined> {
    const handle = this.#handles.get(id)
    return handle && (await readHandle(handle, ask))
  }

  delete(id: string): void {
    this.#contents.delete(id)
    this.#handles.delete(id)
    this.#releases.get(id)?.()
    this.#releases.delete(id)
    const url = this.#urls.get(id)
    if (url !== undefined) this.#clock.setTimeout(() => URL.revokeObjectURL(url), urlLifetimeMs)
    this.#urls.delete(id)
  }

  close(): void {
    for (const release of this.#releases.values()) release()
    for (const url of this.#urls.values()) URL.revokeObjectURL(url)
  }
}

/** Not every browser has handles, and after a restart the user has to allow it again. */
async function readHandle(
  handle: FileSystemFileHandle,
  requestPermission: boolean,
): Promise<Blob | undefined> {
  interface Asking {
    queryPermission?: (options: { mode: 'read' }) => Promise<PermissionState>
    requestPermission?: (options: { mode: 'read' }) => Promise<PermissionState>
  }
  const asking = handle as unknown as Asking
  try {
    let state = await asking.queryPermission?.({ mode: 'read' })
    if (state === 'prompt' && requestPermission) state = await asking.requestPermission?.({ mode: 'read' })
    return state === 'granted' ? await handle.getFile() : undefined
  } catch {
    return undefined
  }
}
