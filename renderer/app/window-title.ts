// The title and the icon of the tab: the open chat or page, and what is unread.
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { readAppearance } from '../styles/appearance.ts'
import { t } from '../text/t.ts'
import { showUnreadFavicon } from './unread-favicon.ts'

/** @param page the name of what is open in place of a chat */
export function showTitle(hub: Hub, chatId: string | undefined, page = ''): void {
  const { chats, meta } = hub
  const chat = chatId === undefined ? undefined : chats.get(chatId)
  const hubName = meta.value?.name ?? t('app.name')
  const chatName = chat ? chats.nameOf(chat) : ''
  const name = chatName && chat && isNamedGroup(chat) ? `#${chatName}` : chatName || page
  const title = name ? t('app.title', { chat: name, hub: hubName }) : hubName
  const count = showUnreadMark(hub)
  document.title = count > 0 ? t('app.titleUnread', { count, title }) : title
}

/** Shows the dot on the icon; returns the number for the title. */
export function showUnreadMark(hub: Hub): number {
  const { unreadMark } = readAppearance()
  const count = hub.chats.unread.value
  showUnreadFavicon(unreadMark === 'none' ? 0 : count)
  return unreadMark === 'count' ? count : 0
}
