/** What stands over the shell. Any element asks for one with `openDialog(this, …)`. */
export type DialogRequest =
  | { kind: 'switcher' }
  | { kind: 'new-chat' }
  | { kind: 'new-group' }
  | { kind: 'browse-groups' }
  | { kind: 'edit-group'; chatId: string }
  | { kind: 'invite' }

export function openDialog(from: EventTarget, request: DialogRequest): void {
  from.dispatchEvent(new CustomEvent('hb-open-dialog', { detail: request, bubbles: true, composed: true }))
}

/** Leads to a chat, from wherever. */
export function openChat(from: EventTarget, chatId: string): void {
  from.dispatchEvent(new CustomEvent('hb-open-chat', { detail: { chatId }, bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap {
    'hb-open-dialog': CustomEvent<DialogRequest>
    'hb-open-chat': CustomEvent<{ chatId: string }>
  }
}
