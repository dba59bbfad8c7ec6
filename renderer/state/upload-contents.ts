import type { Clock } from '../connection/platform.ts'

/** An element may show a content for this long after its upload is gone. */
const urlLifetimeMs = 60_000

/** The contents of uploads in this window: the bytes, the file handle if the browser gave one, and an address for display. */
export class UploadContents {
  readonly #clock: Clock
  readonly #contents = new Map<string, Blob>()
  readonly #handles = new Map<string, FileSystemFileHandle>()
  readonly #urls = new Map<string, string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(id: string, content: Blob | undefined, handle?: FileSystemFileHandle): void {
    if (content) this.#contents.set(id, content)
    if (handle) this.#handles.set(id, handle)
  }

  get(id: string): Blob | undefined {
    return this.#contents.get(id)
  }

  has(id: string): boolean {
    return this.#contents.has(id)
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
    const url = this.#urls.get(id)
    if (url !== undefined) this.#clock.setTimeout(() => URL.revokeObjectURL(url), urlLifetimeMs)
    this.#urls.delete(id)
  }

  close(): void {
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
