import { Conversation, type ConversationOptions } from './conversation.ts'

/** Conversations that are held in memory beside the one on screen: going back to one of them costs nothing. */
const maxOpenConversations = 8

/** The opened chats, the latest last. */
export class Conversations {
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
      if (far) this.close(far.chatId)
    }
    return conversation
  }

  find(chatId: string): Conversation | undefined {
    return this.#open.get(chatId)
  }

  all(): Conversation[] {
    return [...this.#open.values()]
  }

  close(chatId: string): void {
    this.#open.get(chatId)?.close()
    this.#open.delete(chatId)
  }

  closeAll(): void {
    for (const chatId of [...this.#open.keys()]) this.close(chatId)
  }
}
