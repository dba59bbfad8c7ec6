/** What stands in the composers, kept within a second and over reloads and logouts. */
export interface Drafts {
  /** '' where there is none. Watched. */
  get(chatId: string): string
  set(chatId: string, text: string): void
}
