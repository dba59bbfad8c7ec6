import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Message } from '../../shared/contract/messages.ts'
import type { User } from '../../shared/contract/users.ts'
import type { PendingMessage } from '../../renderer/state/pending-message.ts'
import type { StoreName } from '../../renderer/sync/cache.ts'

/* A small team as a page has cached it and as its hub sends it, with one record of each kind. */

export interface CacheRecord {
  store: StoreName
  key: string
  value: unknown
}

const at = 1_796_000_000_000
export const users = ['u1', 'u2', 'u3'] as const
export const epoch = 'epoch-1'
export const hubStreamHead = 4
export const userStreamHead = 7

export function makeUser(id: string, joined = 0): User {
  return { id, username: `name-${id}`, displayName: `Name of ${id}`, role: 'member', createdAt: at, joined }
}

export const me = { ...makeUser('u1'), bio: 'Boats', status: { text: 'At sea', emoji: '⛵', until: at } }
export const team: readonly User[] = [me, makeUser('u2', 1), makeUser('u3', 2)]

export const meta: HubMeta = {
  ...{ name: 'Yard', hubId: 'h'.repeat(43), version: '1.0.0', protocol: { min: 1, max: 1 } },
  ...{ needsSetup: false, recoveryByQuestion: true },
  registration: 'open',
  securityQuestions: [{ id: 'pet', text: 'Your first pet?' }],
}

export const sessionExample = { meta, me }

export function makeMessage(chatId: string, no: number, seq: number): Message {
  return {
    ...{ id: `${chatId}-m${no}`, chatId, no, seq, rev: seq, cid: `cid-${chatId}-${no}`, author: 'u2' },
    ...{ text: `boat ${no} @name-u1`, at, attachments: [], reactions: [] },
  }
}

const picture = {
  id: 'f1',
  name: 'plan.png',
  type: 'image/png',
  size: 100,
  width: 10,
  height: 10,
  preview: true as const,
}
const quote = { id: 'c1-m1', no: 1, author: 'u2', text: 'boat 1' }
const messages = [
  { ...makeMessage('c1', 1, 2), reactions: [{ emoji: '👍', users: ['u1', 'u3'] }] },
  { ...makeMessage('c1', 2, 3), attachments: [picture], replyTo: quote, editedAt: at, pinned: true as const },
  { id: 'c1-m3', no: 3, seq: 4, rev: 9, deleted: true as const, author: 'u3', at },
  { ...makeMessage('c1', 4, 8), replies: { count: 1, lastNo: 1, at, users: ['u3'] } },
]
const reply = { ...makeMessage('c1', 1, 9), id: 'r1', thread: 'c1-m4' }

export function makeChat(id: string, head: number): ChatSummary {
  return {
    ...({ kind: 'group', visibility: 'public', posting: 'all', role: 'member' } as const),
    ...{
      id,
      name: `Chat ${id}`,
      archived: false,
      memberCount: 3,
      head,
      lastNo: 4,
      readNo: 2,
      unread: 2,
      mentions: 1,
      muted: false,
    },
    lastMessage: { id: `${id}-m4`, no: 4, author: 'u2', text: 'boat 4', at },
    updatedAt: at,
  }
}

const direct: ChatSummary = {
  ...makeChat('c3', 6),
  ...({ kind: 'direct', visibility: 'private', notify: 'mentions' } as const),
  ...{ peer: 'u2', peerReadNo: 2, peerDeliveredNo: 3 },
}
export const chats: readonly ChatSummary[] = [makeChat('c1', 10), makeChat('c2', 5), direct]

/** It waits in the outbox, and must arrive whatever else is damaged. */
export const outboxMessage: PendingMessage = {
  ...{
    cid: '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0001',
    chatId: 'c1',
    text: 'written without the hub',
    at,
    order: at,
  },
  ...{ replyTo: undefined, reason: undefined, seq: undefined },
  state: 'waiting',
}
const reMessage: PendingMessage = {
  ...{ ...outboxMessage, cid: '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0002', text: 'a reply', order: at + 1 },
  ...{ replyTo: quote, thread: 'c1-m4', draft: { from: ['tab.1'], version: 'tab.2' } },
}
const withFile: PendingMessage = {
  ...{ ...outboxMessage, cid: '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0003', chatId: 'c3', text: '', order: at + 2 },
  files: ['up1'],
}
const upload = {
  ...{ id: 'up1', chatId: 'c3', cid: withFile.cid, order: at, name: 'a.txt', type: 'text/plain', size: 3 },
  ...{ lastModified: at, width: undefined, height: undefined, duration: undefined, fileId: undefined },
  ...{ sent: 0, state: 'waiting', reason: undefined },
}
const entry = (type: string, content: object): object => ({
  stream: 'chat:c1',
  seq: 5,
  at,
  by: 'u2',
  type,
  ...content,
})
const memberAdded = entry('member.added', { user: makeUser('u3', 2), userId: 'u3', role: 'member' })
const thread = { chatId: 'c1', message: messages[3], following: true, readNo: 0, unread: 1, mentions: 0 }
const draft = { chatId: 'c1', text: 'half a sen', edits: { tab: 2 }, at }

export const cacheExamples: readonly CacheRecord[] = [
  { store: 'meta', key: 'epoch', value: epoch },
  { store: 'meta', key: 'cursor', value: userStreamHead },
  { store: 'meta', key: 'current', value: 'c1' },
  { store: 'meta', key: 'users', value: { cursor: hubStreamHead, users: team } },
  { store: 'meta', key: 'threads', value: [thread] },
  {
    store: 'meta',
    key: 'chatList',
    value: { favourites: ['c2'], sections: [{ id: 's1', name: 'Work', chats: ['c1'] }], folded: ['s1'] },
  },
  { store: 'meta', key: 'searches', value: [{ text: 'boat', chips: [{ kind: 'in', chatId: 'c1' }] }] },
  { store: 'meta', key: 'uses', value: [['c1', { score: 2, at }]] },
  { store: 'meta', key: 'read:c1', value: 3 },
  {
    store: 'meta',
    key: 'draft:c1',
    value: { ...draft, hub: { version: 'tab.1', text: 'half' }, isUnsynced: true },
  },
  ...chats.map((chat): CacheRecord => ({ store: 'chats', key: chat.id, value: chat })),
  { store: 'tails', key: 'c1', value: { messages, fromStart: true, cursor: 10, usedAt: at } },
  {
    store: 'threads',
    key: 'c1-m4',
    value: { chatId: 'c1', parent: messages[3], messages: [reply], fromStart: true, usedAt: at },
  },
  ...[outboxMessage, reMessage, withFile].map((value): CacheRecord => ({
    store: 'outbox',
    key: value.cid,
    value,
  })),
  { store: 'drafts', key: 'c1', value: draft.text },
  { store: 'drafts', key: 'edit:c3', value: JSON.stringify({ id: 'c3-m1', rev: 3, text: 'edited' }) },
  { store: 'uploads', key: 'up1', value: upload },
  {
    store: 'edits',
    key: 'c1-m1',
    value: { id: 'c1-m1', chatId: 'c1', draftKey: 'c1', rev: 2, text: 'better', isPaused: false },
  },
  {
    store: 'kept',
    key: 'cid-kept',
    value: {
      item: { ...outboxMessage, cid: 'cid-kept', state: 'sent', seq: 3 },
      id: 'm9',
      held: 4,
      epoch,
      at,
    },
  },
  { store: 'events', key: 'c1', value: [entry('chat.created', {}), { ...memberAdded, seq: 6 }] },
]

const c1 = (seq: number, type: string, content: object): object => ({
  t: 'entry',
  ...entry(type, content),
  seq,
})
const mine = (type: string, content: object): object => ({
  ...{ t: 'entry', stream: 'user:u1', seq: userStreamHead + 1, at, type },
  ...content,
})
const ofHub = (type: string, content: object): object => ({
  ...{ t: 'entry', stream: 'hub', seq: hubStreamHead + 1, at, type },
  ...content,
})
const hello: FromHub = {
  ...{ protocol: { min: 1, max: 1 }, hubId: meta.hubId, epoch, boot: 'b', user: 'u1', now: at },
  t: 'hello',
  limits: { text: 1, frame: 1 },
}

export const messageExamples: readonly object[] = [
  c1(11, 'message.sent', { message: makeMessage('c1', 5, 11) }),
  c1(12, 'message.edited', {
    message: { ...makeMessage('c1', 4, 8), text: 'edited', rev: 12, editedAt: at },
  }),
  c1(11, 'message.deleted', { message: { ...messages[2], rev: 11 } }),
  c1(11, 'member.removed', { user: makeUser('u3', 2), userId: 'u3', role: 'member' }),
  c1(11, 'chat.updated', { changes: { name: 'Another name', topic: 'boats', archived: false } }),
  c1(11, 'thread.updated', { message: { ...makeMessage('c1', 4, 8), rev: 11 } }),
  mine('message.hidden', { chatId: 'c1', messageId: 'c1-m1' }),
  mine('chat.added', { chat: makeChat('c4', 1) }),
  mine('chat.preferencesUpdated', {
    ...{
      chatId: 'c1',
      muted: true,
      notify: 'none',
      archivedForMe: false,
      archivedForMeNo: 0,
      unreadFrom: 0,
      readNo: 4,
    },
  }),
  mine('settings.updated', { changes: { keywords: ['boat'], hideLastSeen: true } }),
  mine('thread.followed', { chatId: 'c1', messageId: 'c1-m4' }),
  ofHub('user.updated', { user: { ...makeUser('u2', 1), displayName: 'Renamed' } }),
  ofHub('hub.updated', { changes: { hubName: 'Yard 2', registration: 'invite' } }),
  ofHub('group.listed', { group: { id: 'g1', name: 'Listed', memberCount: 2 } }),
  { t: 'presence', user: 'u2', state: 'active', lastSeen: at },
  { t: 'typing', chat: 'c1', user: 'u2' },
  { t: 'read', chat: 'c3', user: 'u2', no: 4 },
  { t: 'delivered', chat: 'c3', user: 'u2', no: 4 },
  { t: 'threadRead', chat: 'c1', thread: 'c1-m4', no: 1 },
  { t: 'draft', draft: { chatId: 'c1', text: 'from elsewhere', version: 'other.1', at } },
  { t: 'behind', heads: { 'chat:c1': 10 }, presence: { u2: 'idle' } },
  {
    t: 'places',
    places: [{ node: 'a', name: 'Yard', role: 'hub', addresses: ['10.0.0.5:1'] }],
    safety: 'alone',
  },
  { t: 'safe', upTo: 3 },
  { t: 'activity' },
  { t: 'pong' },
  { t: 'ok', id: 1, output: {} },
  { t: 'err', id: 2, error: { code: 'busy', message: 'Wait.', retryAfter: 1 } },
  { t: 'bye', code: 'moving', after: 10 },
  hello,
]
