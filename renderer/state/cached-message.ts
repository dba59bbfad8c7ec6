import type { Message, Tombstone } from '../../shared/contract/messages.ts'

/** A tombstone keeps what was known of its message, so that a row does not lose its author and time. */
export type CachedMessage = Message | (Tombstone & Partial<Pick<Message, 'author' | 'at' | 'cid'>>)

/** A change of a message: it is new, or something about it changed. */
export interface Change {
  readonly message: CachedMessage
  readonly isNew: boolean
}
