/** Opens the search in a chat or everywhere, with a text if one is given. */
export function openSearch(from: EventTarget, chatId?: string, text?: string): void {
  const detail = { ...(chatId === undefined ? {} : { chatId }), ...(text === undefined ? {} : { text }) }
  from.dispatchEvent(new CustomEvent('hb-open-search', { detail, bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap {
    'hb-open-search': CustomEvent<{ chatId?: string; text?: string }>
  }
}
