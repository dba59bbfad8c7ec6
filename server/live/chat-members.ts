import type { Connection } from './connection.ts'

/** The members of all chats with their connections, and the chats of each user. */
export class ChatMembers {
  readonly #byChat = new Map<string, Set<string>>()
  readonly #chatsOf = new Map<string, Set<string>>()
  readonly #connections: ReadonlyMap<string, ReadonlySet<Connection>>
  /** The connections of all members of a chat: an entry goes to each. Kept until a membership or a connection changes. */
  readonly #connectionLists = new Map<string, readonly Connection[]>()

  /** @param connections by user id; `connectionsChanged` reports a change of it */
  constructor(connections: ReadonlyMap<string, ReadonlySet<Connection>>) {
    this.#connections = connections
  }

  get byChat(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#byChat
  }

  of(chatId: string): ReadonlySet<string> | undefined {
    return this.#byChat.get(chatId)
  }

  chatsOf(userId: string): Iterable<string> {
    return this.#chatsOf.get(userId) ?? []
  }

  connectionsOf(chatId: string): readonly Connection[] {
    let list = this.#connectionLists.get(chatId)
    if (!list) {
      const members = [...(this.#byChat.get(chatId) ?? [])]
      list = members.flatMap((userId) => [...(this.#connections.get(userId) ?? [])])
      this.#connectionLists.set(chatId, list)
    }
    return list
  }

  connectionsChanged(): void {
    this.#connectionLists.clear()
  }

  add(chatId: string, userId: string): void {
    this.#connectionLists.clear()
    addTo(this.#byChat, chatId, userId)
    addTo(this.#chatsOf, userId, chatId)
  }

  remove(chatId: string, userId: string): void {
    this.#connectionLists.clear()
    this.#byChat.get(chatId)?.delete(userId)
    this.#forgetChatOf(userId, chatId)
  }

  removeChat(chatId: string): void {
    this.#connectionLists.clear()
    for (const userId of this.#byChat.get(chatId) ?? []) this.#forgetChatOf(userId, chatId)
    this.#byChat.delete(chatId)
  }

  clear(): void {
    this.#connectionLists.clear()
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
