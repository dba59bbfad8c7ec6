// What the cache must have to be used. Another release may have written it, and a disk may have damaged it.
//
// - A record of what the hub has is used whole or not at all: the hub sends it again.
// - A message that the user has written is never given up: what is damaged about it is left out, and the user decides.
// - Messages without the epoch and the cursor they belong to may be those of another history.
import type { SentDraft } from '../../shared/contract/drafts.ts'
import { isEntryEnvelope, isKnownEntry } from '../connection/entry-forms.ts'
import {
  type Form,
  isBoolean,
  isCount,
  isId,
  isNumber,
  isObject,
  isText,
  isTime,
  listOf,
  objectOf,
  recordOf,
} from '../connection/form.ts'
import {
  isArrangement,
  isChatSummary,
  isFile,
  isMessage,
  isQuote,
  isThread,
  isUser,
} from '../connection/hub-forms.ts'
import { type CacheContent, draftMetaPrefix, type StoreName } from '../sync/cache.ts'
import type { CachedMessage } from './cached-message.ts'
import { isChatEvent } from './chat-event.ts'
import { type DraftRecord, isDraftText } from './draft-register.ts'
import type { EditDraft } from './edit-drafts.ts'
import type { Edit } from './edits.ts'
import type { KeptMessage } from './kept-messages.ts'
import type { PendingMessage } from './pending-message.ts'
import type { RecentChat, RecentThread } from './recent-messages.ts'
import type { SearchQuery } from './search-query.ts'
import type { Upload } from './upload.ts'

type Reader = (key: string, value: unknown) => unknown

const damagedMessage = 'Parts of this message were damaged on this device. Check it before you send it again.'
const damagedFile = 'This file was damaged on this device. Choose it again.'

const isRange: Form = (value) => listOf(isMessage)(value) && isAscending(value as readonly CachedMessage[])
const recentFields = { messages: isRange, fromStart: isBoolean, usedAt: isNumber }
const isRecentChat = objectOf<RecentChat>({ ...recentFields, cursor: isCount }, {})
const isRecentThread = objectOf<Omit<RecentThread, 'parent'>>({ ...recentFields, chatId: isId }, {})

const isSentDraft = objectOf<SentDraft>({ from: listOf(isId), version: isId }, {})

const pendingParts = {
  ...{
    replyTo: isQuote,
    files: listOf(isId),
    thread: isId,
    draft: isSentDraft,
    reason: isText,
    seq: isCount,
  },
  forward: objectOf<NonNullable<PendingMessage['forward']>>({ id: isId, files: listOf(isFile) }, {}),
  isRepeat: isBoolean,
}
const pendingStates: readonly unknown[] = ['waiting', 'failed', 'sent'] satisfies PendingMessage['state'][]

const isEdit = objectOf<Edit>(
  { id: isId, chatId: isId, draftKey: isId, text: isText, isPaused: isBoolean, rev: isOptionalCount },
  { hasFiles: isBoolean },
)

const isUpload = objectOf<Upload>(
  {
    ...{ id: isId, chatId: isId, order: isNumber, name: isText, type: isText, size: isCount, sent: isCount },
    ...{ lastModified: isNumber, state: isText, cid: isOptionalId, fileId: isOptionalId },
    ...{
      width: isOptionalNumber,
      height: isOptionalNumber,
      duration: isOptionalNumber,
      reason: isOptionalText,
    },
  },
  { thread: isId },
)

const isDraftRecord = objectOf<DraftRecord>(
  {
    ...{ chatId: isId, text: isText, edits: recordOf(isCount), at: isTime, isUnsynced: isBoolean },
    hub: (value) => value === undefined || isHubDraft(value),
  },
  { thread: isId, sent: listOf(isId), known: listOf(isDraftText) },
)
const isHubDraft = objectOf<NonNullable<DraftRecord['hub']>>({ version: isId, text: isText }, {})

const isEditDraft = objectOf<EditDraft>(
  { id: isId, text: isText, rev: isOptionalCount },
  { original: isText, hasFiles: isBoolean, problem: isText },
)

const isSearchQuery = objectOf<SearchQuery>(
  { text: isText, chips: listOf((chip) => isObject(chip) && isId(chip['kind'])) },
  {},
)

const metaForms: Readonly<Record<string, Form>> = {
  epoch: isId,
  current: isId,
  cursor: isCount,
  users: objectOf({ cursor: isCount, users: listOf(isUser) }, { isPartial: isBoolean }),
  threads: listOf(isThread),
  chatList: isArrangement,
  searches: listOf(isSearchQuery),
  uses: listOf((use) => Array.isArray(use) && isId(use[0]) && isUse(use[1])),
}
const isUse = objectOf({ score: isNumber, at: isTime }, {})
const readPrefixes = ['read:', 'threadRead:']

const readers: { readonly [Name in StoreName]: Reader } = {
  meta: (key, value) => (isMeta(key, value) ? value : undefined),
  chats: (key, value) => (isChatSummary(value) && value.id === key ? value : undefined),
  tails: (chatId, value) => (isRecentChat(value) && areOf(value.messages, { chatId }) ? value : undefined),
  threads: (id, value) => (isThreadRecord(id, value) ? value : undefined),
  outbox: readPending,
  drafts: (key, value) => (isDraftValue(key, value) ? value : undefined),
  uploads: readUpload,
  edits: readEdit,
  kept: readKept,
  events: (chatId, value) => (listOf((event) => isEventOf(chatId, event))(value) ? value : undefined),
}

/** Returns the record as stores can use it; undefined if they cannot. */
export function readRecord(store: StoreName, key: string, value: unknown): unknown {
  return readers[store](key, value)
}

/** What the hub sends again if it is not here. */
const historyStores: readonly StoreName[] = ['tails', 'threads', 'events']

/** Returns the content without messages of which nobody knows when they were right. `drop` is called with what is left out. */
export function withoutLooseHistory(
  content: CacheContent,
  drop: (store: StoreName, key: string) => void,
): CacheContent {
  if (content.meta.has('epoch') && content.meta.has('cursor')) return content
  for (const store of historyStores) for (const key of content[store].keys()) drop(store, key)
  return { ...content, tails: new Map(), threads: new Map(), events: new Map() }
}

function areOf(
  messages: readonly CachedMessage[],
  { chatId, thread }: { chatId: string; thread?: string },
): boolean {
  return messages.every(
    (message) => message.thread === thread && (message.deleted === true || message.chatId === chatId),
  )
}

function isThreadRecord(id: string, value: unknown): boolean {
  if (!isRecentThread(value)) return false
  const { chatId, messages, parent } = value as RecentThread
  const isParent = parent === undefined || (isMessage(parent) && parent.id === id)
  return isParent && areOf(messages, { chatId, thread: id })
}

function isEventOf(chatId: string, value: unknown): boolean {
  return (
    isEntryEnvelope(value) && value.stream === `chat:${chatId}` && isChatEvent(value) && isKnownEntry(value)
  )
}

function readPending(cid: string, value: unknown): PendingMessage | undefined {
  if (!isObject(value)) return undefined
  const { chatId, text, at, order, state } = value
  if (!isId(chatId) || !isText(text)) return undefined
  const isDamaged = Object.entries(pendingParts).some(
    ([name, form]) => value[name] !== undefined && !form(value[name]),
  )
  const isOrdered = isTime(at) && isTime(order) && value['cid'] === cid
  if (!isDamaged && isOrdered && pendingStates.includes(state)) return value as unknown as PendingMessage
  const parts = Object.entries(pendingParts).map(([name, form]) => [
    name,
    form(value[name]) ? value[name] : undefined,
  ])
  return {
    ...(Object.fromEntries(parts) as Pick<PendingMessage, 'replyTo' | 'seq'>),
    ...{ cid, chatId, text, at: isTime(at) ? at : 0, order: isTime(order) ? order : 0 },
    state: 'failed',
    reason: damagedMessage,
  }
}

/** One without a revision that can be believed meets a conflict, and returns to its composer. */
function readEdit(id: string, value: unknown): Edit | undefined {
  if (isEdit(value) && value.id === id) return value
  if (!isObject(value) || !isId(value['chatId']) || !isText(value['text'])) return undefined
  const { chatId, text, draftKey, rev } = value
  return {
    ...{ id, chatId, text, draftKey: isId(draftKey) ? draftKey : chatId, isPaused: true },
    rev: isCount(rev) && rev > 0 ? rev : 1,
  }
}

/** Its message waits for it, so the user learns that it cannot be sent. */
function readUpload(id: string, value: unknown): Upload | undefined {
  if (!isObject(value) || !isId(value['chatId'])) return undefined
  const { chatId, thread, cid, order, name, size, content } = value
  const hasContent = content === undefined || content instanceof Blob
  if (isUpload(value) && value.id === id && hasContent) return value
  return {
    ...{
      id,
      chatId,
      cid: isId(cid) ? cid : undefined,
      order: isTime(order) ? order : 0,
      lastModified: 0,
      sent: 0,
    },
    ...(isId(thread) && { thread }),
    ...{ name: isText(name) ? name : '', type: '', size: isCount(size) ? size : 0, fileId: undefined },
    ...{ width: undefined, height: undefined, duration: undefined, reason: damagedFile },
    state: 'failed',
  }
}

/** The hub has it: it is sent again only if it is exactly what the hub had. */
function readKept(cid: string, value: unknown): KeptMessage | undefined {
  if (!isObject(value)) return undefined
  const { item, id, held, epoch, at } = value
  const isWhole =
    isObject(item) &&
    (readPending(cid, item) as unknown) === item &&
    isOptionalId(id) &&
    isOptionalNumber(held)
  return isWhole && isOptionalId(epoch) && isTime(at) ? (value as unknown as KeptMessage) : undefined
}

function isMeta(key: string, value: unknown): boolean {
  if (key.startsWith(draftMetaPrefix)) return isDraftRecord(value)
  if (readPrefixes.some((prefix) => key.startsWith(prefix))) return isCount(value)
  const form = Object.hasOwn(metaForms, key) ? metaForms[key] : undefined
  return form === undefined || form(value)
}

/** An edit in a composer is stored as JSON under this prefix: see EditDrafts. */
const editDraftPrefix = 'edit:'

function isDraftValue(key: string, value: unknown): value is string {
  if (!isText(value)) return false
  if (!key.startsWith(editDraftPrefix)) return true
  try {
    return isEditDraft(JSON.parse(value))
  } catch {
    return false
  }
}

function isAscending(messages: readonly CachedMessage[]): boolean {
  return messages.every(({ no }, at) => at === 0 || no > (messages[at - 1] as CachedMessage).no)
}

function isOptionalId(value: unknown): boolean {
  return value === undefined || isId(value)
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value)
}

function isOptionalCount(value: unknown): boolean {
  return value === undefined || isCount(value)
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || isNumber(value)
}
