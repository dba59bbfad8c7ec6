import { Conversation, type ConversationOptions } from './conversation.ts'

/** Conversations that are held in memory beside the one on screen: going back to one of them costs nothing. */
const heldUpTo = 8

/** The opened chats, the latest last. */
export class Conversations {
  readonly #options: Omit<ConversationOptions, 'chatId' | 'cursor'>
  readonly #cursorOf: (chatId: string) => number
  readonly #held = new Map<string, Conversation>()

  constructor(options: Omit<ConversationOptions, 'chatId' | 'cursor'>, cursorOf: (chatId: string) => number) {
    this.#options = options
    this.#cursorOf = cursorOf
  }

  /** The same object each time while it is in use. */
  open(chatId: string): Conversation {
    let conversation = this.#held.get(chatId)
    if (!conversation) {
      conversation = new Conversation({ ...this.#options, chatId, cursor: () => this.#cursorOf(chatId) })
    }
    this.#held.delete(chatId)
    this.#held.set(chatId, conversation)
    if (this.#held.size > heldUpTo) {
      const far = [...this.#held.values()].find((each) => each !== conversation && !each.isShown)
      if (far) this.close(far.chatId)
    }
    return conversation
  }

  find(chatId: string): Conversation | undefined {
    return this.#held.get(chatId)
  }

  all(): Conversation[] {
    return [...this.#held.values()]
  }

  close(chatId: string): void {
    this.#held.get(chatId)?.close()
    this.#held.delete(chatId)
  }

  closeAll(): void {
    for (const chatId of [...this.#held.keys()]) this.close(chatId)
  }
}
