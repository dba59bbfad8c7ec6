import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'

/** Each has a text of its own: `composer.<reason>`. */
export type ClosedReason = 'archived' | 'onlyAdmins' | 'accountClosed'

/** Returns why the user may not write in a chat; undefined if they may. Watched. */
export function closedReason(hub: Hub, chat: ChatSummary): ClosedReason | undefined {
  if (chat.archived) return 'archived'
  if (chat.posting === 'admins' && chat.role === 'member') return 'onlyAdmins'
  if (chat.peer !== undefined && hub.users.get(chat.peer)?.deactivated) return 'accountClosed'
  return undefined
}
