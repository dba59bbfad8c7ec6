import { html, nothing } from 'lit'
import type { DialogRequest } from '../navigation/dialogs.ts'
import type { Route } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import './hb-switcher.ts'

export interface DialogListeners {
  onClose: () => void
  onNavigate: (event: CustomEvent<Route>) => void
}

/** The dialog over the shell. The module of its element must be loaded (`lazy-modules.ts`). */
export function renderShellDialog(
  hub: Hub,
  dialog: DialogRequest | undefined,
  { onClose, onNavigate }: DialogListeners,
): unknown {
  switch (dialog?.kind) {
    case undefined:
      return nothing
    case 'switcher':
      return html`<hb-switcher .hub=${hub} @hb-close=${onClose} @hb-navigate=${onNavigate}></hb-switcher>`
    case 'new-chat':
      return html`<hb-new-chat .hub=${hub} @hb-close=${onClose}></hb-new-chat>`
    case 'new-group':
      return html`<hb-new-group .hub=${hub} @hb-close=${onClose}></hb-new-group>`
    case 'browse-groups':
      return html`<hb-browse-groups .hub=${hub} @hb-close=${onClose}></hb-browse-groups>`
    case 'edit-group':
      return html`<hb-edit-group .hub=${hub} .chatId=${dialog.chatId} @hb-close=${onClose}></hb-edit-group>`
    case 'forward':
      return html`<hb-forward .hub=${hub} .item=${dialog.item} @hb-close=${onClose}></hb-forward>`
    case 'section':
      return html`<hb-section-name
        .hub=${hub}
        .sectionId=${dialog.sectionId}
        .chatId=${dialog.chatId}
        @hb-close=${onClose}
      ></hb-section-name>`
    case 'invite':
      return html`<hb-invite .hub=${hub} @hb-close=${onClose}></hb-invite>`
    case 'shortcuts':
      return html`<hb-shortcuts @hb-close=${onClose}></hb-shortcuts>`
  }
}
