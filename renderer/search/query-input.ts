// Turns the text of the search field into chips: the filter that is being typed, and suggestions for it.
import { parseDateRange } from '../../shared/text/days.ts'
import type { User } from '../../shared/contract/users.ts'
import { findByName, foldName, nameRanker } from '../../shared/text/name-search.ts'
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import type { SearchChip } from '../state/search-query.ts'
import { t } from '../text/t.ts'

export const filterKinds = ['in', 'from', 'has', 'is', 'before', 'after'] as const
export type FilterKind = (typeof filterKinds)[number]

export interface Suggestion {
  chip: SearchChip
  label: string
}

/** The unfinished filter at the end of the text, with a wide colon of an input method too; `rest` is the text before it. */
export interface OpenFilter {
  kind: FilterKind | 'mentions'
  value: string
  rest: string
  /** Written with a minus: it leaves out what it finds. */
  isExcluded: boolean
}

const openFilterPattern = /(?:^|\s)([-－﹣−]?)(in|from|has|is|mentions|before|after)[:：]("[^"]*|[^\s"]*)$/iu
/** With a space behind it, or its quotes closed, it is finished. */
const finishedFilterPattern = /(?:^|\s)(in|from|has|is|mentions|before|after)[:：](?:"([^"]+)"|([^\s"]+)\s)/iu

export function parseOpenFilter(text: string): OpenFilter | undefined {
  const match = openFilterPattern.exec(text)
  if (!match) return undefined
  const [, minus = '', kind = '', value = ''] = match
  return {
    kind: kind.toLowerCase() as OpenFilter['kind'],
    value: value.replace(/^"/, ''),
    rest: text.slice(0, match.index),
    isExcluded: minus !== '',
  }
}

/** A filter that is finished and means something, with the text without it. */
export function extractFilter(text: string, hub: Hub): { chip: SearchChip; rest: string } | undefined {
  const match = finishedFilterPattern.exec(text)
  if (!match) return undefined
  const [whole, kind = '', quoted, plain] = match
  const value = quoted ?? plain ?? ''
  const [meant] = suggestionsFor({ kind: kind.toLowerCase() as OpenFilter['kind'], value }, hub)
  if (!meant) return undefined
  const rest = `${text.slice(0, match.index)} ${text.slice(match.index + whole.length)}`
  return { chip: meant.chip, rest: rest.trimStart() }
}

/** A filter that leaves out is no chip: it remains in the text, as the hub reads it. Days cannot be left out. */
export function excludingText(chip: SearchChip, hub: Hub): string {
  const quote = (name: string): string => (/[\s:]/.test(name) ? `"${name.replaceAll('"', '')}"` : name)
  switch (chip.kind) {
    case 'in': {
      const chat = hub.chats.get(chip.chatId)
      return `-in:${quote(chat ? hub.chats.nameOf(chat) : '')}`
    }
    case 'from':
      return `-from:${quote(hub.users.get(chip.userId)?.username ?? '')}`
    case 'has':
      return `-has:${chip.has}`
    case 'is':
      return chip.is === 'mentions' ? '-mentions:me' : `-is:${chip.is}`
    case 'before':
    case 'after':
      return ''
  }
}

const maxSuggestions = 6

/** Suggestions for a filter, the closest match first. */
export function suggestionsFor(
  { kind, value, isExcluded = false }: Pick<OpenFilter, 'kind' | 'value'> & Partial<OpenFilter>,
  hub: Hub,
): Suggestion[] {
  const part = value.replace(/^[#＃@＠]/, '').trim()
  switch (kind) {
    case 'from':
      return userSuggestions(part, hub)
    case 'in':
      return chatSuggestions(part, hub)
    case 'has':
      return (['file', 'image', 'link'] as const)
        .filter((has) => nameRanker(part)(has, t(`search.${has}`)) > 0)
        .map((has) => ({ chip: { kind: 'has', has }, label: t(`search.${has}`) }))
    case 'is':
      return (['pinned', 'thread', 'mentions'] as const)
        .filter((is) => nameRanker(part)(is, t(`search.${is}`)) > 0)
        .map((is) => ({ chip: { kind: 'is', is }, label: t(`search.${is}`) }))
    case 'mentions':
      return 'me'.startsWith(part.toLowerCase())
        ? [{ chip: { kind: 'is', is: 'mentions' }, label: t('search.mentions') }]
        : []
    case 'before':
    case 'after':
      return isExcluded ? [] : dateSuggestions(kind, value)
  }
}

function userSuggestions(part: string, hub: Hub): Suggestion[] {
  const me = hub.session.me.value
  const key = foldName(part)
  const rank = nameRanker(part)
  const isSame = ({ username, displayName }: User) => [username, displayName].map(foldName).includes(key)
  const late = hub.users.lateOf(part)
  const found = hub.users.list.value.filter((user) => rank(user.username, user.displayName) > 1)
  const atOnce = found
    .filter(({ id }) => !late.has(id))
    .sort((a, b) => Number(isSame(b)) - Number(isSame(a)))
    .map(suggestUser)
  const added = found.filter(({ id }) => late.has(id)).map(suggestUser)
  const isMe = me && (part === '' || key === 'me')
  const mine: Suggestion[] = isMe
    ? [{ chip: { kind: 'from', userId: me.id }, label: t('search.chipFromMe') }]
    : []
  const others = atOnce.filter(({ chip }) => !isMe || chip.userId !== me.id)
  return [...mine, ...others].slice(0, maxSuggestions).concat(added.slice(0, maxSuggestions))
}

function suggestUser({ id, displayName }: User): Suggestion & { chip: { userId: string } } {
  return { chip: { kind: 'from', userId: id }, label: displayName }
}

function chatSuggestions(part: string, hub: Hub): Suggestion[] {
  return findByName(hub.chats.list.value, part, (chat) => hub.chats.namesOf(chat))
    .slice(0, maxSuggestions)
    .map((chat) => ({
      chip: { kind: 'in', chatId: chat.id },
      label: isNamedGroup(chat) ? `#${hub.chats.nameOf(chat)}` : hub.chats.nameOf(chat),
    }))
}

function dateSuggestions(kind: 'before' | 'after', value: string): Suggestion[] {
  const now = Date.now()
  const named = [
    ['today', t('search.today')],
    ['yesterday', t('search.yesterday')],
    ['last week', t('search.lastWeek')],
    ['last month', t('search.lastMonth')],
    ['last year', t('search.lastYear')],
  ] as const
  const part = value.trim().toLowerCase()
  const fitting: (readonly [string, string])[] = named.filter(([, label]) => label.startsWith(part))
  const typed =
    parseDateRange(part, now) && !fitting.some(([, label]) => label === part) ? [[part, part] as const] : []
  return [...typed, ...fitting].flatMap(([text, label]) => {
    const span = parseDateRange(text, now)
    if (!span) return []
    return [{ chip: { kind, typed: label, at: kind === 'before' ? span.from : span.to }, label }]
  })
}

/** The label of a chip. */
export function chipText(chip: SearchChip, hub: Hub): string {
  switch (chip.kind) {
    case 'in': {
      const chat = hub.chats.get(chip.chatId)
      const name = chat ? hub.chats.nameOf(chat) : ''
      return t('search.chipIn', { name: chat && isNamedGroup(chat) ? `#${name}` : name })
    }
    case 'from':
      return chip.userId === hub.session.me.value?.id
        ? t('search.chipFromMe')
        : t('search.chipFrom', { name: hub.users.nameOf(chip.userId) })
    case 'has':
      return t('search.chipHas', { what: t(`search.${chip.has}`) })
    case 'is':
      return t('search.chipIs', { what: t(`search.${chip.is}`) })
    case 'before':
      return t('search.chipBefore', { when: chip.typed })
    case 'after':
      return t('search.chipAfter', { when: chip.typed })
  }
}
