import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import { Conversation, type ConversationOptions } from './conversation.ts'
import { chatIdOf, type LiveHint, type MessageChange, type Store } from './store.ts'

/** Conversations that are held in memory besides the one on screen: returning to them costs nothing. */
const maxOpenConversations = 8

/** The opened chats, the latest last. */
export class Conversations implements Store {
  readonly #options: Omit<ConversationOptions, 'chatId' | 'cursor'>
  readonly #cursorOf: (chatId: string) => number
  readonly #open = new Map<string, Conversation>()

  constructor(options: Omit<ConversationOptions, 'chatId' | 'cursor'>, cursorOf: (chatId: string) => number) {
    this.#options = options
    this.#cursorOf = cursorOf
  }

  /** The same object each time while it is in use. */
  open(chatId: string): Conversation {
    let conversation = this.#open.get(chatId)
    if (!conversation) {
      conversation = new Conversation({ ...this.#options, chatId, cursor: () => this.#cursorOf(chatId) })
    }
    this.#open.delete(chatId)
    this.#open.set(chatId, conversation)
    if (this.#open.size > maxOpenConversations) {
      const far = [...this.#open.values()].find((each) => each !== conversation && !each.isShown)
      if (far) this.#close(far.chatId)
    }
    return conversation
  }

  find(chatId: string): Conversation | undefined {
    return this.#open.get(chatId)
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'message.hidden') this.find(entry.chatId)?.removeMessage(entry.messageId)
    if (entry.type === 'message.unhidden') {
      this.find(entry.chatId)?.reset()
      this.find(entry.chatId)?.onReconnected()
    }
    const chatId = chatIdOf(entry.stream)
    if (chatId !== undefined) this.find(chatId)?.applyEntry(entry)
  }

  applyMessage({ chatId, ...change }: MessageChange): void {
    this.find(chatId)?.applyChange(change)
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'read') this.find(hint.chat)?.members.applyReceipt(hint.user, { readNo: hint.no })
    else if (hint.t === 'delivered')
      this.find(hint.chat)?.members.applyReceipt(hint.user, { deliveredNo: hint.no })
  }

  onState(): void {
    for (const conversation of this.#open.values()) conversation.onReconnected()
  }

  onConnectionLost(): void {
    for (const conversation of this.#open.values()) conversation.onReconnected()
  }

  onChatFollowed(chatId: string): void {
    this.find(chatId)?.onReconnected()
  }

  onChatLeft(chatId: string): void {
    this.#close(chatId)
  }

  onReset(stream: StreamId): void {
    const chatId = chatIdOf(stream)
    if (chatId !== undefined) this.find(chatId)?.reset()
  }

  onHistoryReset(): void {
    for (const conversation of this.#open.values()) conversation.reset()
  }

  close(): void {
    for (const chatId of [...this.#open.keys()]) this.#close(chatId)
  }

  #close(chatId: string): void {
    this.#open.get(chatId)?.close()
    this.#open.delete(chatId)
  }
}
