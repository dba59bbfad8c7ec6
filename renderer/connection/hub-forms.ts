// The forms of what a hub sends and the page keeps. A word of which the contract lists the values may be another one: a newer hub
// may have more of them, and the page compares them only.
import type { ChatSummary, ListedGroup } from '../../shared/contract/chats.ts'
import type { Draft } from '../../shared/contract/drafts.ts'
import type { File, FileSummary } from '../../shared/contract/files.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import type { ChatListArrangement, Settings } from '../../shared/contract/profile.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { User, UserStatus } from '../../shared/contract/users.ts'
import { isBoolean, isCount, isId, isNumber, isObject, isText, isTime, listOf, objectOf } from './form.ts'

const isFileSummary = objectOf<FileSummary>({ count: isCount, pictures: isCount, name: isText }, {})

export const isFile = objectOf<File>(
  { id: isId, name: isText, type: isText, size: isCount },
  {
    ...{ width: isNumber, height: isNumber, duration: isNumber },
    ...{ preview: isBoolean, previewPending: isBoolean, moves: isBoolean },
  },
)

export const isQuote = objectOf<Quote>(
  { id: isId, no: isCount, author: isId, text: isText },
  { files: isFileSummary, picture: isId },
)

const isReplySummary = objectOf<NonNullable<Message['replies']>>(
  { count: isCount, lastNo: isCount, users: listOf(isId) },
  { at: isTime },
)

const isReaction = objectOf<Message['reactions'][number]>({ emoji: isText, users: listOf(isId) }, {})

const isWholeMessage = objectOf<Message>(
  {
    ...{ id: isId, chatId: isId, no: isCount, seq: isCount, rev: isCount, cid: isText, author: isId },
    ...{ text: isText, at: isTime, attachments: listOf(isFile), reactions: listOf(isReaction) },
  },
  {
    ...{ editedAt: isTime, deleted: isBoolean, replyTo: isQuote, thread: isId, replies: isReplySummary },
    pinned: isBoolean,
  },
)

/** With what the page keeps of the message that it was: see CachedMessage. */
const isTombstone = objectOf<Tombstone & Partial<Pick<Message, 'author' | 'at' | 'cid'>>>(
  { id: isId, no: isCount, seq: isCount, rev: isCount, deleted: isBoolean },
  { thread: isId, replies: isReplySummary, hidden: isBoolean, author: isId, at: isTime, cid: isText },
)

export function isMessage(value: unknown): value is Message | Tombstone {
  return isObject(value) && value['deleted'] === true ? isTombstone(value) : isWholeMessage(value)
}

export const isChatSummary = objectOf<ChatSummary>(
  {
    ...{ id: isId, kind: isText, visibility: isText, posting: isText },
    ...{ archived: isBoolean, memberCount: isCount, role: isText, head: isCount, lastNo: isCount },
    ...{ readNo: isCount, unread: isCount, mentions: isCount, muted: isBoolean, updatedAt: isTime },
  },
  {
    ...{ name: isText, adding: isText, everyone: isBoolean, memberIds: listOf(isId), addedBy: isText },
    ...{ topic: isText, picture: isText, peer: isId, peerReadNo: isCount, peerDeliveredNo: isCount },
    ...{ threadMentions: isCount, notify: isText, archivedForMe: isBoolean, archivedForMeNo: isCount },
    unreadFrom: isCount,
    lastMessage: objectOf<NonNullable<ChatSummary['lastMessage']>>(
      { id: isId, no: isCount, author: isId, text: isText, at: isTime },
      { deleted: isBoolean, files: isFileSummary },
    ),
  },
)

export const isListedGroup = objectOf<ListedGroup>(
  { id: isId, name: isText, memberCount: isCount },
  { topic: isText, picture: isText },
)

const isUserStatus = objectOf<UserStatus>({}, { text: isText, emoji: isText, until: isTime })

export const isUser = objectOf<User>(
  {
    ...{ id: isId, username: isId, displayName: isText, role: isText },
    ...{ createdAt: isTime, joined: isCount },
  },
  { avatar: isText, bio: isText, status: isUserStatus, deactivated: isBoolean, bot: isBoolean },
)

export const isThread = objectOf<Thread>(
  {
    ...{ chatId: isId, message: isMessage, following: isBoolean },
    ...{ readNo: isCount, unread: isCount, mentions: isCount },
  },
  {},
)

export const isDraft = objectOf<Draft>(
  { chatId: isId, text: isText, version: isId, at: isTime },
  { thread: isId },
)

export const isArrangement = objectOf<ChatListArrangement>(
  {
    favourites: listOf(isId),
    sections: listOf(
      objectOf<ChatListArrangement['sections'][number]>({ id: isId, name: isText, chats: listOf(isId) }, {}),
    ),
    folded: listOf(isId),
  },
  {},
)

export const isSettings = objectOf<Settings>(
  {},
  { chatList: isArrangement, keywords: listOf(isText), hideLastSeen: isBoolean },
)

export const isHubMeta = objectOf<HubMeta>(
  {
    ...{ name: isText, hubId: isId, version: isText, needsSetup: isBoolean, recoveryByQuestion: isBoolean },
    protocol: objectOf<HubMeta['protocol']>({ min: isCount, max: isCount }, {}),
    registration: isText,
    securityQuestions: listOf(
      objectOf<HubMeta['securityQuestions'][number]>({ id: isText, text: isText }, {}),
    ),
  },
  { insecure: isBoolean },
)
