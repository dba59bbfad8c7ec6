import type { EntryType } from '../../shared/contract/entries.ts'

/**
 * Entry types that do not change who may see what: in the stream of a chat they go out together, as one text for all
 * members. Any other entry ends the batch first. A type that is missing here does not compile.
 */
export const isBatched: { readonly [T in EntryType]: boolean } = {
  'chat.created': false,
  'message.sent': true,
  'message.edited': true,
  'message.deleted': true,
  'message.undeleted': true,
  'reaction.added': true,
  'reaction.removed': true,
  'attachment.updated': true,
  'pin.added': false,
  'pin.removed': false,
  'thread.updated': true,
  'member.added': false,
  'member.removed': false,
  'member.updated': false,
  'chat.updated': false,
  'chat.added': false,
  'chat.removed': false,
  'message.hidden': false,
  'message.unhidden': false,
  'saved.added': false,
  'saved.removed': false,
  'chat.preferencesUpdated': false,
  'thread.followed': false,
  'thread.unfollowed': false,
  'settings.updated': false,
  'session.ended': false,
  'user.added': false,
  'user.updated': false,
  'group.listed': false,
  'group.unlisted': false,
  'hub.updated': false,
}

/** Entries of one chat within a batch: every member gets the same text. */
export interface ChatBatch {
  stream: string
  chatId: string
  lastSeq: number
  texts: string[]
}
