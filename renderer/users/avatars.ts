import { html, type TemplateResult } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'
import { isNotes, isUnnamed } from '../state/chat-names.ts'
import '../ui/hb-avatar.ts'
import type { HbAvatar } from '../ui/hb-avatar.ts'

/** The face of a user. Watched. */
export function userAvatar(hub: Hub, userId: string, presence?: HbAvatar['presence']): TemplateResult {
  const user = hub.users.get(userId)
  return html`<hb-avatar
    .userId=${userId}
    .joined=${user?.joined}
    .name=${user?.displayName ?? ''}
    .picture=${hub.avatarAddress(userId)}
    .presence=${presence}
  ></hb-avatar>`
}

/** The picture of a group, or the face of the peer of a direct chat. Watched. */
export function chatAvatar(
  hub: Hub,
  chat: Pick<ChatSummary, 'id' | 'kind' | 'name' | 'peer' | 'picture' | 'visibility' | 'memberCount'>,
  presence?: HbAvatar['presence'],
): TemplateResult {
  if (isNotes(chat) || isUnnamed(chat))
    return html`<hb-avatar .userId=${chat.id} .kind=${isNotes(chat) ? 'notes' : 'people'}></hb-avatar>`
  if (chat.kind === 'direct') return userAvatar(hub, chat.peer ?? '', presence)
  return html`<hb-avatar
    .userId=${chat.id}
    .joined=${hub.groupFaces.of(chat.id)}
    .name=${chat.name ?? ''}
    .picture=${hub.chatPictureAddress(chat)}
    .kind=${chat.visibility === 'public' ? 'group' : 'private'}
  ></hb-avatar>`
}
