import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'

/** `in #website` or `with Bo`. Watched. */
export function threadPlace(hub: Hub, chat: ChatSummary): string {
  const name = hub.chats.nameOf(chat)
  return t(chat.kind === 'direct' || chat.name === undefined ? 'threads.with' : 'threads.in', { name })
}
