// The scopes of the index that the filters of a query stand for: chats, authors, files and links.
import type { HasFilter } from '../../shared/contract/search.ts'
import type { Input } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import { foldName, nameRanker } from '../../shared/text/name-search.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { QueryFilter, SearchQuery } from '../../shared/text/search.ts'
import { idOfDirectChat } from '../access/peer.ts'
import { isVisibleTo } from '../access/users.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { authorScope, chatScope, linkScope } from './message-index.ts'

/** More chats than this are not put into the expression: then matches are so dense that each can be checked. */
export const maxScopedChats = 100
const maxScopedUsers = 100

export const quotesHint = 'To search for it as text, put it in quotes.'

interface Narrowing extends Pick<Input<'search.messages'>, 'chatId' | 'from' | 'has'> {
  filters: QueryFilter[]
}

/** Each element is a list of scopes, of which a message must have at least one. @throws HubError `invalid` */
export function scopesOf(names: Names, { chatId, from, has, filters }: Narrowing): string[][] {
  return [
    ...namedChatScopes(names.chats, chatId, filters),
    ...authorScopes(names, from, filters),
    ...hasScopes(has, filters),
  ]
}

export interface UserChat {
  id: string
  name: string | null
  peer: string | null
  peerName: string | null
  lastNo: number
}

const listUserChats = prepared((db, p: { me: string }) =>
  db
    .selectFrom('membership as m')
    .innerJoin('chat as c', (join) => join.onRef('c.id', '=', 'm.chatId').on('c.deletedAt', 'is', null))
    .leftJoin('membership as p', (join) =>
      join
        .on('p.chatId', '=', idOfDirectChat)
        .on((eb) => eb.or([eb('p.userId', '<>', eb.ref('m.userId')), eb('c.memberCount', '=', 1)])),
    )
    .leftJoin('user as u', 'u.id', 'p.userId')
    .where('m.userId', '=', p.me)
    .select(['c.id', 'c.name', 'c.lastNo', 'u.username as peer', 'u.displayName as peerName']),
)

interface NamedUser {
  id: string
  username: string
  displayName: string
}

/** Without bots of private groups that the viewer must not know of: an error would tell which names there are. */
const listNamedUsers = prepared((db, p: { me: string }) =>
  db
    .selectFrom('user')
    .where('pendingSince', 'is', null)
    .where(isVisibleTo({ userId: p.me }))
    .select(['id', 'username', 'displayName']),
)

/** What the names in a query can mean. */
export interface Names {
  me: string
  chats: UserChat[]
  /** Empty if the query names no user. */
  users: NamedUser[]
}

export async function loadNames(db: Db, me: string, { filters }: SearchQuery): Promise<Names> {
  const namesUsers = filters.some(({ key, value }) => key === 'from' && foldCase(value) !== 'me')
  return {
    me,
    chats: await listUserChats(db, { me }),
    users: namesUsers ? await listNamedUsers(db, { me }) : [],
  }
}

/** Each element is a list of scopes, of which a message must have at least one. */
function namedChatScopes(chats: UserChat[], chatId: string | undefined, filters: QueryFilter[]): string[][] {
  const named = filters.filter(({ key }) => key === 'in').map(({ value }) => chatsNamed(chats, value))
  const scopes = named.map((ids) => ids.map(chatScope))
  if (chatId !== undefined) scopes.push([chatScope(chatId)])
  return scopes
}

function chatsNamed(chats: UserChat[], value: string): string[] {
  const key = value.replace(/^[#＃@＠]/, '').trim()
  const found = closestByName(chats, key, (chat) =>
    [chat.name, chat.peer, chat.peerName].filter((name) => name !== null),
  )
  if (found.length === 0) {
    throw new HubError('invalid', `You have no chat called “${truncate(value)}”. ${quotesHint}`, {
      field: 'q',
    })
  }
  return found.slice(0, maxScopedChats).map(({ id }) => id)
}

function authorScopes({ me, users }: Names, from: string | undefined, filters: QueryFilter[]): string[][] {
  const names = filters.filter(({ key }) => key === 'from').map(({ value }) => value)
  const ids = names.flatMap((name) => (foldCase(name) === 'me' ? [me] : usersNamed(users, name)))
  return [
    ...(ids.length > 0 ? [ids.map(authorScope)] : []),
    ...(from === undefined ? [] : [[authorScope(from)]]),
  ]
}

function usersNamed(users: readonly NamedUser[], value: string): string[] {
  const key = value.replace(/^[@＠]/, '').trim()
  const found = closestByName(users, key, ({ username, displayName }) => [username, displayName])
    .slice(0, maxScopedUsers)
    .map(({ id }) => id)
  if (found.length === 0) {
    throw new HubError('invalid', `No user is called “${truncate(value)}”. ${quotesHint}`, { field: 'q' })
  }
  return found
}

/** Those with this name, as written or without accents; without any, those whose name begins so. */
function closestByName<T>(list: readonly T[], name: string, namesOf: (each: T) => string[]): T[] {
  if (name === '') return []
  for (const fold of [foldCase, foldName]) {
    const same = list.filter((each) => namesOf(each).map(fold).includes(fold(name)))
    if (same.length > 0) return same
  }
  const rank = nameRanker(name)
  return list.filter((each) => rank(...namesOf(each)) === 3)
}

function hasScopes(has: HasFilter | undefined, filters: QueryFilter[]): string[][] {
  const values = filters.filter(({ key }) => key === 'has').map(({ value }) => value.toLowerCase())
  return [...values, ...(has === undefined ? [] : [has])].map((value) => {
    const kind = value.replace(/s$/, '')
    if (kind === 'link') return [linkScope]
    if (kind === 'file' || kind === 'image') return [`h${kind}`]
    throw new HubError('invalid', '“has:” must be followed by file, image or link.', { field: 'q' })
  })
}

export function truncate(value: string): string {
  return value.slice(0, 40)
}
