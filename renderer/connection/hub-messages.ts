import type { FromHub } from '../../shared/contract/live.ts'
import { isEntryEnvelope } from './entry-forms.ts'
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
} from './form.ts'
import { parseFrame } from './frames.ts'
import { isChatSummary, isDraft, isSettings, isUser } from './hub-forms.ts'

type MessageType = FromHub['t']
type Content<T extends MessageType> = Omit<Extract<FromHub, { t: T }>, 't'>

const isAny: Form = () => true
const isRequestId: Form = (value) => isCount(value) || isText(value)
const receipt = objectOf<Content<'read'>>({ chat: isId, user: isId, no: isCount }, {})

/** Total over the protocol. Terms, places and tickets are read by functions of their own. */
const contents: { readonly [T in MessageType]: Form } = {
  hello: objectOf<Content<'hello'>>(
    {
      protocol: objectOf<Content<'hello'>['protocol']>({ min: isNumber, max: isNumber }, {}),
      ...{ hubId: isId, epoch: isId, boot: isText, user: isId, now: isTime, limits: isObject },
    },
    { large: isBoolean, term: isAny },
  ),
  state: objectOf<Content<'state'>>(
    {
      ...{ epoch: isId, chats: listOf(isChatSummary), heads: recordOf(isCount), presence: recordOf(isText) },
      me: (me) => isUser(me) && isSettings((me as { settings?: unknown }).settings),
    },
    {
      since: objectOf<NonNullable<Content<'state'>['since']>>(
        { gone: listOf(isId) },
        { entries: listOf(isEntryEnvelope) },
      ),
      ...{ users: listOf(isUser), wants: listOf(isText), places: isAny, safety: isText },
    },
  ),
  entry: isEntryEnvelope,
  behind: objectOf<Content<'behind'>>({ heads: recordOf(isCount), presence: recordOf(isText) }, {}),
  presence: objectOf<Content<'presence'>>({ user: isId, state: isText }, { lastSeen: isTime }),
  typing: objectOf<Content<'typing'>>({ chat: isId, user: isId }, {}),
  read: receipt,
  delivered: receipt,
  threadRead: objectOf<Content<'threadRead'>>({ chat: isId, thread: isId, no: isCount }, {}),
  activity: isAny,
  draft: objectOf<Content<'draft'>>({ draft: isDraft }, {}),
  places: objectOf<Content<'places'>>({ places: isAny, safety: isText }, {}),
  safe: objectOf<Content<'safe'>>({ upTo: isNumber }, {}),
  ok: objectOf<Content<'ok'>>({ id: isRequestId, output: isAny }, { held: isNumber }),
  err: objectOf<Content<'err'>>({ id: isRequestId, error: isObject }, {}),
  pong: isAny,
  bye: objectOf<Content<'bye'>>(
    { code: isText },
    { after: isNumber, term: isAny, places: isAny, ticket: isAny },
  ),
}

/**
 * Returns the messages of a frame that this page can use. Those of a newer hub and damaged ones are left out: a missing entry
 * is read again. Undefined if the connection cannot go on: the frame is malformed, or what begins a connection is damaged.
 */
export function readFrame(data: unknown): FromHub[] | undefined {
  const messages = parseFrame(data)
  const sound = messages?.filter(isSound)
  const isLost = messages?.some(
    (message) => (message.t === 'hello' || message.t === 'state') && !isSound(message),
  )
  return isLost ? undefined : sound
}

function isSound(message: FromHub): boolean {
  return Object.hasOwn(contents, message.t) && contents[message.t](message)
}
