import type { FileRow } from './queries.ts'

/** Names the received bytes of an upload. `suffix` changes if they are to be others. */
export type UploadName = Pick<FileRow, 'id' | 'suffix'>

/** An upload as its row says. */
export type UploadRow = UploadName & Pick<FileRow, 'received' | 'size'>

/** Where the bytes of unfinished uploads lie. */
export interface UploadPlace {
  /**
   * Returns the suffix under which another process goes on with an upload that a request still writes to. That request
   * cannot change what has that suffix.
   * @throws MissingContentError if received bytes are lost
   */
  takeOver(upload: UploadRow): Promise<string>
  /** Goes on with an upload. What was written behind its received bytes counts no more. @throws MissingContentError */
  open(upload: UploadRow): Promise<UploadWriter>
  /** True if the received bytes are there. */
  has(upload: UploadRow): Promise<boolean>
  /**
   * Passes a synced file on this computer with all bytes of a complete upload.
   * @throws MissingContentError if some are lost
   */
  withFile<T>(upload: UploadRow, use: (file: string) => Promise<T>): Promise<T>
  remove(upload: UploadName): Promise<void>
  /** Removes the bytes of uploads that are done, and sets those aside that no row knows. */
  removeLeftovers(find: FindUpload, now: number): Promise<void>
}

export interface UploadWriter {
  /** A file on this computer with all bytes of the upload so far, if there is one. */
  readonly file: string | undefined
  /** @throws HubError `disk_full`, `busy` */
  write(chunk: Buffer): Promise<void>
  /** Makes what was written durable. Returns the suffix that names it. @throws as `write` */
  save(): Promise<string>
  close(): Promise<void>
}

/** `use` if a row counts on these bytes, or may do so soon; `done` if its content is stored; else `unknown`. */
export type FindUpload = (id: string, suffix: string | undefined) => 'use' | 'done' | 'unknown'
