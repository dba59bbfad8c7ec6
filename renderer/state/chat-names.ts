// How a chat is called, and by which names the user finds it.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { t } from '../text/t.ts'
import type { Users } from './users.ts'

type Named = Pick<ChatSummary, 'kind' | 'name' | 'peer' | 'memberIds' | 'memberCount'>

/** The chat of a user with themselves. */
export function isNotes({ kind, memberCount }: Pick<ChatSummary, 'kind' | 'memberCount'>): boolean {
  return kind === 'direct' && memberCount === 1
}

/** A group of fixed members, titled by their names. */
export function isUnnamed({ kind, name }: Pick<ChatSummary, 'kind' | 'name'>): boolean {
  return kind === 'group' && name === undefined
}

/** A group with a name, which is written with a #. */
export function isNamedGroup({ kind, name }: Pick<ChatSummary, 'kind' | 'name'>): boolean {
  return kind === 'group' && name !== undefined
}

/** The name of the group, or the display names of the others; '' while they are not loaded. Watched. */
export function chatName(chat: Named, users: Pick<Users, 'nameOf'>): string {
  if (isNotes(chat)) return t('chats.notes')
  if (chat.kind === 'direct') return users.nameOf(chat.peer ?? '')
  return chat.name ?? namesInOrder(chat, users).join(', ')
}

/** The peer of a direct chat has a username too. Watched. */
export function chatSearchNames(chat: Named, users: Pick<Users, 'get' | 'nameOf'>): string[] {
  if (chat.name !== undefined) return [chat.name]
  if (chat.kind === 'group') return [chatName(chat, users), ...namesInOrder(chat, users)]
  const peer = users.get(chat.peer ?? '')
  const names = peer ? [peer.displayName, peer.username] : []
  return isNotes(chat) ? [t('chats.notes'), ...names] : names
}

function namesInOrder({ memberIds = [] }: Named, users: Pick<Users, 'nameOf'>): string[] {
  return memberIds
    .map((userId) => users.nameOf(userId))
    .filter(Boolean)
    .sort((a, b) => collator.compare(a, b))
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
