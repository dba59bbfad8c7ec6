import type { Entry, EntryOf, EntryType } from '../../shared/contract/entries.ts'
import { type Form, isBoolean, isCount, isId, isNumber, isObject, isText, isTime, objectOf } from './form.ts'
import { isChatSummary, isListedGroup, isMessage, isSettings, isUser } from './hub-forms.ts'

type Envelope = 'stream' | 'seq' | 'at' | 'by' | 'type'
type Content<T extends EntryType> = Omit<EntryOf<T>, Envelope>

const nothing = objectOf({}, {})
const message = objectOf<Content<'message.sent'>>({ message: isMessage }, {})
const membership = objectOf<Content<'member.added'>>({ user: isUser, userId: isId, role: isText }, {})
const ofMessage = objectOf<Content<'message.hidden'>>({ chatId: isId, messageId: isId }, {})
const ofUser = objectOf<Content<'user.added'>>({ user: isUser }, {})

/** Total over the contract: a new entry type does not compile until it has a form here. */
const contents: { readonly [T in EntryType]: Form } = {
  'chat.created': nothing,
  'message.sent': message,
  'message.edited': message,
  'message.deleted': message,
  'message.undeleted': message,
  'reaction.added': message,
  'reaction.removed': message,
  'attachment.updated': message,
  'pin.added': message,
  'pin.removed': message,
  'thread.updated': message,
  'member.added': membership,
  'member.removed': membership,
  'member.updated': membership,
  'chat.updated': objectOf<Content<'chat.updated'>>(
    {
      changes: objectOf<EntryOf<'chat.updated'>['changes']>(
        {},
        {
          ...{ name: isText, topic: isText, visibility: isText, posting: isText, adding: isText },
          ...{ everyone: isBoolean, archived: isBoolean, picture: isText },
        },
      ),
    },
    {},
  ),

  'chat.added': objectOf<Content<'chat.added'>>({ chat: isChatSummary }, {}),
  'chat.removed': objectOf<Content<'chat.removed'>>({ chatId: isId, reason: isText }, {}),
  'message.hidden': ofMessage,
  'message.unhidden': ofMessage,
  'saved.added': ofMessage,
  'saved.removed': objectOf<Content<'saved.removed'>>({ messageId: isId }, {}),
  'chat.preferencesUpdated': objectOf<Content<'chat.preferencesUpdated'>>(
    {
      ...{ chatId: isId, muted: isBoolean, notify: isText, archivedForMe: isBoolean },
      ...{ archivedForMeNo: isCount, unreadFrom: isCount, readNo: isCount },
    },
    {},
  ),
  'thread.followed': ofMessage,
  'thread.unfollowed': ofMessage,
  'settings.updated': objectOf<Content<'settings.updated'>>({ changes: isSettings }, {}),
  'session.ended': objectOf<Content<'session.ended'>>({ sessionId: isId }, {}),

  'user.added': ofUser,
  'user.updated': ofUser,
  'group.listed': objectOf<Content<'group.listed'>>({ group: isListedGroup }, {}),
  'group.unlisted': objectOf<Content<'group.unlisted'>>(
    { group: objectOf<EntryOf<'group.unlisted'>['group']>({ id: isId }, {}) },
    {},
  ),
  'hub.updated': objectOf<Content<'hub.updated'>>(
    {
      changes: objectOf<EntryOf<'hub.updated'>['changes']>(
        {},
        { hubName: isText, registration: isText, recoveryByQuestion: isBoolean },
      ),
    },
    {},
  ),
}

/** True if the entry has a place in a stream, whatever it says. */
export function isEntryEnvelope(value: unknown): value is Entry {
  if (!isObject(value)) return false
  const { stream, seq, at, by, type } = value
  const hasPlace = isId(stream) && isCount(seq) && seq > 0 && isId(type)
  return hasPlace && isTime(at) && (by === undefined || isId(by))
}

/** True if this page can apply the entry. One of a newer hub has another type, and only its place counts. */
export function isKnownEntry(entry: Entry): boolean {
  return Object.hasOwn(contents, entry.type) && contents[entry.type](entry)
}

/** A page of a stream. */
export function isEntryPage(value: unknown): boolean {
  return (
    isObject(value) &&
    isNumber(value['head']) &&
    Array.isArray(value['entries']) &&
    value['entries'].every(isEntryEnvelope)
  )
}
