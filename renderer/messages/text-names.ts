// What `@name` and `#group` in a text stand for, on this hub and in this chat.
import { inlinesOf } from '../../shared/text/markdown.ts'
import { callsToAll, mayCallAll, readings } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { computed } from '../state/signal.ts'
import { blocksOf, type TextNames } from './message-text.ts'

/** For the texts of one chat. */
export function textNames(hub: Hub, conversation: Conversation): (item: MessageItem) => TextNames {
  const people = computed(() => {
    const byName = new Map<string, { id: string; name: string }>()
    for (const user of hub.people.list.value)
      byName.set(foldCase(user.username), { id: user.id, name: user.displayName })
    return byName
  })
  const groups = computed(() => {
    const byName = new Map<string, { id: string; name: string }>()
    const known = [...hub.groups.list.value, ...hub.chats.list.value]
    for (const { id, name } of known) if (name !== undefined) byName.set(foldCase(name), { id, name })
    return byName
  })
  const roles = computed(
    () => new Map(conversation.members.list.value.map((each) => [each.userId, each.role])),
  )

  const person = (name: string, callsAll: boolean): ReturnType<TextNames['person']> => {
    const myId = hub.session.me.value?.id
    for (const reading of readings(name)) {
      const key = foldCase(reading)
      const found = people.value.get(key)
      if (found) return { ...found, me: found.id === myId, length: reading.length }
      if (callsAll && isCallToAll(key)) return { id: '', name: key, me: true, length: reading.length }
    }
    return undefined
  }
  const namesWhen = (callsAll: boolean): TextNames => ({
    callsAll,
    person: (name) => person(name, callsAll),
    group: (name) => groups.value.get(foldCase(name)),
  })
  const calling = namesWhen(true)
  const notCalling = namesWhen(false)
  return (item) => {
    const chat = conversation.chat.value
    if (chat?.kind !== 'group') return notCalling
    const role = roles.value.get(item.author ?? '') ?? 'member'
    return mayCallAll(role, chat.memberCount) ? calling : notCalling
  }
}

function isCallToAll(key: string): boolean {
  return (callsToAll as readonly string[]).includes(key)
}

/** Whether a text of somebody else calls me. */
export function callsMe(text: string, names: TextNames): boolean {
  if (!text.includes('@')) return false
  for (const node of inlinesOf(blocksOf(text))) {
    if (node.kind === 'mention' && names.person(node.name)?.me === true) return true
  }
  return false
}
