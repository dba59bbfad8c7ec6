// The files a user sends, from the choice until they are in a message.
//
// - Each upload is cached before anything is sent: its name, its progress and its content. Small content is cached
//   whole, other content by its file handle if the browser gives one. Without either, the user has to choose the file
//   again after a restart.
// - It is sent at once, while the message is still being written. The message waits in the outbox for it.
// - The hub knows the offset of an upload, so the page does not store it.
// - Of several tabs, the one that holds the lock of an upload sends it. The others read the cache again when it
//   changes.
import { limits } from '../../shared/contract/values.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import { nextChunkBytes, type SendFile, type ActiveUpload } from './send-file.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type RequestError } from '../connection/request.ts'
import type { ChannelLike, Clock, LocksLike } from '../connection/platform.ts'
import type { Cache } from '../sync/cache.ts'
import type { Store } from './store.ts'
import { maxCachedFileBytes, UploadContents } from './upload-contents.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, type ReadonlySignal } from '../signals/signal.ts'
import type { PendingMessage } from './pending-message.ts'
import { lostUpload, type MediaSize, type PickedFile, type Upload, tusMetadata, withFile } from './upload.ts'

interface CachedUpload extends Upload {
  readonly content?: Blob | undefined
  readonly handle?: FileSystemFileHandle | undefined
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
  /** Cancels an upload on the hub. */
  remove: (fileId: string) => Promise<void>
  readMediaSize: (content: Blob) => Promise<MediaSize>
  newId: () => string
  content: ReadonlyMap<string, unknown>
  /** An upload is complete or has failed: its message may be sent, or has to show that. */
  onChanged: () => void
}

const maxParallelUploads = 3

const retryDelaysMs = { initial: 1_000, max: 30_000 }

/** Progress is reported at most this often, so that drawing does not compete with sending. */
const progressIntervalMs = 150

export class Uploads implements Store {
  readonly #options: UploadsOptions
  readonly #uploads = new SignalMap<Upload>()
  readonly #contents: UploadContents
  /** Uploads that are not on disk yet. */
  readonly #cachingIds = new Set<string>()
  /** Uploads whose picture, sound or video is being measured: the first request carries its size. */
  readonly #measuringIds = new Set<string>()
  /** Uploads of messages that were sent in this tab: another tab may have sent the same composer a moment before. */
  readonly #assignedIds = new Set<string>()
  readonly #activeUploads = new Map<string, ActiveUpload | undefined>()
  readonly #attachmentLists = new Map<string, ReadonlySignal<readonly Upload[]>>()
  readonly #channel: ChannelLike | undefined
  readonly #retryTimer: Timer
  #failures = 0
  /** The size of chunks that suits the connection, once it is known. */
  #chunkBytes: number | undefined
  #closed = false

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#contents = new UploadContents(options)
    this.#retryTimer = new Timer(options.clock)
    for (const cached of options.content.values()) this.#restoreCached(cached as CachedUpload)
    this.#channel = options.openChannel?.(`${options.name}-uploads`)
    if (this.#channel) this.#channel.onmessage = () => void this.refresh()
  }

  get(id: string): Upload | undefined {
    return this.#uploads.get(id)
  }

  /** The uploads in the composer of a chat or a thread, in the order in which they were chosen. Watched. */
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

  /** Address of its content in this window, for display; undefined if the content is not here. */
  urlOf(id: string): string | undefined {
    return this.#contents.urlOf(id)
  }

  /**
   * Adds files to the composer of a chat or a thread, and sends them. Returns how many did not fit into one message.
   */
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
      this.#contents.set(upload.id, content, handle)
      this.#uploads.set(upload.id, upload)
      this.#cachingIds.add(upload.id)
      // at once: reading the size of a picture takes a while, and the message may be sent before
      this.#cacheUpload(upload)
      void this.#prepare(upload, content)
    }
    return files.length - fitting.length
  }

  /** Removes it from the composer, and from the hub. */
  cancel(id: string): void {
    const upload = this.#uploads.peek(id)
    if (!upload) return
    this.#removeOne(id)
    if (upload.fileId !== undefined) void this.#options.remove(upload.fileId).catch(() => undefined)
    this.#startNext()
  }

  /** The user left the chat: uploads in its composers cannot be sent there. */
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

  /** Takes the content again after a restart. Returns true if it is the same file. */
  replaceFile(id: string, content: Blob): boolean {
    const upload = this.#uploads.peek(id)
    if (!upload) return false
    const found = withFile(upload, content)
    if (content.size !== found.size) return false
    if (content instanceof File && found.lastModified > 0 && content.lastModified !== found.lastModified)
      return false
    this.#contents.set(id, content)
    this.#cacheUpload({ ...found, state: 'waiting', reason: undefined })
    if (found === upload) this.#startNext()
    else void this.#prepare(found, content)
    return true
  }

  /** Asks the browser for a file by its handle; only works in response to a user's action. */
  async reopenFile(id: string): Promise<boolean> {
    const content = await this.#contents.read(id, true)
    return content !== undefined && this.replaceFile(id, content)
  }

  /** The composer was sent: from now on these belong to the message. */
  assign(
    ids: readonly string[],
    { cid, chatId, thread }: Pick<PendingMessage, 'cid' | 'chatId' | 'thread'>,
  ): void {
    batch(() => {
      for (const [at, id] of ids.entries()) {
        const upload = this.#uploads.peek(id) ?? lostUpload({ id, chatId, thread, order: at })
        this.#assignedIds.add(id)
        this.#uploads.set(id, { ...upload, cid })
      }
    })
  }

  /** The message is on disk, so they can be cached as its own. */
  restoreToComposer(ids: readonly string[]): void {
    for (const id of ids) {
      const upload = this.#uploads.peek(id)
      if (upload) this.#cacheUpload(upload)
    }
  }

  /** After a restart: uploads of a message that is no longer in the outbox are done. */
  dropSent(cids: ReadonlySet<string>): void {
    for (const upload of this.#uploads.values.peek()) {
      if (upload.cid !== undefined && !cids.has(upload.cid)) this.#removeOne(upload.id)
    }
  }

  /** The ids on the hub for a message that is to be sent, or why it waits or fails. */
  readyFor(ids: readonly string[]): { fileIds: string[] } | { failed: string } | 'coming' {
    const uploads = ids.map((id) => this.#uploads.peek(id))
    const failed = uploads.find((upload) => upload?.state === 'failed')
    if (failed) return { failed: failed.reason ?? '' }
    const fileIds = uploads.flatMap((upload) => (upload?.state === 'done' ? (upload.fileId ?? []) : []))
    return fileIds.length === ids.length ? { fileIds } : 'coming'
  }

  /** Uploads files again that the hub no longer knows. Returns false if that is not possible. */
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

  /** The message is sent or discarded. */
  remove(ids: readonly string[]): void {
    for (const id of ids) this.#removeOne(id)
  }

  onState(): void {
    this.drain()
  }

  /** The hub is reachable: uploads that wait go on. */
  drain(): void {
    this.#failures = 0
    this.#startNext()
  }

  /** Reads the changes of other tabs. */
  async refresh(): Promise<void> {
    const cached = await this.#options.cache.read<CachedUpload>('uploads')
    if (!cached || this.#closed) return
    batch(() => {
      for (const upload of cached.values())
        if (!this.#activeUploads.has(upload.id)) this.#restoreCached(upload)
      for (const id of this.#uploads.keys()) {
        const isOfHere = this.#cachingIds.has(id) || this.#assignedIds.has(id)
        if (!cached.has(id) && !isOfHere) this.#release(id)
      }
    })
    this.#options.onChanged()
  }

  close(): void {
    this.#closed = true
    this.#retryTimer.clear()
    this.#channel?.close()
    for (const sending of this.#activeUploads.values()) sending?.stop()
    this.#contents.close()
  }

  /** Restores a cached upload. One that was on its way waits again. */
  #restoreCached({ content, handle, ...upload }: CachedUpload): void {
    this.#contents.set(upload.id, content, handle)
    const has = this.#contents.has(upload.id)
    const before = this.#uploads.peek(upload.id)
    if (upload.state === 'done' || upload.state === 'failed') this.#uploads.set(upload.id, upload)
    else {
      const isComing =
        has ||
        (before?.state !== 'missing' &&
          this.#contents.afterOtherTabs(upload.id, () => this.#noteMissing(upload.id)))
      this.#uploads.set(upload.id, { ...before, ...upload, state: isComing ? 'waiting' : 'missing' })
    }
    if (!has && handle && upload.state !== 'done') void this.#reopenHandle(upload.id)
  }

  #noteMissing(id: string): void {
    if (this.#uploads.peek(id)?.state === 'waiting' && !this.#contents.has(id))
      this.#update(id, { state: 'missing' }, false)
  }

  async #reopenHandle(id: string): Promise<void> {
    const content = await this.#contents.read(id, false)
    if (content && !this.#closed) this.replaceFile(id, content)
  }

  async #prepare(upload: Upload, content: Blob): Promise<void> {
    this.#measuringIds.add(upload.id)
    const measure = await this.#options.readMediaSize(content)
    this.#update(upload.id, measure, Object.keys(measure).length > 0)
    this.#measuringIds.delete(upload.id)
    this.#startNext()
  }

  #startNext(): void {
    if (this.#closed || !this.#options.isLive() || this.#retryTimer.isSet) return
    const waiting = this.#uploads.values
      .peek()
      .filter(
        ({ id, state }) => state === 'waiting' && !this.#activeUploads.has(id) && !this.#measuringIds.has(id),
      )
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
    const cached = (await this.#options.cache.read<CachedUpload>('uploads'))?.get(id)
    const upload = this.#uploads.peek(id)
    if (!upload || this.#closed) return
    // Another tab may have completed it while this one waited for its turn.
    if (cached?.state === 'done')
      return this.#cacheUpload({ ...upload, fileId: cached.fileId, sent: cached.size, state: 'done' })
    const { endpoint, csrf, clock, send, onChanged: changed } = this.#options
    let reportedAt = 0
    const sending = send({
      endpoint: endpoint(),
      fileId: upload.fileId ?? cached?.fileId,
      content,
      metadata: tusMetadata(upload),
      csrf,
      chunkBytes: this.#chunkBytes,
      now: () => clock.now(),
      onChunkBytes: (bytes) => {
        this.#chunkBytes = bytes
      },
      onCreated: (fileId) => this.#update(id, { fileId }),
      onProgress: (sent) => {
        const now = clock.now()
        if (now - reportedAt < progressIntervalMs) return
        reportedAt = now
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
      // a weak link that still moves is no reason to wait longer
      if ((this.#uploads.peek(id)?.sent ?? 0) > upload.sent) this.#failures = 0
      // a lost connection costs the rest of its chunk
      if (this.#chunkBytes !== undefined) this.#chunkBytes = nextChunkBytes(this.#chunkBytes, Infinity)
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
        // The hub has deleted the unfinished upload: it starts again.
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
    const handle = this.#contents.handleOf(upload.id)
    const cached: CachedUpload = { ...upload, ...(content ? { content } : {}), ...(handle ? { handle } : {}) }
    void this.#options.cache.write('uploads', upload.id, cached).then(() => {
      this.#cachingIds.delete(upload.id)
      this.#postChange()
    })
  }

  /** Uploads that a close stops are stored after it, when the channel takes nothing. */
  #postChange(): void {
    if (!this.#closed) this.#channel?.postMessage('changed')
  }

  #removeOne(id: string): void {
    this.#release(id)
    void this.#options.cache.write('uploads', id, undefined).then(() => this.#postChange())
  }

  #release(id: string): void {
    this.#cachingIds.delete(id)
    this.#measuringIds.delete(id)
    this.#assignedIds.delete(id)
    this.#activeUploads.get(id)?.stop()
    this.#uploads.delete(id)
    this.#contents.delete(id)
  }
}
