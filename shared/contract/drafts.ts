import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { EmptyObject, Id, limits, strict, Time } from './values.ts'

/** The client that writes a draft names each version of it: so it knows its own again, and the ones it has built on. */
export const DraftVersion = Type.String({
  pattern: '^[A-Za-z0-9._-]{1,512}$',
  description: 'created by the client, another one for each text; opaque to the hub',
})

export const Draft = Type.Object(
  {
    chatId: Id,
    thread: Type.Optional(Id),
    text: Type.String({ description: 'empty: the draft was sent or cleared' }),
    version: DraftVersion,
    at: Time,
  },
  { ...strict, $id: 'Draft' },
)
export type Draft = Static<typeof Draft>

/** Of `messages.send`: the draft that the message was written from. */
export const SentDraft = Type.Object(
  {
    from: Type.Array(DraftVersion, { minItems: 1, maxItems: 4 }),
    version: DraftVersion,
  },
  {
    ...strict,
    description:
      'The message was written from the draft of its chat or thread. If the draft has a version in `from`, it is cleared in the same transaction, and the empty draft has this `version`. Name a version in one message only: if a message from a version in `from` was stored within 30 days, with the same content, the response is that message with 200, as for a retry. So two devices that send the same draft send one message.',
  },
)
export type SentDraft = Static<typeof SentDraft>

export const draftsList = defineRequest({
  name: 'drafts.list',
  method: 'GET',
  path: '/api/me/drafts',
  access: 'session',
  summary:
    'My drafts, and those that were cleared within a day. Ask after each `state` and `behind`; changes in between arrive as `draft` hints.',
  input: EmptyObject,
  output: Type.Object({ drafts: Type.Array(Draft) }, strict),
})

export const draftsSet = defineRequest({
  name: 'drafts.set',
  method: 'PUT',
  path: '/api/chats/:chatId/draft',
  access: 'member',
  summary:
    'Stores my draft in a chat or a thread; only I can see it. `base` is the version that this text replaces: if the hub has another one, the request is a `conflict` and changes nothing. A retry with the same `version` changes nothing.',
  input: Type.Object(
    {
      chatId: Id,
      thread: Type.Optional(Id),
      text: Type.String({ description: `up to ${limits.draftBytes} bytes of UTF-8; empty clears the draft` }),
      version: DraftVersion,
      base: Type.Optional(DraftVersion),
    },
    strict,
  ),
  output: Type.Object({ draft: Draft }, strict),
})
