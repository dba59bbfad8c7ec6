import type { ChatSummary } from '../../shared/contract/chats.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { isUnnamed } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import { confirm } from '../ui/hb-confirm.ts'
import type { MenuGroup } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import { listMenuGroup, notificationMenuGroup } from './chat-list-menu.ts'

/** The menu of a chat, by the user's role in it. `from` is any element within the shell. */
export function chatMenu(hub: Hub, chat: ChatSummary, from: HTMLElement): MenuGroup[] {
  const link = {
    label: t('chats.copyLink'),
    icon: 'link' as const,
    run: () => void copyLink(hub, chat, from),
  }
  const mine = [listMenuGroup(hub, chat, from), notificationMenuGroup(hub, chat, from)]
  if (chat.kind === 'direct') return [...mine, [link]]
  if (isUnnamed(chat)) {
    const giveName = {
      label: t('chats.giveName'),
      icon: 'edit' as const,
      run: () => openDialog(from, { kind: 'edit-group', chatId: chat.id }),
    }
    return [...mine, [giveName, link]]
  }
  const name = hub.chats.nameOf(chat)
  const mayEdit = chat.role !== 'member'
  const edit = {
    label: t('chats.edit'),
    icon: 'edit' as const,
    run: () => openDialog(from, { kind: 'edit-group', chatId: chat.id }),
  }
  const webhooks = {
    label: t('webhooks.open'),
    icon: 'link' as const,
    run: () => openDialog(from, { kind: 'webhooks', chatId: chat.id }),
  }
  const archive = chat.archived
    ? {
        label: t('chats.unarchive'),
        icon: 'archive-restore' as const,
        run: () => void unarchiveChat(hub, chat, from),
      }
    : {
        label: t('chats.archive'),
        icon: 'archive' as const,
        run: () => void confirmArchive(hub, chat, name, from),
      }
  const leave = {
    label: t('chats.leave', { name }),
    icon: 'leave' as const,
    danger: true,
    run: () => void confirmLeave(hub, chat, name, from),
  }
  const remove = {
    label: t('chats.delete', { name }),
    icon: 'trash' as const,
    danger: true,
    run: () => void confirmDelete(hub, chat, name, from),
  }
  return [
    ...mine,
    mayEdit ? [edit, link, webhooks, ...(chat.everyone ? [] : [archive])] : [link],
    chat.everyone ? [] : chat.role === 'owner' ? [leave, remove] : [leave],
  ].filter((group) => group.length > 0)
}

async function copyLink(hub: Hub, chat: ChatSummary, from: HTMLElement) {
  const copied = await copyText(`${hub.origin}/chat/${chat.id}`)
  notify(from, { text: copied ? t('chats.linkCopied') : t('chats.linkNotCopied') })
}

async function confirmArchive(hub: Hub, chat: ChatSummary, name: string, from: HTMLElement) {
  const archived = await confirm({
    heading: t('chats.archiveTitle', { name }),
    text: t('chats.archiveText'),
    action: t('chats.archiveAction', { name }),
    run: () => hub.chats.archive(chat.id),
  })
  if (!archived) return
  notify(from, {
    text: t('chats.archivedDone', { name }),
    action: { label: t('chats.undo'), run: () => unarchiveChat(hub, chat, from) },
  })
}

/** Unarchives a chat for all its members. */
export async function unarchiveChat(hub: Hub, chat: ChatSummary, from: HTMLElement) {
  try {
    await hub.chats.unarchive(chat.id)
    notify(from, { text: t('chats.restored', { name: hub.chats.nameOf(chat) }) })
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}

async function confirmLeave(hub: Hub, chat: ChatSummary, name: string, from: HTMLElement) {
  const left = await confirm({
    heading: t('chats.leaveTitle', { name }),
    text: leaveText(chat),
    action: t('chats.leave', { name }),
    danger: true,
    run: () => hub.chats.leave(chat.id),
  })
  if (!left) return
  closeIfOpen(hub, chat.id, from)
  notify(from, { text: t('chats.left', { name }), ...rejoinAction(hub, chat, from) })
}

/**
 * A user can return to a private group only if a member adds them. When the last member leaves, the group is deleted.
 */
function leaveText(chat: ChatSummary): string {
  if (chat.memberCount <= 1) return t('chats.leaveLast')
  if (chat.role === 'owner') return t('chats.leaveOwner')
  return chat.visibility === 'public' ? t('chats.leavePublic') : t('chats.leavePrivate')
}

function rejoinAction(hub: Hub, chat: ChatSummary, from: HTMLElement) {
  if (chat.visibility !== 'public' || chat.memberCount <= 1) return {}
  const run = () =>
    hub.chats.join(chat.id).catch(() => notify(from, { text: t('chats.joinFailed'), tone: 'danger' }))
  return { action: { label: t('chats.joinAgain'), run } }
}

async function confirmDelete(hub: Hub, chat: ChatSummary, name: string, from: HTMLElement) {
  const deleted = await confirm({
    heading: t('chats.deleteTitle', { name }),
    text: t('chats.deleteText', { count: chat.memberCount }),
    action: t('chats.delete', { name }),
    danger: true,
    run: () => hub.chats.delete(chat.id),
  })
  if (!deleted) return
  closeIfOpen(hub, chat.id, from)
  notify(from, {
    text: t('chats.wasDeleted', { name }),
    action: { label: t('chats.undo'), run: () => undeleteChat(hub, chat, from) },
  })
}

async function undeleteChat(hub: Hub, chat: ChatSummary, from: HTMLElement) {
  try {
    await hub.chats.undelete(chat.id)
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}

function closeIfOpen(hub: Hub, chatId: string, from: HTMLElement) {
  if (hub.chats.current.peek() !== chatId) return
  from.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
}
