import type { Db } from './schema.ts'

/*
 * Changes that a database makes in one statement, if each statement is a round trip to it. A database in this process has none of
 * them: it takes the steps, which cost nothing there.
 */

/** A message before it has a number. */
export interface UnnumberedMessage {
  id: string
  chatId: string
  /** Empty, or the message that begins its thread. */
  thread: string
  cid: string
  authorId: string
  text: string
  digest: Buffer
  at: number
  replyTo: string | null
}

/** Where a message is: its number in the chat or thread, its seq in the log, and the number of its row. */
export interface StoredPlace {
  no: number
  seq: number
  n: number
}

export interface JoinedChanges {
  /**
   * Stores a message of a chat with its number, its entry `message.sent` and the read receipt of its author. Returns undefined if
   * the chat is not there.
   */
  storeInChat(db: Db, message: UnnumberedMessage): Promise<StoredPlace | undefined>
}
