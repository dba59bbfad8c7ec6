/** What stands beside the conversation. A new kind is one line here and one in `panels.ts`. */
export type Panel =
  | { kind: 'members' }
  | { kind: 'person'; userId: string }
  | { kind: 'search' }
  | { kind: 'pins' }
  | { kind: 'files' }
  /** Of the message with this id. */
  | { kind: 'thread'; id: string }

/** Opens a panel in the conversation around `from`. */
export function openPanel(from: EventTarget, panel: Panel): void {
  from.dispatchEvent(new CustomEvent('hb-panel', { detail: panel, bubbles: true, composed: true }))
}

export function closePanel(from: EventTarget): void {
  from.dispatchEvent(new CustomEvent('hb-panel-close', { bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap {
    'hb-panel': CustomEvent<Panel>
    'hb-panel-close': CustomEvent
  }
}
