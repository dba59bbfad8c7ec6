// The methods that a store of an account can have. `createStores` lists the stores; the account calls them in that
// order.
//
// - An entry reaches every store once, in the order of its stream.
// - `applyState` comes first on each connection. The account then follows the streams, and calls `onState`.
// - Between `onConnectionLost` and the next `onState`, requests fail with `offline`.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Change } from './cached-message.ts'

export type LiveState = Extract<FromHub, { t: 'state' }>

/** Receipts, presence and typing: whatever the hub sends over the socket that is neither an entry nor its state. */
export type LiveHint = Exclude<FromHub, { t: 'hello' | 'state' | 'entry' | 'ok' | 'err' | 'pong' | 'bye' }>

/** A message as the hub has it now. */
export interface MessageChange extends Change {
  readonly chatId: string
}

export interface Store {
  applyEntry?(entry: Entry): void
  /** After `applyEntry` of an entry with a message, and for a message in the response to a request. */
  applyMessage?(change: MessageChange): void
  applyHint?(hint: LiveHint): void
  /** The state the hub sends at the beginning of each connection. */
  applyState?(state: LiveState): void
  /** The connection is live and the streams are followed: fetch what is missing, send what waits. */
  onState?(): void
  onConnectionLost?(): void
  /** The user is a member of this chat and its entries arrive from now on: fetch what is on screen of it. */
  onChatFollowed?(chatId: string): void
  onChatLeft?(chatId: string): void
  /** Entries of this stream are missing: forget what came from it. */
  onReset?(stream: StreamId): void
  /** The hub was restored, so the streams have another history: forget what came from any of them. */
  onHistoryReset?(): void
  /** The entries of a stream are applied up to this seq. */
  onCursorMoved?(stream: StreamId, cursor: number): void
  close?(): void
}

/** The chat of a chat's stream; undefined for the stream of the hub or of a user. */
export function chatIdOf(stream: StreamId): string | undefined {
  return stream.startsWith('chat:') ? stream.slice('chat:'.length) : undefined
}
