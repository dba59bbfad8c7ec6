import type { Generated } from 'kysely'

/** An upload (no digest yet), a complete file in no message, or a file of a message. */
export interface FileTable {
  id: string
  /** Who uploaded it, or forwarded it for a copy: it counts towards this user's quota. */
  userId: string
  messageId: string | null
  /** Chat and seq of the message: the files of a chat are listed in this order. */
  chatId: string | null
  seq: number | null
  /** 0, 1, 2… among the files of the message. */
  position: number | null
  name: string
  type: string
  size: number
  /** Bytes that are on the disk. */
  received: Generated<number>
  /**
   * In a cluster: the process whose request writes the upload, or has completed it and makes its preview. Empty between two requests.
   */
  writer: Generated<string>
  /** In the name of the upload, once another process has taken it over. */
  suffix: Generated<string>
  /** SHA-256 of the content in hex; never sent to clients. */
  digest: string | null
  width: number | null
  height: number | null
  duration: number | null
  /** 1: an animated picture. */
  moves: Generated<number>
  /** 1: a picture that was not decoded yet (server/previews/). */
  previewOwed: Generated<number>
  /** SHA-256 of its previews. */
  listDigest: string | null
  screenDigest: string | null
  createdAt: number
  /** When the last bytes arrived. */
  touchedAt: number
}

/** Contents whose row was deleted, until the file is removed or it is certain that another row refers to it. */
export interface ReleasedFileTable {
  digest: string
  /** When it was noted last, in ms of the database server. */
  at: Generated<number>
}
