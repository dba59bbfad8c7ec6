/** Who is typing where. */
export interface Typing {
  /** Ids of the others who are typing in this chat, the first to begin first. Watched. */
  in(chatId: string): readonly string[]
  /** I am typing: tells the others, at most every 3 s. */
  notify(chatId: string): void
}
