import { html, nothing } from 'lit'
import type { DialogRequest } from '../navigation/dialogs.ts'
import type { Route } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import type {} from './hb-switcher.ts'

export interface DialogListeners {
  onClose: () => void
  onNavigate: (event: CustomEvent<Route>) => void
}

type DialogKind = DialogRequest['kind']

interface ShellDialog<K extends DialogKind> {
  /** Loads the module of the element; the switcher is there with the shell. */
  load: () => Promise<unknown>
  render: (hub: Hub, listeners: DialogListeners, request: Extract<DialogRequest, { kind: K }>) => unknown
}

/** Every dialog over the shell. */
const shellDialogs: { readonly [K in DialogKind]: ShellDialog<K> } = {
  switcher: {
    load: () => Promise.resolve(),
    render: (hub, { onClose, onNavigate }) =>
      html`<hb-switcher .hub=${hub} @hb-close=${onClose} @hb-navigate=${onNavigate}></hb-switcher>`,
  },
  'new-chat': {
    load: () => import('../chats/hb-new-chat.ts'),
    render: (hub, { onClose }) => html`<hb-new-chat .hub=${hub} @hb-close=${onClose}></hb-new-chat>`,
  },
  'new-group': {
    load: () => import('../chats/hb-new-group.ts'),
    render: (hub, { onClose }) => html`<hb-new-group .hub=${hub} @hb-close=${onClose}></hb-new-group>`,
  },
  'browse-groups': {
    load: () => import('../chats/hb-browse-groups.ts'),
    render: (hub, { onClose }) =>
      html`<hb-browse-groups .hub=${hub} @hb-close=${onClose}></hb-browse-groups>`,
  },
  'edit-group': {
    load: () => import('../chats/hb-edit-group.ts'),
    render: (hub, { onClose }, { chatId }) =>
      html`<hb-edit-group .hub=${hub} .chatId=${chatId} @hb-close=${onClose}></hb-edit-group>`,
  },
  webhooks: {
    load: () => import('../chats/hb-webhooks.ts'),
    render: (hub, { onClose }, { chatId }) =>
      html`<hb-webhooks .hub=${hub} .chatId=${chatId} @hb-close=${onClose}></hb-webhooks>`,
  },
  forward: {
    load: () => import('../messages/hb-forward.ts'),
    render: (hub, { onClose }, { item }) =>
      html`<hb-forward .hub=${hub} .item=${item} @hb-close=${onClose}></hb-forward>`,
  },
  'read-by': {
    load: () => import('../messages/hb-read-by.ts'),
    render: (hub, { onClose }, { item }) =>
      html`<hb-read-by .hub=${hub} .item=${item} @hb-close=${onClose}></hb-read-by>`,
  },
  'go-to-date': {
    load: () => import('../messages/hb-go-to-date.ts'),
    render: (hub, { onClose }, { chatId, at }) =>
      html`<hb-go-to-date .hub=${hub} .chatId=${chatId} .at=${at} @hb-close=${onClose}></hb-go-to-date>`,
  },
  section: {
    load: () => import('../chats/hb-section-name.ts'),
    render: (hub, { onClose }, { sectionId, chatId }) =>
      html`<hb-section-name
        .hub=${hub}
        .sectionId=${sectionId}
        .chatId=${chatId}
        @hb-close=${onClose}
      ></hb-section-name>`,
  },
  invite: {
    load: () => import('../admin/hb-invite.ts'),
    render: (hub, { onClose }) => html`<hb-invite .hub=${hub} @hb-close=${onClose}></hb-invite>`,
  },
  shortcuts: {
    load: () => import('./hb-shortcuts.ts'),
    render: (_hub, { onClose }) => html`<hb-shortcuts @hb-close=${onClose}></hb-shortcuts>`,
  },
  'set-status': {
    load: () => import('../status/hb-set-status.ts'),
    render: (hub, { onClose }) => html`<hb-set-status .hub=${hub} @hb-close=${onClose}></hb-set-status>`,
  },
}

/** What loads the element of each dialog. */
export const dialogModules = Object.fromEntries(
  Object.entries(shellDialogs).map(([kind, { load }]) => [kind, load]),
) as Record<DialogKind, () => Promise<unknown>>

/** The open dialog, or nothing. The module of its element must be loaded (`lazy-modules.ts`). */
export function renderShellDialog(
  hub: Hub,
  request: DialogRequest | undefined,
  listeners: DialogListeners,
): unknown {
  if (!request) return nothing
  const dialog = shellDialogs[request.kind] as ShellDialog<DialogKind>
  return dialog.render(hub, listeners, request)
}
