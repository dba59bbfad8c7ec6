// The menu of the user's own preferences of a chat.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { limits } from '../../shared/contract/values.ts'
import { openDialog } from '../navigation/dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'

export function listMenuGroup(hub: Hub, chat: ChatSummary, from: HTMLElement): MenuGroup {
  const { chatList } = hub
  const isFavourite = chatList.isFavourite(chat.id)
  const favourite: MenuItem = {
    label: t(isFavourite ? 'sections.unfavourite' : 'sections.favourite'),
    icon: 'star',
    run: () => notifyOnFailure(from, chatList.setFavourite(chat.id, !isFavourite)),
  }
  const section: MenuItem = {
    label: t('sections.moveTo'),
    icon: 'folder',
    submenu: () => sectionMenuGroups(hub, chat, from),
  }
  const archivedForMe: MenuItem = chat.archivedForMe
    ? {
        label: t('chatPreferences.unarchive'),
        icon: 'archive-restore',
        run: () => void setArchivedForMe(hub, chat, false, from),
      }
    : {
        label: t('chatPreferences.archive'),
        icon: 'archive',
        run: () => void setArchivedForMe(hub, chat, true, from),
      }
  const read: MenuItem = {
    label: t('chatPreferences.markRead'),
    icon: 'check-check',
    run: () => hub.chats.markRead(chat.id, chat.lastNo),
  }
  // A chat that is archived for all is in the archive anyway.
  const mine = chat.archived ? [favourite] : [favourite, section, archivedForMe]
  return chat.unread > 0 ? [read, ...mine] : mine
}

export function notificationMenuGroup(hub: Hub, chat: ChatSummary, from: HTMLElement): MenuGroup {
  const { muted, notify: current = 'default' } = chat
  return [
    {
      label: t(muted ? 'chatPreferences.unmute' : 'chatPreferences.mute'),
      icon: muted ? 'bell' : 'bell-off',
      run: () => notifyOnFailure(from, hub.chats.updatePreferences(chat.id, { muted: !muted })),
    },
    {
      label: t('chatPreferences.notifications'),
      icon: 'bell',
      note: t(`chatPreferences.notifyShort.${current}`),
      submenu: () => [
        (['default', 'all', 'mentions', 'none'] as const).map((notify) => ({
          label: t(`chatPreferences.notify.${notify}`),
          checked: notify === current,
          run: () => notifyOnFailure(from, hub.chats.updatePreferences(chat.id, { notify })),
        })),
      ],
    },
  ]
}

function sectionMenuGroups(hub: Hub, chat: ChatSummary, from: HTMLElement): readonly MenuGroup[] {
  const { chatList } = hub
  const current = chatList.isFavourite(chat.id) ? undefined : (chatList.sectionOf(chat.id) ?? 'rest')
  const { sections } = chatList.arrangement.peek()
  const places = [...sections, ...(sections.length > 0 ? [{ id: 'rest', name: t('sections.none') }] : [])]
  return [
    places.map(({ id, name }) => ({
      label: name,
      checked: id === current,
      run: () => notifyOnFailure(from, chatList.moveChat(chat.id, id)),
    })),
    [
      {
        label: t('sections.newOne'),
        icon: 'folder-plus',
        disabled: sections.length >= limits.sections,
        run: () => openDialog(from, { kind: 'section', chatId: chat.id }),
      },
    ],
  ]
}

/** Moves a chat into the user's archive or out of it, with an undo. */
export async function setArchivedForMe(
  hub: Hub,
  chat: ChatSummary,
  archivedForMe: boolean,
  from: HTMLElement,
): Promise<void> {
  const done = await notifyOnFailure(from, hub.chats.updatePreferences(chat.id, { archivedForMe }))
  if (!done || !archivedForMe) return
  const name = hub.chats.nameOf(chat)
  notify(from, {
    text: t(chat.muted ? 'chatPreferences.archivedMuted' : 'chatPreferences.archived', { name }),
    action: {
      label: t('chats.undo'),
      run: () => notifyOnFailure(from, hub.chats.updatePreferences(chat.id, { archivedForMe: false })),
    },
  })
}

/** Returns true if it was done; shows the reason if not. */
export async function notifyOnFailure(from: HTMLElement, work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
    return false
  }
}
