// The files a person is sending, from the moment they are chosen until they are in a message.
//
// - Each is kept before anything is sent: its name and how far it is, and its content as far as that is sensible: whole
//   when it is small, by its handle when the browser gives one. Else, after a restart, it is asked for again.
// - It goes up at once, also while its message is still being written; the message waits in the outbox until it is there.
// - The hub says where an upload stands, so nobody has to remember that.
// - Of several tabs the one that holds an upload's lock sends it; the others look again when they are told.
import type { File as SentFile } from '../../shared/contract/files.ts'
import { limits } from '../../shared/contract/values.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import type { SendFile, ActiveUpload } from './send-file.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type RequestError } from '../connection/request.ts'
import type { ChannelLike, Clock, LocksLike } from '../connection/platform.ts'
import type { Cache } from '../sync/cache.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, type ReadonlySignal } from '../signals/signal.ts'

/** `waiting`: for its turn or for the hub. `missing`: its content has to be chosen again. */
export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'missing'

export interface Upload {
  readonly id: string
  readonly chatId: string
  /** The message in whose thread it was chosen. */
  readonly thread?: string | undefined
  /** The message it is in, once that is in the outbox; before, it stands in the composer. */
  readonly cid: string | undefined
  readonly order: number
  readonly name: string
  readonly type: string
  readonly size: number
  readonly lastModified: number
  readonly width: number | undefined
  readonly height: number | undefined
  /** Milliseconds of sound or video. */
  readonly duration: number | undefined
  /** On the hub. */
  readonly fileId: string | undefined
  readonly sent: number
  readonly state: UploadState
  /** Why it failed, in words for a person. */
  readonly reason: string | undefined
}

interface CachedUpload extends Upload {
  readonly content?: Blob | undefined
  readonly handle?: FileSystemFileHandle | undefined
}

/** What was chosen, pasted or dropped. */
export interface PickedFile {
  readonly content: Blob
  readonly name: string
  readonly handle?: FileSystemFileHandle | undefined
}

/** What the browser finds out about a picture, sound or video, to draw it in its size from the start. */
export interface MediaSize {
  width?: number
  height?: number
  duration?: number
}

export interface UploadsOptions {
  name: string
  cache: Cache
  clock: Clock
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  endpoint: () => string
  csrf: () => string | undefined
  isLive: () => boolean
  send: SendFile
  /** Tells the hub that an upload is not wanted any more. */
  remove: (fileId: string) => Promise<void>
  readMediaSize: (content: Blob) => Promise<MediaSize>
  newId: () => string
  content: ReadonlyMap<string, unknown>
  /** One more is there, or failed: its message may go, or has to say so. */
  onChanged: () => void
}

const maxParallelUploads = 3
const maxCachedFileBytes = 32 * 1024 * 1024
const retryDelaysMs = { initial: 1_000, max: 30_000 }
/** Told so often at most, so that drawing does not compete with sending. */
const progressIntervalMs = 150

export class Uploads {
  readonly #options: UploadsOptions
  readonly #uploads = new SignalMap<Upload>()
  readonly #contents = new Map<string, Blob>()
  readonly #handles = new Map<string, FileSystemFileHandle>()
  readonly #urls = new Map<string, string>()
  /** Not yet on disk. */
  readonly #cachingIds = new Set<string>()
  readonly #activeUploads = new Map<string, ActiveUpload | undefined>()
  readonly #attachmentLists = new Map<string, ReadonlySignal<readonly Upload[]>>()
  readonly #channel: ChannelLike | undefined
  readonly #retryTimer: Timer
  #failures = 0
  #closed = false

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#retryTimer = new Timer(options.clock)
    for (const kept of options.content.values()) this.#restoreCached(kept as CachedUpload)
    this.#channel = options.openChannel?.(`${options.name}-uploads`)
    if (this.#channel) this.#channel.onmessage = () => void this.refresh()
  }

  get(id: string): Upload | undefined {
    return this.#uploads.get(id)
  }

  /** What stands in the composer of a chat or a thread, in the order in which it was chosen. Watched. */
  attachmentsOf(chatId: string, thread?: string): readonly Upload[] {
    const key = thread ?? chatId
    let tray = this.#attachmentLists.get(key)
    if (!tray) {
      tray = computed(() =>
        this.#uploads.values.value
          .filter(
            (upload) => upload.chatId === chatId && upload.thread === thread && upload.cid === undefined,
          )
          .sort((a, b) => a.order - b.order),
      )
      this.#attachmentLists.set(key, tray)
    }
    return tray.value
  }

  /** Address of its content in this window, for showing; undefined where it has none any more. */
  urlOf(id: string): string | undefined {
    const content = this.#contents.get(id)
    if (!content) return undefined
    let url = this.#urls.get(id)
    if (url === undefined) this.#urls.set(id, (url = URL.createObjectURL(content)))
    return url
  }

  /** Into the composer of a chat or a thread, and on their way. Answers how many did not fit into one message. */
  add(chatId: string, files: readonly PickedFile[], thread?: string): number {
    const { clock, newId } = this.#options
    const free = limits.attachments - this.attachmentsOf(chatId, thread).length
    const fitting = files.slice(0, Math.max(0, free))
    let order = Math.max(clock.now(), ...this.#uploads.values.peek().map((upload) => upload.order + 1))
    for (const { content, name, handle } of fitting) {
      const upload: Upload = {
        id: newId(),
        chatId,
        thread,
        cid: undefined,
        order: order++,
        name: sanitizeFileName(name),
        type: content.type,
        size: content.size,
        lastModified: content instanceof File ? content.lastModified : 0,
        width: undefined,
        height: undefined,
        duration: undefined,
        fileId: undefined,
        sent: 0,
        state: 'waiting',
        reason: undefined,
      }
      this.#contents.set(upload.id, content)
      if (handle) this.#handles.set(upload.id, handle)
      this.#uploads.set(upload.id, upload)
      this.#cachingIds.add(upload.id)
      void this.#prepare(upload, content)
    }
    return files.length - fitting.length
  }

  /** Away from the composer, and from the hub. */
  cancel(id: string): void {
    const upload = this.#uploads.peek(id)
    if (!upload) return
    this.#removeOne(id)
    if (upload.fileId !== undefined) void this.#options.remove(upload.fileId).catch(() => undefined)
    this.#startNext()
  }

  /** I am no longer in this chat: nothing that stands in its composers can go there. */
  onChatLeft(chatId: string): void {
    for (const upload of this.#uploads.values.peek()) {
      if (upload.chatId === chatId && upload.cid === undefined) this.cancel(upload.id)
    }
  }

  retry(id: string): void {
    const upload = this.#uploads.peek(id)
    if (upload?.state !== 'failed') return
    this.#cacheUpload({ ...upload, state: this.#contents.has(id) ? 'waiting' : 'missing', reason: undefined })
    this.#startNext()
  }

  /** After a restart: its content once more. Answers whether it is the same file. */
  replaceFile(id: string, content: Blob): boolean {
    const upload = this.#uploads.peek(id)
    if (!upload || content.size !== upload.size) return false
    if (content instanceof File && upload.lastModified > 0 && content.lastModified !== upload.lastModified)
      return false
    this.#contents.set(id, content)
    this.#cacheUpload({ ...upload, state: 'waiting', reason: undefined })
    this.#startNext()
    return true
  }

  /** Asks the browser for a file it knows by its handle; only while the person presses something. */
  async reopenFile(id: string): Promise<boolean> {
    const handle = this.#handles.get(id)
    const content = handle && (await readHandle(handle, true))
    return content !== undefined && this.replaceFile(id, content)
  }

  /** The composer was sent: from now on these belong to the message. */
  assign(ids: readonly string[], cid: string): void {
    batch(() => {
      for (const id of ids) {
        const upload = this.#uploads.peek(id)
        if (upload) this.#uploads.set(id, { ...upload, cid })
      }
    })
  }

  /** Their message is on disk, so they can be kept as its own. */
  restoreToComposer(ids: readonly string[]): void {
    for (const id of ids) {
      const upload = this.#uploads.peek(id)
      if (upload) this.#cacheUpload(upload)
    }
  }

  /** After a restart: what belongs to a message that is no longer in the outbox has been sent. */
  dropSent(cids: ReadonlySet<string>): void {
    for (const upload of this.#uploads.values.peek()) {
      if (upload.cid !== undefined && !cids.has(upload.cid)) this.#removeOne(upload.id)
    }
  }

  /** Ids on the hub for a message that wants to go; or why it has to wait, or cannot. */
  readyFor(ids: readonly string[]): { fileIds: string[] } | { failed: string } | 'coming' {
    const uploads = ids.map((id) => this.#uploads.peek(id))
    const failed = uploads.find((upload) => upload?.state === 'failed')
    if (failed) return { failed: failed.reason ?? '' }
    const fileIds = uploads.flatMap((upload) => (upload?.state === 'done' ? (upload.fileId ?? []) : []))
    return fileIds.length === ids.length ? { fileIds } : 'coming'
  }

  /** What the hub does not know any more goes up once more. Answers false when that is not possible. */
  retryAll(ids: readonly string[]): boolean {
    const uploads = ids.map((id) => this.#uploads.peek(id))
    if (!uploads.every((upload) => upload !== undefined)) return false
    for (const upload of uploads) {
      const state = this.#contents.has(upload.id) ? 'waiting' : 'missing'
      this.#cacheUpload({ ...upload, fileId: undefined, sent: 0, state, reason: undefined })
    }
    this.#startNext()
    return true
  }

  /** Their message is sent, or given up. */
  remove(ids: readonly string[]): void {
    for (const id of ids) this.#removeOne(id)
  }

  /** The hub is there: what waits goes on. */
  drain(): void {
    this.#failures = 0
    this.#startNext()
  }

  /** What other tabs have done meanwhile. */
  async refresh(): Promise<void> {
    const kept = await this.#options.cache.read<CachedUpload>('uploads')
    if (!kept || this.#closed) return
    batch(() => {
      for (const upload of kept.values()) if (!this.#activeUploads.has(upload.id)) this.#restoreCached(upload)
      for (const id of this.#uploads.keys()) {
        if (!kept.has(id) && !this.#cachingIds.has(id)) this.#release(id)
      }
    })
    this.#options.onChanged()
  }

  close(): void {
    this.#closed = true
    this.#retryTimer.clear()
    this.#channel?.close()
    for (const sending of this.#activeUploads.values()) sending?.stop()
    for (const url of this.#urls.values()) URL.revokeObjectURL(url)
  }

  /** As it was kept. What was on its way waits again. */
  #restoreCached({ content, handle, ...upload }: CachedUpload): void {
    if (content) this.#contents.set(upload.id, content)
    if (handle) this.#handles.set(upload.id, handle)
    const has = this.#contents.has(upload.id)
    const before = this.#uploads.peek(upload.id)
    if (upload.state === 'done' || upload.state === 'failed') this.#uploads.set(upload.id, upload)
    else this.#uploads.set(upload.id, { ...before, ...upload, state: has ? 'waiting' : 'missing' })
    if (!has && handle && upload.state !== 'done') void this.#reopenHandle(upload.id, handle)
  }

  async #reopenHandle(id: string, handle: FileSystemFileHandle): Promise<void> {
    const content = await readHandle(handle, false)
    if (content && !this.#closed) this.replaceFile(id, content)
  }

  async #prepare(upload: Upload, content: Blob): Promise<void> {
    const measure = await this.#options.readMediaSize(content)
    if (!this.#uploads.peek(upload.id)) return
    this.#cacheUpload({ ...upload, ...this.#uploads.peek(upload.id), ...measure })
    this.#startNext()
  }

  #startNext(): void {
    if (this.#closed || !this.#options.isLive() || this.#retryTimer.isSet) return
    const waiting = this.#uploads.values
      .peek()
      .filter((upload) => upload.state === 'waiting' && !this.#activeUploads.has(upload.id))
      .sort((a, b) => a.order - b.order)
    for (const upload of waiting) {
      if (this.#activeUploads.size >= maxParallelUploads) return
      const content = this.#contents.get(upload.id)
      if (content) this.#start(upload.id, content)
    }
  }

  #start(id: string, content: Blob): void {
    this.#activeUploads.set(id, undefined)
    const { locks, name } = this.#options
    const run = () => this.#send(id, content)
    void (locks ? locks.request(`${name}-upload-${id}`, run) : run()).finally(() => {
      this.#activeUploads.delete(id)
      this.#startNext()
    })
  }

  async #send(id: string, content: Blob): Promise<void> {
    const kept = (await this.#options.cache.read<CachedUpload>('uploads'))?.get(id)
    const upload = this.#uploads.peek(id)
    if (!upload || this.#closed) return
    // another tab may have brought it up while this one waited for its turn
    if (kept?.state === 'done')
      return this.#cacheUpload({ ...upload, fileId: kept.fileId, sent: kept.size, state: 'done' })
    const { endpoint, csrf, clock, send, onChanged: changed } = this.#options
    let told = 0
    const sending = send({
      endpoint: endpoint(),
      fileId: upload.fileId ?? kept?.fileId,
      content,
      metadata: tusMetadata(upload),
      csrf,
      onCreated: (fileId) => this.#update(id, { fileId }),
      onProgress: (sent) => {
        const now = clock.now()
        if (now - told < progressIntervalMs) return
        told = now
        this.#update(id, { sent, state: 'sending' }, false)
      },
    })
    this.#activeUploads.set(id, sending)
    this.#update(id, { state: 'sending' }, false)
    try {
      const fileId = await sending.done
      this.#failures = 0
      this.#update(id, { fileId, sent: upload.size, state: 'done' })
    } catch (error) {
      if (!isRequestError(error)) throw error
      this.#onRefused(id, error)
    }
    changed()
  }

  #onRefused(id: string, error: RequestError): void {
    switch (error.code) {
      case 'offline':
      case 'unauthenticated':
      case 'rate_limited':
      case 'busy':
      case 'conflict':
        this.#update(id, { state: 'waiting' })
        return this.#retryLater(error.retryAfter)
      case 'not_found':
        // it was kept too long: from the beginning
        this.#update(id, { state: 'waiting', fileId: undefined, sent: 0 })
        return this.#retryLater(undefined)
      default:
        this.#update(id, { state: 'failed', reason: error.message })
    }
  }

  #retryLater(seconds: number | undefined): void {
    const { initial: first, max: most } = retryDelaysMs
    const wait = seconds === undefined ? Math.min(most, first * 2 ** this.#failures) : seconds * 1000
    this.#failures = Math.min(this.#failures + 1, 10)
    this.#retryTimer.setIfUnset(wait, () => this.#startNext())
  }

  #update(id: string, changes: Partial<Upload>, shouldCache = true): void {
    const upload = this.#uploads.peek(id)
    if (!upload) return
    if (shouldCache) this.#cacheUpload({ ...upload, ...changes })
    else this.#uploads.set(id, { ...upload, ...changes })
  }

  #cacheUpload(upload: Upload): void {
    this.#uploads.set(upload.id, upload)
    const content = upload.size <= maxCachedFileBytes ? this.#contents.get(upload.id) : undefined
    const handle = this.#handles.get(upload.id)
    const kept: CachedUpload = { ...upload, ...(content ? { content } : {}), ...(handle ? { handle } : {}) }
    void this.#options.cache.write('uploads', upload.id, kept).then(() => {
      this.#cachingIds.delete(upload.id)
      this.#channel?.postMessage('changed')
    })
  }

  #removeOne(id: string): void {
    this.#release(id)
    void this.#options.cache.write('uploads', id, undefined).then(() => this.#channel?.postMessage('changed'))
  }

  #release(id: string): void {
    this.#cachingIds.delete(id)
    this.#activeUploads.get(id)?.stop()
    this.#uploads.delete(id)
    this.#contents.delete(id)
    this.#handles.delete(id)
    const url = this.#urls.get(id)
    // what shows it may still be on screen
    if (url !== undefined) this.#options.clock.setTimeout(() => URL.revokeObjectURL(url), 60_000)
    this.#urls.delete(id)
  }
}

/** As it will look in the message, while it is still here. */
export function toSentFile(upload: Upload): SentFile {
  const { id, name, type, size, width, height, duration } = upload
  return {
    id,
    name,
    type: type === '' ? 'application/octet-stream' : type,
    size,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(duration === undefined ? {} : { duration }),
  }
}

function tusMetadata({ name, type, width, height, duration }: Upload): Record<string, string> {
  const about: Record<string, string> = { filename: name, filetype: type }
  if (width !== undefined) about['width'] = String(width)
  if (height !== undefined) about['height'] = String(height)
  if (duration !== undefined) about['duration'] = String(duration)
  return about
}

/** Not in every browser, and after a restart only when the person says yes again. */
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
