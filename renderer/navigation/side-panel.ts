/** The content of a side panel. To add a kind, add a line here and in `app/side-panel-registry.ts`. */
export type SidePanel =
  | { kind: 'members' }
  | { kind: 'user'; userId: string }
  | { kind: 'search' }
  | { kind: 'pins' }
  | { kind: 'files' }
  /** `id`: of the parent message. `from`: how the user asked for it; that decides where the focus goes. */
  | { kind: 'thread'; id: string; from: 'reply' | 'view' | 'link' }

/** The people of a chat: its members, or the other one of a direct chat. */
export function peoplePanelOf({ peer }: { peer?: string | undefined }): SidePanel {
  return peer === undefined ? { kind: 'members' } : { kind: 'user', userId: peer }
}

/** Opens a side panel in the conversation around `from`. */
export function openSidePanel(from: EventTarget, panel: SidePanel): void {
  from.dispatchEvent(new CustomEvent('hb-open-panel', { detail: panel, bubbles: true, composed: true }))
}

export function closeSidePanel(from: EventTarget): void {
  from.dispatchEvent(new CustomEvent('hb-close-panel', { bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap {
    'hb-open-panel': CustomEvent<SidePanel>
    'hb-close-panel': CustomEvent
  }
}
