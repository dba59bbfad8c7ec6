// Who and what can be named in a chat: people of the chat first, then those of the hub.
import { callsToAll, mayCallAll } from '../../shared/text/message.ts'
import { emojiHabits } from '../emoji/emoji-habits.ts'
import { inTone } from '../emoji/emoji.ts'
import { loadEmoji } from '../emoji/load-emoji.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { commands } from './commands.ts'
import { bestOf, nameRank, type Asked, type Offer } from './completion.ts'

const most = 8

export type Offers = (asked: Asked) => readonly Offer[] | Promise<readonly Offer[]>

/** Without a chat there are emoji and commands. */
export const plainOffers: Offers = ({ kind, query }) => {
  if (kind === 'emoji') return emojiOffers(query)
  if (kind !== 'command') return []
  return commands
    .filter(({ name }) => name.startsWith(query))
    .map(({ name, about }) => ({ id: name, insert: `/${name}`, title: `/${name}`, note: about }))
}

export function offersIn(hub: Hub, conversation: Conversation): Offers {
  return (asked) => {
    if (asked.kind === 'person')
      return [
        ...callOffers(hub, conversation, asked.query),
        ...peopleOffers(hub, conversation, asked.query),
      ].slice(0, most)
    if (asked.kind === 'group') return groupOffers(hub, asked.query)
    return plainOffers(asked)
  }
}

async function emojiOffers(query: string): Promise<readonly Offer[]> {
  const set = await loadEmoji()
  const { tone } = emojiHabits()
  return set.search(query.replaceAll('_', ' '), most).map((each) => ({
    id: each.emoji,
    insert: inTone(each, tone),
    title: `:${each.codes.find((code) => code.startsWith(query)) ?? each.codes[0] ?? each.name}:`,
    note: '',
    emoji: inTone(each, tone),
  }))
}

function callOffers(hub: Hub, conversation: Conversation, query: string): Offer[] {
  const chat = conversation.chat.peek()
  if (chat?.kind !== 'group' || !mayCallAll(chat.role, chat.memberCount)) return []
  return callsToAll
    .filter((name) => query !== '' && name.startsWith(query.toLowerCase()))
    .map((name) => ({
      id: `call-${name}`,
      insert: `@${name}`,
      title: `@${name}`,
      note: t(`composer.${name}`),
      emoji: '📣',
    }))
}

function peopleOffers(hub: Hub, conversation: Conversation, query: string): Offer[] {
  const here = new Set(conversation.members.list.peek().map(({ userId }) => userId))
  const chat = conversation.chat.peek()
  if (chat?.peer !== undefined) here.add(chat.peer)
  const myId = hub.session.me.peek()?.id
  const people = hub.people.list.peek().filter(({ id }) => id !== myId)
  const rank = (user: (typeof people)[number]) => {
    const found = nameRank(query, user.username, user.displayName)
    return found === 0 ? 0 : found + (here.has(user.id) ? 10 : 0)
  }
  return bestOf(people, rank, most).map(({ id, username, displayName }) => ({
    id,
    insert: `@${username}`,
    title: displayName,
    note: here.size === 0 || here.has(id) ? `@${username}` : t('composer.notHere', { name: `@${username}` }),
    avatar: { id, kind: 'person', name: displayName, picture: hub.pictureOf(id) },
  }))
}

function groupOffers(hub: Hub, query: string): Offer[] {
  const mine = hub.chats.list.peek().filter(({ kind }) => kind === 'group')
  const others = hub.groups.list.peek()
  const groups = [...mine, ...others].flatMap((group) =>
    group.name === undefined || /[[\]]/.test(group.name) ? [] : [{ ...group, name: group.name }],
  )
  return bestOf(groups, ({ name }) => nameRank(query, name), most).map((group) => ({
    id: group.id,
    // a name that would end at its first space stands in brackets
    insert: /^[\p{L}\p{M}\p{Nd}](?:[\p{L}\p{M}\p{Nd}._\-&'+]{0,62}[\p{L}\p{M}\p{Nd}])?$/u.test(group.name)
      ? `#${group.name}`
      : `#[${group.name}]`,
    title: group.name,
    note: hub.chats.peek(group.id) ? '' : t('composer.notIn'),
    avatar: { id: group.id, kind: 'group', name: group.name, picture: hub.pictureOfChat(group) },
  }))
}
