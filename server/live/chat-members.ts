/** The members of all chats, and the chats of each user. */
export class ChatMembers {
  readonly #byChat = new Map<string, Set<string>>()
  readonly #chatsOf = new Map<string, Set<string>>()

  get byChat(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#byChat
  }

  of(chatId: string): ReadonlySet<string> | undefined {
    return this.#byChat.get(chatId)
  }

  chatsOf(userId: string): Iterable<string> {
    return this.#chatsOf.get(userId) ?? []
  }

  add(chatId: string, userId: string): void {
    addTo(this.#byChat, chatId, userId)
    addTo(this.#chatsOf, userId, chatId)
  }

  remove(chatId: string, userId: string): void {
    this.#byChat.get(chatId)?.delete(userId)
    this.#forgetChatOf(userId, chatId)
  }

  removeChat(chatId: string): void {
    for (const userId of this.#byChat.get(chatId) ?? []) this.#forgetChatOf(userId, chatId)
    this.#byChat.delete(chatId)
  }

  removeUser(userId: string): void {
    for (const chatId of this.chatsOf(userId)) this.#byChat.get(chatId)?.delete(userId)
    this.#chatsOf.delete(userId)
  }

  clear(): void {
    this.#byChat.clear()
    this.#chatsOf.clear()
  }

  #forgetChatOf(userId: string, chatId: string): void {
    const chats = this.#chatsOf.get(userId)
    if (chats?.delete(chatId) && chats.size === 0) this.#chatsOf.delete(userId)
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}
