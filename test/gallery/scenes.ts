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
  /** Filled in: the label and the value of each field. */
  readonly fills?: readonly (readonly [label: string, value: string])[]
  /** Pressed one after the other: the names of buttons and items of menus. */
  readonly presses?: readonly string[]
  /** A click on the picture of a message. */
  readonly isViewer?: true
  /** A rule of axe that the scene breaks on purpose; its line says why. */
  readonly exemptRule?: string
  /** It shows emoji, which have another font on every system: an arrow takes the place of each. */
  readonly hasEmoji?: true
  /** Another scene shows the same in another width: only the look of this one counts. */
  readonly sameAs?: string
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

/** What the dialogs read of it. */
const parent = {
  ...{ id: places.parent, author: 'u-bob', text: 'Who brings the bread tomorrow?', attachments: [] },
} as unknown as MessageItem

const wide = { width: 1280, height: 800 }
const middle = { width: 900, height: 600 }
const narrow = { width: 400, height: 700 }
const dialogSize = { width: 620, height: 640 }
/** So narrow that the panel covers the conversation. */
const panelSize = { width: 400, height: 560 }
const pageSize = { width: 740, height: 420 }
const kitchen = `/chat/${places.kitchen}`
const thread = { kind: 'thread', id: places.parent, from: 'view' } as const

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
  menus: [
    {
      id: 'account-menu',
      ...panelSize,
      path: '/',
      presses: ['Test hub Kim Novak your account and this hub'],
    },
    { id: 'new-menu', ...panelSize, path: '/', presses: ['New chat or group'] },
    { id: 'list-options', ...panelSize, path: '/', presses: ['Chat list options'] },
    { id: 'chat-menu', ...panelSize, path: kitchen, presses: ['Actions for the chat Kitchen'] },
    { id: 'formatting', ...middle, path: kitchen, presses: ['Formatting'] },
    { id: 'calendar', ...panelSize, path: kitchen, dialog: { kind: 'go-to-date', chatId: places.kitchen } },
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
    { id: 'thread', ...panelSize, path: kitchen, panel: thread },
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
    { id: 'set-status', ...dialogSize, path: kitchen, dialog: { kind: 'set-status' }, hasEmoji: true },
    { id: 'forward', ...dialogSize, path: kitchen, dialog: { kind: 'forward', item: parent } },
    {
      ...{ id: 'several', ...dialogSize, path: kitchen, dialog: { kind: 'new-chat' } as const },
      presses: ['Several people'],
    },
    {
      ...{ id: 'add-members', ...dialogSize, path: kitchen, panel: { kind: 'members' } as const },
      presses: ['Add people'],
    },
    {
      ...{ id: 'invite-made', width: 620, height: 800, path: kitchen, dialog: { kind: 'invite' } as const },
      presses: ['Create link'],
    },
    { id: 'shortcuts', ...dialogSize, path: kitchen, dialog: { kind: 'shortcuts' } },
    { id: 'invite-low', ...dialogSize, height: 480, path: kitchen, dialog: { kind: 'invite' } },
    { id: 'new-group-narrow', ...narrow, path: kitchen, dialog: { kind: 'new-group' } },
  ],
  accounts: [
    { id: 'login', ...dialogSize, path: '/login', session: 'out' },
    { id: 'register', ...dialogSize, path: '/register', session: 'out' },
    { id: 'recover', ...dialogSize, path: '/recover', session: 'out' },
    {
      ...{ id: 'recover-question', ...dialogSize, path: '/recover', session: 'out' as const },
      ...{ fills: [['Username', 'kim']] as const, presses: ['Show my question'] },
    },
    {
      ...{ id: 'recover-key', ...dialogSize, path: '/recover', session: 'out' as const },
      presses: ['Use my recovery key'],
    },
    { id: 'reset', ...dialogSize, path: '/reset', session: 'out' },
    {
      ...{ id: 'register-question', ...dialogSize, path: '/register', session: 'out' as const },
      fills: [
        ['Username', 'kim'],
        ['Password', 'four words of mine'],
      ],
      presses: ['Continue'],
    },
    { id: 'login-errors', ...dialogSize, path: '/login', session: 'out', presses: ['Log in'] },
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
    { id: 'join-compare', ...dialogSize },
    { id: 'join-different', width: 620, height: 420 },
    { id: 'hosting', width: 740, height: 1790 },
    { id: 'other-hubs', width: 740, height: 2140 },
    { id: 'hosting-none', width: 740, height: 360 },
    { id: 'hosting-stopped', width: 740, height: 420 },
    { id: 'hosting-failed', width: 740, height: 420 },
    { id: 'hosting-hanging', width: 740, height: 620 },
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
    { id: 'settings-wide', ...wide, path: '/settings/appearance', sameAs: 'settings-appearance' },
    { id: 'settings-middle', ...middle, path: '/settings/appearance', sameAs: 'settings-appearance' },
    { id: 'administration-wide', ...wide, path: '/admin/people', sameAs: 'admin-people' },
    { id: 'administration-middle', ...middle, path: '/admin/people', sameAs: 'admin-people' },
    { id: 'members-wide', ...wide, path: kitchen, panel: { kind: 'members' }, sameAs: 'members' },
    { id: 'members-middle', ...middle, path: kitchen, panel: { kind: 'members' }, sameAs: 'members' },
    { id: 'thread-wide', ...wide, path: kitchen, panel: thread, sameAs: 'thread' },
    { id: 'saved-middle', ...middle, path: '/saved', sameAs: 'saved' },
    { id: 'list-middle', ...middle, path: '/' },
    { id: 'login-wide', ...wide, path: '/login', session: 'out', sameAs: 'login' },
  ],
  narrow: [
    { id: 'settings-narrow', ...narrow, path: '/settings/appearance', sameAs: 'settings-appearance' },
    { id: 'people-narrow', ...narrow, path: '/admin/people', sameAs: 'admin-people' },
    {
      ...{ id: 'edit-group-narrow', ...narrow, path: kitchen, sameAs: 'edit-group' },
      dialog: { kind: 'edit-group', chatId: places.kitchen },
    },
  ],
  'more-widths': [
    { id: 'thread-middle', ...middle, path: kitchen, panel: thread, sameAs: 'thread' },
    { id: 'search-wide', ...wide, path: kitchen, panel: { kind: 'search' }, sameAs: 'search' },
    { id: 'files-middle', ...middle, path: kitchen, panel: { kind: 'files' }, sameAs: 'files' },
    { id: 'saved-wide', ...wide, path: '/saved', sameAs: 'saved' },
    { id: 'threads-wide', ...wide, path: '/threads', sameAs: 'threads' },
    { id: 'activity-wide', ...wide, path: '/activity', sameAs: 'activity' },
    { id: 'activity-middle', ...middle, path: '/activity', sameAs: 'activity' },
    { id: 'welcome-wide', ...wide, sameAs: 'welcome' },
    { id: 'hosting-wide', ...wide, sameAs: 'hosting' },
  ],
  'more-narrow': [
    { id: 'profile-narrow', ...narrow, path: '/settings/profile', sameAs: 'settings-profile' },
    { id: 'sessions-narrow', ...narrow, path: '/settings/sessions', sameAs: 'settings-sessions' },
    ...['invites', 'groups', 'backups', 'standbys', 'health', 'audit'].map((section) => ({
      ...{ id: `${section}-narrow`, ...narrow, path: `/admin/${section}`, sameAs: `admin-${section}` },
    })),
    { id: 'switcher-narrow', ...narrow, path: kitchen, dialog: { kind: 'switcher' }, sameAs: 'switcher' },
    {
      ...{ id: 'status-narrow', ...narrow, path: kitchen, hasEmoji: true as const, sameAs: 'set-status' },
      dialog: { kind: 'set-status' },
    },
    { id: 'join-narrow', ...narrow, sameAs: 'join' },
  ],
  settings: ['profile', 'appearance', 'notifications', 'security', 'sessions', 'tokens'].map((section) => ({
    id: `settings-${section}`,
    ...pageSize,
    path: `/settings/${section}`,
  })),
  administration: [
    ...['people', 'requests', 'invites', 'groups', 'bots', 'audit'].map((section) => ({
      ...{ id: `admin-${section}`, ...pageSize, path: `/admin/${section}` },
    })),
    { id: 'admin-settings', width: 740, height: 900, path: '/admin/settings' },
    { id: 'admin-backups', width: 740, height: 1100, path: '/admin/backups' },
    { id: 'admin-standbys', width: 740, height: 1500, path: '/admin/standbys' },
    { id: 'admin-health', width: 740, height: 1300, path: '/admin/health' },
  ],
}

/** Compared with `HUBBUB_LOOKS=all` only: each screen in another width takes as long as in the first. */
export const groupsOfAll: ReadonlySet<string> = new Set(['more-widths', 'more-narrow'])

/** Which groups are pictured in a theme. All of them in all five would be twice as large, and show little more. */
export function groupsIn(theme: Theme): readonly string[] {
  if (theme === 'light' || theme === 'dark') return Object.keys(groups)
  const all = ['elements', 'overlays', 'panels']
  return theme === 'rtl' ? [...all, 'menus', 'conversation', 'states'] : all
}

export function findScene(id: string): Scene | undefined {
  return Object.values(groups)
    .flat()
    .find((scene) => scene.id === id)
}
