import type { Input } from '../../shared/contract.ts'
import type { Draft } from '../../shared/contract/drafts.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { FoundChat } from '../access/chats.ts'
import type { HubContext } from '../context.ts'
import type { Operation, UserOperation } from '../operation.ts'
import { runOperation } from '../operation.ts'
import { requireThread } from '../threads/threads.ts'
import {
  countDrafts,
  deleteClearedDrafts,
  deleteDraftsOf,
  deleteOldSentDrafts,
  deleteThreadDrafts,
  findDraft,
  findSentFrom,
  insertSentDraft,
  upsertDraft,
} from './queries.ts'

/*
 * One register for each user, chat and thread: the text that the user has not sent yet.
 *
 * 1. A write names the version that it replaces. A write that is based on another version is refused, so no device
 *    overwrites what it has not seen.
 * 2. A sent draft is cleared in the transaction of its message. The empty draft stays for a day: a write that was on
 *    its way is then based on an old version, and cannot bring the sent text back.
 * 3. The hub remembers which message a version became. Another device that sends the same version with the same content,
 *    perhaps days later, gets that message.
 * 4. Nobody but the user gets a draft. It is gone with the membership or the account.
 */

const clearedDraftMs = 24 * 60 * 60 * 1000
/** How long a device may be away and send what another one has sent. */
const sentDraftMs = 30 * 24 * 60 * 60 * 1000
const bytesPerToken = 4 * 1024
/** Rows of a user for each draft with a text: the others were cleared within a day. */
const rowsPerDraft = 10

/** @throws HubError conflict, too_large, not_found */
export async function setDraft(
  op: UserOperation,
  input: Input<'drafts.set'>,
  chat: FoundChat,
): Promise<{ draft: Draft }> {
  const { text, thread, version, base } = input
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.draftBytes) {
    throw new HubError('too_large', 'This draft is too long to keep on the hub. It stays on this device.', {
      field: 'text',
    })
  }
  op.hub.rateLimiter?.consume(op.viewer.userId, 'drafts.set', Math.floor(bytes / bytesPerToken))
  if (thread !== undefined) await requireThread(op.db, chat.id, thread)
  const key = { userId: op.viewer.userId, chatId: chat.id, thread: thread ?? '' }
  const [stored] = await findDraft(op.db, key)
  if (stored?.version === version) return { draft: toDraft(stored) }
  if (stored && stored.version !== base) {
    throw new HubError(
      'conflict',
      'This draft was changed on another device. Merge the two, then save again.',
      {
        field: 'base',
      },
    )
  }
  await requireRoom(op, key.userId, { isNewRow: !stored, isNewText: text !== '' && !stored?.text })
  return { draft: await store(op, { ...key, text, version }, stored?.text) }
}

type SentFrom = Pick<Input<'messages.send'>, 'chatId' | 'thread' | 'draft'>

/** Returns the id of the message with this content that the same version of the draft has become already. */
export async function findSentFromDraft(
  op: UserOperation,
  { chatId, thread, draft }: SentFrom,
  digest: Buffer,
): Promise<string | undefined> {
  if (!draft) return undefined
  const key = { userId: op.viewer.userId, chatId, thread: thread ?? '' }
  const found = await findSentFrom(op.db, { ...key, versions: JSON.stringify(draft.from) })
  return found.find((message) => digest.equals(message.digest))?.id
}

/**
 * Remembers that the draft became this message, and clears it unless another device has changed it since.
 */
export async function clearSentDraft(
  op: UserOperation,
  { chatId, thread, draft }: SentFrom,
  messageId: string,
): Promise<void> {
  if (!draft) return
  const key = { userId: op.viewer.userId, chatId, thread: thread ?? '' }
  for (const version of draft.from) await insertSentDraft(op.db, { ...key, version, messageId, at: op.now })
  const [stored] = await findDraft(op.db, key)
  if (stored && !draft.from.includes(stored.version)) return
  await store(op, { ...key, text: '', version: draft.version })
}

/** A closed account keeps no unsent text on the hub. */
export async function deleteDrafts(op: Operation, userId: string): Promise<void> {
  await deleteDraftsOf(op.db, { userId })
}

/** A deleted message without replies has no thread any more: no request could clear a draft in it. */
export async function deleteUnreachableDrafts(op: Operation, messageId: string): Promise<void> {
  await deleteThreadDrafts(op.db, { thread: messageId })
}

/** The job: a device that was away for longer gets the list, which says the same. */
export async function purgeClearedDrafts(hub: HubContext): Promise<void> {
  if (!hub.time.isTrusted) return
  await runOperation(hub, { locks: 'hub' }, async (op) => {
    await deleteClearedDrafts(op.db, { before: op.now - clearedDraftMs })
    await deleteOldSentDrafts(op.db, { before: op.now - sentDraftMs })
  })
}

/** A cleared draft takes a row too, and could be filled later. */
async function requireRoom(
  op: Operation,
  userId: string,
  { isNewRow, isNewText }: { isNewRow: boolean; isNewText: boolean },
): Promise<void> {
  const [count] = await countDrafts(op.db, { userId })
  const hasRoom = !isNewText || (count?.texts ?? 0) < limits.drafts
  const hasRowRoom = !isNewRow || (count?.total ?? 0) < rowsPerDraft * limits.drafts
  if (hasRoom && hasRowRoom) return
  throw new HubError('conflict', `You already have ${limits.drafts} drafts. Send or clear some first.`)
}

async function store(
  op: Operation,
  row: { userId: string; chatId: string; thread: string; text: string; version: string },
  previous = '',
): Promise<Draft> {
  const stored = { ...row, at: op.now }
  await upsertDraft(op.db, stored)
  // while its user types, a draft is stored each second: in the text budget only what it grows by counts
  op.replace(Math.min(Buffer.byteLength(previous), Buffer.byteLength(row.text)))
  const draft = toDraft(stored)
  op.tell({ f: 'tell', user: row.userId, message: { t: 'draft', draft } })
  return draft
}

export function toDraft(row: {
  chatId: string
  thread: string
  text: string
  version: string
  at: number
}): Draft {
  const { chatId, thread, text, version, at } = row
  return { chatId, ...(thread === '' ? {} : { thread }), text, version, at }
}
