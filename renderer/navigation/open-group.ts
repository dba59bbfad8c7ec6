import { openChat } from './dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { confirm } from '../ui/hb-confirm.ts'

/** Opens a group that a text names. A group the user is not a member of is offered to be joined first. */
export async function openGroup(hub: Hub, from: HTMLElement, chatId: string): Promise<void> {
  if (hub.chats.peek(chatId)) return openChat(from, chatId)
  const group = hub.groups.list.peek().find((each) => each.id === chatId)
  if (!group) return
  const joined = await confirm({
    heading: t('messages.joinGroup', { name: group.name }),
    text: group.topic || t('messages.joinGroupText'),
    action: t('messages.join'),
    run: () => hub.chats.join(chatId),
  })
  if (joined) openChat(from, chatId)
}
