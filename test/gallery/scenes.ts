// What the gallery shows: one line for each scene. `parts.ts` draws those without a path, the app itself the others.
import type { DialogRequest } from '../../renderer/navigation/dialogs.ts'
import type { MessageItem } from '../../renderer/state/message-item.ts'
import type { SidePanel } from '../../renderer/navigation/side-panel.ts'

export interface Scene {
  readonly id: string
  readonly width: number
  readonly height: number
  /** The address in the app; without it `parts.ts` draws the scene. */
  readonly path?: string
  readonly session?: 'setup' | 'out' | 'pending' | 'offline'
  readonly panel?: SidePanel
  readonly dialog?: DialogRequest
  /** Pressed on a message of the user. */
  readonly key?: string
  /** Written in the composer. */
  readonly text?: string
  /** Written in the composer at the end, so that its suggestions stay open. */
  readonly typed?: string
  /** A click on the picture of a message. */
  readonly isViewer?: true
  /** A rule of axe that the scene breaks on purpose; its line says why. */
  readonly exemptRule?: string
  /** The hub goes away while the scene is open. */
  readonly isCutOff?: true
}

export const themes = ['light', 'dark', 'contrast', 'forced', 'rtl'] as const
export type Theme = (typeof themes)[number]

/** The ids that the hub of the gallery gives its chats and messages (`gallery-hub.ts`). */
export const places = {
  kitchen: 'c-kitchen',
  ann: 'c-ann',
  archived: 'c-archived',
  empty: 'c-empty',
  parent: 'm-parent',
} as const

/** The dialog reads its id only. */
const parent = { id: places.parent } as MessageItem

const wide = { width: 1280, height: 800 }
const middle = { width: 900, height: 600 }
const narrow = { width: 400, height: 700 }
const dialogSize = { width: 620, height: 640 }
/** So narrow that the panel covers the conversation. */
const panelSize = { width: 400, height: 560 }
const pageSize = { width: 740, height: 420 }
const kitchen = `/chat/${places.kitchen}`

export const groups: Readonly<Record<string, readonly Scene[]>> = {
  elements: [
    { id: 'buttons', width: 600, height: 345 },
    { id: 'fields', width: 600, height: 940 },
    { id: 'choices', width: 600, height: 330 },
    { id: 'marks', width: 600, height: 400 },
    { id: 'empty-states', width: 600, height: 760 },
    { id: 'recovery-key', width: 600, height: 520 },
    { id: 'secrets', width: 600, height: 620 },
    { id: 'hover-and-focus', width: 600, height: 660 },
    { id: 'uploads', width: 600, height: 520 },
    { id: 'swatches', width: 600, height: 300 },
  ],
  overlays: [
    { id: 'menu', width: 400, height: 380 },
    { id: 'submenu', width: 400, height: 380 },
    { id: 'confirm', width: 400, height: 380 },
    { id: 'dialog', width: 600, height: 380 },
    { id: 'dialog-long', width: 600, height: 380 },
    { id: 'toasts', width: 600, height: 260 },
    { id: 'tooltip', width: 400, height: 180 },
    { id: 'quick-reactions', width: 400, height: 180 },
    { id: 'emoji-picker', width: 400, height: 440 },
    { id: 'emoji-found', width: 400, height: 440 },
    { id: 'crop', width: 400, height: 560 },
  ],
  conversation: [
    { id: 'conversation-wide', ...wide, path: kitchen },
    { id: 'conversation-middle', ...middle, path: kitchen },
    { id: 'conversation-narrow', ...narrow, path: kitchen },
    { id: 'list-narrow', ...narrow, path: '/' },
  ],
  states: [
    { id: 'direct', ...panelSize, path: `/chat/${places.ann}` },
    { id: 'archived', ...panelSize, path: `/chat/${places.archived}` },
    { id: 'empty-chat', ...panelSize, path: `/chat/${places.empty}` },
    { id: 'replying', ...panelSize, path: kitchen, key: 'r' },
    { id: 'editing', ...panelSize, path: kitchen, key: 'e' },
    { id: 'composer-preview', ...panelSize, path: kitchen, text: '- one\n- two\n\n> and **this**' },
    { id: 'composer-too-long', ...panelSize, path: kitchen, text: 'far too long '.repeat(1300) },
    { id: 'autocomplete', ...panelSize, path: kitchen, typed: '@' },
    { id: 'cut-off', ...panelSize, path: kitchen, isCutOff: true },
    { id: 'viewer', ...panelSize, path: kitchen, isViewer: true },
    { id: 'message-menu', ...panelSize, path: kitchen, key: 'Enter' },
  ],
  panels: [
    { id: 'members', ...panelSize, path: kitchen, panel: { kind: 'members' } },
    { id: 'user', ...panelSize, path: kitchen, panel: { kind: 'user', userId: 'u-ann' } },
    { id: 'pins', ...panelSize, path: kitchen, panel: { kind: 'pins' } },
    { id: 'files', ...panelSize, path: kitchen, panel: { kind: 'files' } },
    { id: 'search', ...panelSize, path: kitchen, panel: { kind: 'search' } },
    { id: 'thread', ...panelSize, path: kitchen, panel: { kind: 'thread', id: places.parent, from: 'view' } },
    { id: 'saved', ...panelSize, path: '/saved' },
    { id: 'threads', ...panelSize, path: '/threads' },
    { id: 'activity', ...panelSize, path: '/activity' },
  ],
  dialogs: [
    { id: 'switcher', ...dialogSize, path: kitchen, dialog: { kind: 'switcher' } },
    { id: 'new-chat', ...dialogSize, path: kitchen, dialog: { kind: 'new-chat' } },
    { id: 'new-group', ...dialogSize, path: kitchen, dialog: { kind: 'new-group' } },
    { id: 'browse-groups', ...dialogSize, path: kitchen, dialog: { kind: 'browse-groups' } },
    {
      id: 'edit-group',
      ...dialogSize,
      path: kitchen,
      dialog: { kind: 'edit-group', chatId: places.kitchen },
    },
    { id: 'webhooks', ...dialogSize, path: kitchen, dialog: { kind: 'webhooks', chatId: places.kitchen } },
    { id: 'section', ...dialogSize, path: kitchen, dialog: { kind: 'section' } },
    { id: 'read-by', ...dialogSize, path: kitchen, dialog: { kind: 'read-by', item: parent } },
    { id: 'shortcuts', ...dialogSize, path: kitchen, dialog: { kind: 'shortcuts' } },
    { id: 'invite-low', ...dialogSize, height: 480, path: kitchen, dialog: { kind: 'invite' } },
    { id: 'new-group-narrow', ...narrow, path: kitchen, dialog: { kind: 'new-group' } },
  ],
  accounts: [
    { id: 'login', ...dialogSize, path: '/login', session: 'out' },
    { id: 'register', ...dialogSize, path: '/register', session: 'out' },
    { id: 'recover', ...dialogSize, path: '/recover', session: 'out' },
    { id: 'setup', ...dialogSize, path: '/setup', session: 'setup' },
    { id: 'pending', ...dialogSize, path: '/', session: 'pending' },
    { id: 'unreachable', ...dialogSize, path: '/', session: 'offline' },
    { id: 'invite-step', width: 620, height: 420 },
    { id: 'login-narrow', ...narrow, path: '/login', session: 'out' },
  ],
  desktop: [
    { id: 'welcome', ...dialogSize },
    { id: 'start', ...dialogSize },
    { id: 'join', ...dialogSize },
    { id: 'invite-others', width: 620, height: 940 },
    { id: 'hosting', width: 740, height: 1790 },
    { id: 'other-hubs', width: 740, height: 1720 },
    { id: 'computer', width: 520, height: 1280 },
    { id: 'identity-changed', width: 620, height: 700 },
    { id: 'connectivity', width: 620, height: 700 },
    // the number and the sign are hidden from screen readers: the name of the button says both in words
    { id: 'rail', width: 120, height: 400, exemptRule: 'label-content-name-mismatch' },
    { id: 'welcome-narrow', ...narrow },
    { id: 'hosting-narrow', ...narrow },
    { id: 'other-hubs-narrow', ...narrow },
  ],
  widths: [
    { id: 'settings-wide', ...wide, path: '/settings/appearance' },
    { id: 'settings-middle', ...middle, path: '/settings/appearance' },
    { id: 'administration-wide', ...wide, path: '/admin/people' },
    { id: 'administration-middle', ...middle, path: '/admin/people' },
    { id: 'members-wide', ...wide, path: kitchen, panel: { kind: 'members' } },
    { id: 'members-middle', ...middle, path: kitchen, panel: { kind: 'members' } },
    { id: 'thread-wide', ...wide, path: kitchen, panel: { kind: 'thread', id: places.parent, from: 'view' } },
    { id: 'saved-middle', ...middle, path: '/saved' },
    { id: 'list-middle', ...middle, path: '/' },
    { id: 'login-wide', ...wide, path: '/login', session: 'out' },
  ],
  narrow: [
    { id: 'settings-narrow', ...narrow, path: '/settings/appearance' },
    { id: 'administration-narrow', ...narrow, path: '/admin/people' },
    {
      id: 'edit-group-narrow',
      ...narrow,
      path: kitchen,
      dialog: { kind: 'edit-group', chatId: places.kitchen },
    },
  ],
  settings: ['profile', 'appearance', 'notifications', 'security', 'sessions', 'tokens'].map((section) => ({
    id: `settings-${section}`,
    ...pageSize,
    path: `/settings/${section}`,
  })),
  administration: ['people', 'requests', 'invites', 'groups', 'bots', 'audit'].map((section) => ({
    id: `admin-${section}`,
    ...pageSize,
    path: `/admin/${section}`,
  })),
}

/** Which groups are pictured in a theme. All of them in all five would be twice as large, and show little more. */
export function groupsIn(theme: Theme): readonly string[] {
  if (theme === 'light' || theme === 'dark') return Object.keys(groups)
  const all = ['elements', 'overlays', 'panels']
  return theme === 'rtl' ? [...all, 'conversation', 'states'] : all
}

export function findScene(id: string): Scene | undefined {
  return Object.values(groups)
    .flat()
    .find((scene) => scene.id === id)
}
