// The names offered in a chat: members of the chat first, then other users of the hub.
import { broadcastMentions, mayMentionEveryone } from '../../shared/text/message.ts'
import type { User } from '../../shared/contract/users.ts'
import { nameRanker, topRanked } from '../../shared/text/name-search.ts'
import { emojiPreferences } from '../emoji/emoji-preferences.ts'
import { withTone } from '../emoji/emoji.ts'
import { loadEmoji } from '../emoji/load-emoji.ts'
import type { Conversation } from '../state/conversation.ts'
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { commands } from './slash-commands.ts'
import type { AutocompleteQuery, AutocompleteItem } from './autocomplete.ts'

const maxItems = 8
/** Users that a large hub adds below them. */
const maxLateItems = 4

/** `onMore`: a large hub has found others, which come behind the first ones. */
export type AutocompleteSource = (
  asked: AutocompleteQuery,
  onMore: (items: readonly AutocompleteItem[]) => void,
) => readonly AutocompleteItem[] | Promise<readonly AutocompleteItem[]>

/** Without a chat there are emoji and commands. */
export const basicSource: AutocompleteSource = ({ kind, term: query }) => {
  if (kind === 'emoji') return emojiItems(query)
  if (kind !== 'command') return []
  return commands
    .filter(({ name }) => name.startsWith(query))
    .map(({ name, description: about }) => ({ id: name, insert: `/${name}`, title: `/${name}`, note: about }))
}

export function conversationSource(hub: Hub, conversation: Conversation): AutocompleteSource {
  return (asked, onMore) => {
    if (asked.kind === 'group') return groupItems(hub, asked.term)
    if (asked.kind !== 'user') return basicSource(asked, onMore)
    const first = [
      ...broadcastItems(hub, conversation, asked.term),
      ...userItems(hub, conversation, asked.term),
    ].slice(0, maxItems)
    void hub.users.whenSearched(asked.term).then((ids) => {
      const late = lateItems(hub, conversation, asked.term, ids)
      if (late.length > 0) onMore([...first, ...late])
    })
    return first
  }
}

async function emojiItems(query: string): Promise<readonly AutocompleteItem[]> {
  const set = await loadEmoji()
  const { tone } = emojiPreferences()
  return set.search(query.replaceAll('_', ' '), maxItems).map((each) => ({
    id: each.emoji,
    insert: withTone(each, tone),
    title: `:${each.codes.find((code) => code.startsWith(query)) ?? each.codes[0] ?? each.name}:`,
    note: '',
    emoji: withTone(each, tone),
  }))
}

function broadcastItems(hub: Hub, conversation: Conversation, query: string): AutocompleteItem[] {
  const chat = conversation.chat.peek()
  if (chat?.kind !== 'group' || !mayMentionEveryone(chat.role, chat.memberCount)) return []
  return broadcastMentions
    .filter((name) => query !== '' && name.startsWith(query.toLowerCase()))
    .map((name) => ({
      id: `call-${name}`,
      insert: `@${name}`,
      title: `@${name}`,
      note: t(`composer.${name}`),
      emoji: '📣',
    }))
}

function userItems(hub: Hub, conversation: Conversation, query: string): AutocompleteItem[] {
  const memberIds = memberIdsOf(conversation)
  const rankName = nameRanker(query)
  const rank = (user: User) => {
    const found = rankName(user.username, user.displayName)
    return found === 0 ? 0 : found + (memberIds.has(user.id) ? 10 : 0)
  }
  return topRanked(others(hub), rank, maxItems).map((user) => userItem(hub, user, conversation, memberIds))
}

/** Those that a large hub has added, in its order. */
function lateItems(
  hub: Hub,
  conversation: Conversation,
  query: string,
  ids: readonly string[],
): AutocompleteItem[] {
  const memberIds = memberIdsOf(conversation)
  const rank = nameRanker(query)
  const byId = new Map(others(hub).map((user) => [user.id, user]))
  return ids
    .flatMap((id) => byId.get(id) ?? [])
    .filter(({ username, displayName }) => rank(username, displayName) > 0)
    .slice(0, maxLateItems)
    .map((user) => userItem(hub, user, conversation, memberIds))
}

function memberIdsOf({ members, chat }: Conversation): ReadonlySet<string> {
  const peer = chat.peek()?.peer
  return new Set([...members.list.peek().map(({ userId }) => userId), ...(peer === undefined ? [] : [peer])])
}

function others(hub: Hub): readonly User[] {
  const myId = hub.session.me.peek()?.id
  return hub.users.list.peek().filter(({ id }) => id !== myId)
}

function userItem(
  hub: Hub,
  { id, joined, username, displayName }: User,
  { members }: Conversation,
  memberIds: ReadonlySet<string>,
): AutocompleteItem {
  const isHere = memberIds.size === 0 || memberIds.has(id) || members.isPartial.peek()
  return {
    id,
    insert: `@${username}`,
    title: displayName,
    note: isHere ? `@${username}` : t('composer.notHere', { name: `@${username}` }),
    avatar: { id, joined, kind: 'user', name: displayName, picture: hub.avatarAddress(id) },
  }
}

function groupItems(hub: Hub, query: string): AutocompleteItem[] {
  const mine = hub.chats.list.peek().filter(isNamedGroup)
  const others = hub.groups.list.peek()
  const groups = [...mine, ...others].flatMap((group) =>
    group.name === undefined || /[[\]]/.test(group.name) ? [] : [{ ...group, name: group.name }],
  )
  const rankName = nameRanker(query)
  return topRanked(groups, ({ name }) => rankName(name), maxItems).map((group) => ({
    id: group.id,
    // A name that would end at its first space is put in brackets.
    insert: /^[\p{L}\p{M}\p{Nd}](?:[\p{L}\p{M}\p{Nd}._\-&'+]{0,62}[\p{L}\p{M}\p{Nd}])?$/u.test(group.name)
      ? `#${group.name}`
      : `#[${group.name}]`,
    title: group.name,
    note: hub.chats.peek(group.id) ? '' : t('composer.notIn'),
    avatar: {
      ...{ id: group.id, joined: hub.groupFaces.of(group.id), kind: 'group', name: group.name },
      picture: hub.chatPictureAddress(group),
    },
  }))
}
