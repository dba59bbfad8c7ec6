// Resolves `@name` and `#group` in a text, on this hub and in this chat.
import { walkInlines } from '../../shared/text/markdown.ts'
import { mentionKey, mentionReadings, nameReadings, resolveReading } from '../../shared/text/mentions.ts'
import { broadcastMentions, mayMentionEveryone } from '../../shared/text/message.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { computed } from '../signals/signal.ts'
import { blocksOf, type NameResolver } from './message-text.ts'

/** For the texts of one chat. */
export function createNameResolver(
  hub: Hub,
  conversation: Conversation,
): (item: MessageItem) => NameResolver {
  const groupsByName = computed(() => {
    const byName = new Map<string, { id: string; name: string }>()
    const known = [...hub.groups.list.value, ...hub.chats.list.value]
    for (const { id, name } of known) if (name !== undefined) byName.set(mentionKey(name), { id, name })
    return byName
  })
  const roles = computed(
    () => new Map(conversation.members.list.value.map((each) => [each.userId, each.role])),
  )

  const resolveUser = (name: string, callsAll: boolean): ReturnType<NameResolver['user']> => {
    const myId = hub.session.me.value?.id
    const resolved = resolveReading(mentionReadings(name), (key) => {
      const user = hub.users.byMentionKey(key)
      if (user) return { id: user.id, name: user.displayName, me: user.id === myId }
      return callsAll && isBroadcastName(key) ? { id: '', name: key, me: true } : undefined
    })
    return resolved && { ...resolved.found, length: resolved.name.length }
  }
  const resolveGroup = (name: string, isWhole: boolean): ReturnType<NameResolver['group']> => {
    const readings = isWhole ? [name] : nameReadings(name)
    const resolved = resolveReading(readings, (key) => groupsByName.value.get(key))
    return resolved && { ...resolved.found, length: resolved.name.length }
  }
  const resolverFor = (callsAll: boolean): NameResolver => ({
    allowsBroadcast: callsAll,
    user: (name) => resolveUser(name, callsAll),
    group: resolveGroup,
  })
  const withBroadcast = resolverFor(true)
  const withoutBroadcast = resolverFor(false)
  return (item) => {
    const chat = conversation.chat.value
    if (chat?.kind !== 'group') return withoutBroadcast
    const role = roles.value.get(item.author ?? '') ?? 'member'
    return mayMentionEveryone(role, chat.memberCount) ? withBroadcast : withoutBroadcast
  }
}

function isBroadcastName(key: string): boolean {
  return (broadcastMentions as readonly string[]).includes(key)
}

/** True if a text of another user mentions this user. */
export function mentionsMe(text: string, names: NameResolver): boolean {
  if (!/[@＠]/.test(text)) return false
  for (const node of walkInlines(blocksOf(text))) {
    if (node.kind === 'mention' && names.user(node.name)?.me === true) return true
  }
  return false
}
