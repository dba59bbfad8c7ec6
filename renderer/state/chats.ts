import type { Input } from '../../shared/contract.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { ReadonlySignal, Signal } from './signal.ts'

/** My chats, as the list on the left shows them. */
export interface Chats {
  /** False until the cache or the hub has told what there is. */
  readonly ready: ReadonlySignal<boolean>
  /** The latest first. */
  readonly list: ReadonlySignal<readonly ChatSummary[]>
  /** What the person typed into the filter box: a part of a name, in any case. */
  readonly filter: Signal<string>
  /** `list` with the filter applied. */
  readonly filtered: ReadonlySignal<readonly ChatSummary[]>
  /** Unread messages in all chats that are not muted, and mentions in all. */
  readonly unread: ReadonlySignal<number>
  readonly mentions: ReadonlySignal<number>
  /** The chat on screen; remembered for the next start. */
  readonly current: Signal<string | undefined>

  /** Watched: an element that draws with it draws again when this chat changes. */
  get(chatId: string): ChatSummary | undefined
  /** The group's name, or the display name of the other person. */
  nameOf(chat: ChatSummary): string

  /** The direct chat with a person; answers its id. These and the following throw RequestError. */
  openDirect(userId: string): Promise<string>
  createGroup(input: Input<'chats.create'>): Promise<string>
  join(chatId: string): Promise<void>
  leave(chatId: string): Promise<void>
  update(input: Input<'chats.update'>): Promise<void>
  delete(chatId: string): Promise<void>
  readAll(): Promise<void>
}
