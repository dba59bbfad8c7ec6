// The open thread stays open when the page is reloaded: what its user types next must not be published in the chat. It is
// kept in the entry of the browser's history, so another tab or place does not have it.

interface KeptState {
  thread?: { chatId: string; id: string }
}

let isRead = false

/** Returns the thread that was open in this chat when the page was left; only for the first chat of a page. */
export function takeKeptThread(chatId: string): string | undefined {
  if (isRead) return undefined
  isRead = true
  const thread = (history.state as KeptState | null)?.thread
  return thread?.chatId === chatId ? thread.id : undefined
}

/** @param id the open thread, or undefined if none is open any more */
export function keepThread(chatId: string, id: string | undefined): void {
  const state = history.state as KeptState | null
  if (id === state?.thread?.id) return
  history.replaceState(id === undefined ? null : ({ thread: { chatId, id } } satisfies KeptState), '')
}
