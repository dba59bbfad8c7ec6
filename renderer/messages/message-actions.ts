// The actions on a message. An entry here adds an action to the toolbar or the menu, with its key and its name.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { limits } from '../../shared/contract/values.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { chooseReaction } from '../reactions/reactions.ts'
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import { errorMessage } from '../ui/error-message.ts'
import { closestAcrossRoots, deepActiveElement } from '../ui/focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import type { IconName } from '../ui/icons.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import { messagePermalink } from '../navigation/message-links.ts'

/** The place where a message is shown, and the callbacks available there. */
export interface ActionContext {
  readonly hub: Hub
  readonly chat: ChatSummary
  /** In a thread: the number of the parent message. */
  readonly threadNo?: number | undefined
  /** Any element within the shell. */
  readonly from: HTMLElement
  /** Starts a reply in the composer; undefined while the user may not write. */
  readonly reply?: ((item: MessageItem) => void) | undefined
  readonly edit?: ((item: MessageItem) => void) | undefined
  /** Absent in a thread. */
  readonly openThread?: ((item: MessageItem) => void) | undefined
  /** Absent in a thread. */
  readonly markUnread?: ((item: MessageItem) => Promise<void>) | undefined
}

/** In the order of the sheet of shortcuts. */
export const messageActionNames = [
  ...(['react', 'reply', 'thread', 'edit', 'forward', 'save', 'pin', 'unread'] as const),
  ...(['copy-text', 'copy-link', 'profile', 'read-by', 'delete', 'delete-for-me'] as const),
] as const
export type MessageActionName = (typeof messageActionNames)[number]

export interface MessageAction {
  readonly name: MessageActionName
  readonly label: (item: MessageItem, place: ActionContext) => string
  readonly icon: IconName
  /** Pressed while a row has the focus. */
  readonly key: string
  /** `bar`: also in the toolbar at the top right of the row. The menu has all actions, in groups. */
  readonly bar?: true
  readonly group: number
  readonly danger?: true
  readonly isAvailable: (item: MessageItem, place: ActionContext) => boolean
  /** `row`: the anchor for popovers. */
  readonly run: (item: MessageItem, place: ActionContext, row: HTMLElement) => unknown
}

/** An action bound to one message. */
export interface BoundAction extends Pick<
  MessageAction,
  'name' | 'icon' | 'key' | 'bar' | 'group' | 'danger'
> {
  readonly label: string
  readonly run: (row: HTMLElement) => unknown
}

const isOnHub = (item: MessageItem): boolean => item.id !== undefined && !item.deleted

/** The hub allows a little longer: the request has to get there. */
const undoWindowMs = limits.undeleteSeconds * 1000 - 1_000
const editWindowMs = limits.editHours * 60 * 60 * 1000

const actions: readonly MessageAction[] = [
  {
    name: 'react',
    label: () => t('actions.react'),
    icon: 'smile',
    key: 'a',
    bar: true,
    group: 0,
    isAvailable: (item, { chat }) => isOnHub(item) && !chat.archived,
    run: (item, { hub, from }, row) => chooseReaction(hub, item, row, from),
  },
  {
    name: 'reply',
    label: () => t('actions.reply'),
    icon: 'reply',
    key: 'r',
    bar: true,
    group: 0,
    isAvailable: (item, { reply }) => isOnHub(item) && reply !== undefined,
    run: (item, { reply }) => reply?.(item),
  },
  {
    name: 'thread',
    label: (item) => t(item.replies ? 'actions.openThread' : 'actions.thread'),
    icon: 'thread',
    key: 't',
    bar: true,
    group: 0,
    isAvailable: (item, { openThread }) =>
      openThread !== undefined && (isOnHub(item) || (item.deleted && item.replies !== undefined)),
    run: (item, { openThread }) => openThread?.(item),
  },
  {
    name: 'edit',
    label: () => t('actions.edit'),
    icon: 'edit',
    key: 'e',
    group: 0,
    isAvailable: (item, { hub, edit }) =>
      isOnHub(item) && item.isMine && edit !== undefined && hub.now() - (item.at ?? 0) < editWindowMs,
    run: (item, { edit }) => edit?.(item),
  },
  {
    name: 'forward',
    label: () => t('actions.forward'),
    icon: 'forward',
    key: 'f',
    group: 0,
    isAvailable: isOnHub,
    run: (item, { from }) => openDialog(from, { kind: 'forward', item }),
  },
  {
    name: 'save',
    label: (item, { hub }) => t(isSaved(hub, item) ? 'saved.unsave' : 'saved.save'),
    icon: 'bookmark',
    key: 's',
    group: 1,
    isAvailable: isOnHub,
    run: async (item, { hub, from }) => {
      const isNew = !isSaved(hub, item)
      const done = await notifyOnError(from, hub.saved.toggle(item.id ?? '', isNew))
      if (done) announce(from, t(isNew ? 'saved.isSaved' : 'saved.removed'))
    },
  },
  {
    name: 'pin',
    label: (item) => t(item.pinned ? 'pins.unpin' : 'pins.pin'),
    icon: 'pin',
    key: 'p',
    group: 1,
    isAvailable: (item, { chat }) => isOnHub(item) && mayPin(chat),
    run: async (item, { hub, from }) => {
      const isNew = !item.pinned
      const done = await notifyOnError(from, hub.pins.toggle(item.id ?? '', isNew))
      if (done) announce(from, t(isNew ? 'pins.pinned' : 'pins.unpinned'))
    },
  },
  {
    name: 'unread',
    label: () => t('chatPreferences.markUnread'),
    icon: 'unread',
    key: 'u',
    group: 1,
    // In a thread the read number of the thread counts.
    isAvailable: (item, { markUnread }) => isOnHub(item) && !item.isMine && markUnread !== undefined,
    run: async (item, { markUnread, from }) => {
      const done = await notifyOnError(from, markUnread?.(item) ?? Promise.resolve())
      if (done) announce(from, t('chatPreferences.markedUnread'))
    },
  },
  {
    name: 'copy-text',
    label: () => t('actions.copyText'),
    icon: 'copy',
    key: 'c',
    group: 2,
    isAvailable: (item) => !item.deleted && item.text !== '',
    run: (item, { from }) => void copyAndNotify(item.text, t('actions.textCopied'), from),
  },
  {
    name: 'copy-link',
    label: () => t('actions.copyLink'),
    icon: 'link',
    key: 'l',
    group: 2,
    isAvailable: isOnHub,
    run: (item, place) => void copyAndNotify(permalinkOf(item, place), t('actions.linkCopied'), place.from),
  },
  {
    name: 'profile',
    label: ({ author = '' }, { hub }) => t('conversation.user', { name: hub.users.nameOf(author) }),
    icon: 'user',
    key: 'o',
    group: 2,
    isAvailable: (item, { hub }) => item.author !== undefined && hub.users.nameOf(item.author) !== '',
    run: ({ author = '' }, { from }) => openSidePanel(from, { kind: 'user', userId: author }),
  },
  {
    name: 'read-by',
    label: () => t('actions.readBy'),
    icon: 'check-check',
    key: 'i',
    group: 2,
    isAvailable: (item) => isOnHub(item) && item.isMine,
    run: (item, { from }) => openDialog(from, { kind: 'read-by', item }),
  },
  {
    name: 'delete-for-me',
    label: () => t('actions.deleteForMe'),
    icon: 'eye-off',
    key: 'h',
    group: 3,
    danger: true,
    isAvailable: (item) => item.id !== undefined,
    run: (item, { hub, from }, row) => void deleteMessage(hub, item, 'me', { from, row }),
  },
  {
    name: 'delete',
    label: () => t('actions.delete'),
    icon: 'trash',
    key: 'd',
    group: 3,
    danger: true,
    isAvailable: (item, place) => isOnHub(item) && (item.isMine || mayDeleteOthers(place)),
    run: (item, { hub, from }, row) => void deleteMessage(hub, item, 'everyone', { from, row }),
  },
]

/** The letter that runs an action while a row has the focus. */
export function keyOfAction(name: MessageActionName): string {
  return actions.find((action) => action.name === name)?.key ?? ''
}

export function actionsFor(item: MessageItem, context: ActionContext): readonly BoundAction[] {
  return actions
    .filter((action) => action.isAvailable(item, context))
    .map((action) => ({
      ...action,
      label: action.label(item, context),
      run: (row: HTMLElement) => action.run(item, context, row),
    }))
}

/**
 * The label of the action that a letter would run if the message allowed it. `isPressed`: after a click, a letter of a
 * dangerous action begins a message instead.
 */
export function labelOfLetter(
  letter: string,
  item: MessageItem,
  context: ActionContext,
  isPressed: boolean,
): string | undefined {
  const action = actions.find(({ key, danger }) => key === letter && !(danger && isPressed))
  return action?.label(item, context)
}

function permalinkOf(item: MessageItem, { hub, chat, threadNo }: ActionContext): string {
  const no = item.no ?? 0
  return threadNo === undefined
    ? messagePermalink(hub, chat.id, no)
    : messagePermalink(hub, chat.id, threadNo, no)
}

function isSaved(hub: Hub, item: MessageItem): boolean {
  return hub.saved.ids.peek().has(item.id ?? '')
}

/** In a direct chat both users may pin, in a group its owner and admins. */
export function mayPin(chat: ChatSummary): boolean {
  return !chat.archived && (!isNamedGroup(chat) || chat.role !== 'member')
}

function mayDeleteOthers({ hub, chat }: ActionContext): boolean {
  if (chat.kind !== 'group') return false
  return chat.role !== 'member' || (chat.visibility === 'public' && hub.session.me.peek()?.role !== 'member')
}

/**
 * Deletes at once; the hub allows undo within ten seconds. A user who closes the window has still deleted the
 * message.
 */
async function deleteMessage(
  hub: Hub,
  item: MessageItem,
  how: 'me' | 'everyone',
  { from, row }: { from: HTMLElement; row: HTMLElement },
) {
  const messageId = item.id ?? ''
  const before = row.getBoundingClientRect()
  const sentAt = performance.now()
  const undo = () => notifyOnError(from, hub.request('messages.undelete', { messageId }))
  const done = await notifyOnError(from, hub.request('messages.delete', { messageId, for: how }))
  if (!done) return
  leaveDeletedRow(from, row)
  const text = t(how === 'me' ? 'actions.deletedForMe' : 'actions.deleted')
  notify(from, {
    ...{ text, action: { label: t('actions.undo'), run: undo } },
    endsAfterMs: Math.max(0, undoWindowMs - (performance.now() - sentAt)),
    about: () => (row.isConnected ? row.getBoundingClientRect() : before),
  })
}

/**
 * What the user types next is a new message, so the composer gets the focus, unless the user has gone on to another message
 * before the response. On a touch screen its keyboard would cover the messages: there the row keeps the focus.
 */
function leaveDeletedRow(timeline: HTMLElement, row: HTMLElement): void {
  const active = deepActiveElement()
  const isInList = !active || closestAcrossRoots(active, 'hb-message-list')
  const other = closestAcrossRoots(active, 'article')
  if (row.isConnected && other && other !== row) return
  if (isInList && matchMedia('(pointer: fine)').matches) timeline.focus()
}

async function notifyOnError(from: HTMLElement, work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
    return false
  }
}

/** The row shows it: a screen reader does not read a row again that changes. */
function announce(from: HTMLElement, text: string): void {
  notify(from, { text, isUnseen: true })
}

async function copyAndNotify(text: string, done: string, from: HTMLElement): Promise<void> {
  notify(from, { text: (await copyText(text)) ? done : t('actions.notCopied') })
}
