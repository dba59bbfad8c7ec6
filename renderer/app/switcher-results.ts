// The results of the switcher: chats, people, pages and actions, the closest first and then the most used.
import { forgivingRanker, initialsRank } from '../../shared/text/name-search.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { User } from '../../shared/contract/users.ts'
import { withoutChat } from '../chats/users-without-chat.ts'
import { isNamedGroup, isNotes, isUnnamed } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import type { HbAvatar } from '../ui/hb-avatar.ts'
import type { IconName } from '../ui/icons.ts'
import { switcherActions, switcherPages, type SwitcherCommand } from './switcher-commands.ts'

export interface SwitcherResult {
  /** Stored with its uses. */
  id: string
  /** Of a result that is no chat and no user. */
  icon?: IconName
  name: string
  second: string
  kind: HbAvatar['kind']
  userId: string
  picture: string
  unread: number
  /** The unread messages call the user. */
  isCalled?: boolean
  /** How well it fits the query. */
  rank: number
  /** Returns the chat to open, if it is one. */
  open: (from: HTMLElement) => Promise<string> | string | void
}

export interface SwitcherGroup {
  /** Empty for the chats, which need none. */
  heading: string
  results: SwitcherResult[]
}

const maxChats = 30
const maxUsers = 20
const maxCommands = 8

/** Watched. `#` finds groups only, `@` people only. */
export function switcherGroups(hub: Hub, typed: string): SwitcherGroup[] {
  const { sign, query } = readSign(typed.trim())
  const rank = query === '' ? () => 1 : forgivingRanker(query)
  const hasCommands = sign === undefined && query !== ''
  const people = sign === 'group' || typed.trim() === '' ? [] : peopleResults(hub, rank)
  // a large hub has added them since the query was typed: nothing may move in front of them
  const late = hub.users.lateOf(sign === 'group' ? '' : query)
  const groups = [
    { heading: '', results: chatResults(hub, { sign, query, rank }) },
    { heading: t('switcher.people'), results: people.filter(({ id }) => !late.has(id)).slice(0, maxUsers) },
    {
      heading: t('switcher.pages'),
      results: hasCommands ? commandResults(hub, switcherPages(hub), rank) : [],
    },
    {
      heading: t('switcher.actions'),
      results: hasCommands ? commandResults(hub, switcherActions(hub), rank) : [],
    },
  ]
  // A typing error is only supposed where nothing fits as typed.
  const best = Math.max(0, ...groups.flatMap(({ results }) => results.map((one) => one.rank)))
  const least = best >= initialsRank ? initialsRank : 0
  const atOnce = groups
    .map(({ heading, results }) => ({ heading, results: results.filter((one) => one.rank >= least) }))
    .filter(({ results }) => results.length > 0)
    .sort((a, b) => bestOf(b) - bestOf(a))
  const added = people.filter(({ id }) => late.has(id)).slice(0, maxUsers)
  const heading = t(atOnce.length === 0 ? 'switcher.people' : 'switcher.morePeople')
  return added.length === 0 ? atOnce : [...atOnce, { heading, results: added }]
}

function readSign(typed: string): { sign: 'group' | 'user' | undefined; query: string } {
  const sign = /^[#＃]/u.test(typed) ? 'group' : /^[@＠]/u.test(typed) ? 'user' : undefined
  return { sign, query: sign === undefined ? typed : typed.slice(1).trim() }
}

function bestOf({ results }: SwitcherGroup): number {
  return results[0]?.rank ?? 0
}

type Rank = (...names: string[]) => number

/** Unread chats first while nothing is typed: the most likely targets. */
function chatResults(
  hub: Hub,
  { sign, query, rank }: { sign: 'group' | 'user' | undefined; query: string; rank: Rank },
): SwitcherResult[] {
  const { chats } = hub
  const isWanted = (chat: ChatSummary): boolean => {
    if (sign === 'group') return isNamedGroup(chat)
    if (sign === 'user') return chat.kind === 'direct'
    return query !== '' || chat.id !== chats.current.value
  }
  const results = chats.list.value.filter(isWanted).map((chat): SwitcherResult => ({
    id: chat.id,
    name: chats.nameOf(chat),
    second: chat.topic ?? '',
    kind: faceKind(chat),
    userId: isNotes(chat) ? chat.id : (chat.peer ?? chat.id),
    picture: hub.chatPictureAddress(chat),
    unread: chat.unread,
    isCalled: !chat.muted && (chat.kind === 'direct' || chat.mentions > 0),
    rank: query === '' ? 1 + Number(chat.unread > 0) : rank(...chats.namesOf(chat)),
    open: () => chat.id,
  }))
  return sorted(hub, results).slice(0, maxChats)
}

/** Users without a direct chat. */
function peopleResults(hub: Hub, rank: Rank): SwitcherResult[] {
  const results = hub.users.list.value.filter(withoutChat(hub)).map((user: User): SwitcherResult => {
    const { id, displayName, username } = user
    return {
      id,
      name: displayName,
      second: username === displayName ? '' : username,
      ...{ kind: 'user', userId: id, picture: hub.avatarAddress(id), unread: 0 },
      rank: rank(displayName, username),
      open: () => hub.chats.openDirect(id),
    }
  })
  return sorted(hub, results)
}

/** A part within a word finds no page and no action: those have many words. */
function commandResults(hub: Hub, commands: readonly SwitcherCommand[], rank: Rank): SwitcherResult[] {
  const results = commands.map(({ id, name, second, words = '', icon, run }): SwitcherResult => ({
    ...{ id, name, second, icon, kind: 'group', userId: id, picture: '', unread: 0 },
    rank: onlyBeginnings(rank(name, second, words)),
    open: (from) => {
      from.dispatchEvent(new CustomEvent('hb-close'))
      run(from)
    },
  }))
  return sorted(hub, results).slice(0, maxCommands)
}

function onlyBeginnings(rank: number): number {
  return rank === 1 ? 0 : rank
}

/** Those that fit, the closest first, then the most used, otherwise in their order. */
function sorted(hub: Hub, results: readonly SwitcherResult[]): SwitcherResult[] {
  return results
    .filter((one) => one.rank > 0)
    .map((one) => ({ one, uses: hub.uses.scoreOf(one.id) }))
    .sort((a, b) => b.one.rank - a.one.rank || b.uses - a.uses)
    .map(({ one }) => one)
}

function faceKind(chat: ChatSummary): SwitcherResult['kind'] {
  if (isNotes(chat)) return 'notes'
  if (isUnnamed(chat)) return 'people'
  return chat.kind === 'direct' ? 'user' : chat.visibility === 'public' ? 'group' : 'private'
}
