import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message } from './messages.ts'
import { Id, Limit, limits, strict } from './values.ts'

/** Filters by what a message contains. */
export const HasFilter = Type.Union([Type.Literal('file'), Type.Literal('image'), Type.Literal('link')])
export type HasFilter = Static<typeof HasFilter>

/** A time, or the position of a message: the id of the last hit leads to the next page. */
const SearchPosition = Type.Union([Type.Integer(), Type.String({ maxLength: 64 })], {
  description: 'milliseconds since 1970, a day as 2026-05-31, or the id of a message',
})

const HighlightRange = Type.Object({ start: Type.Integer(), end: Type.Integer() }, strict)

export const Hit = Type.Object(
  {
    message: Message,
    chatId: Id,
    threadNo: Type.Optional(
      Type.Integer({ description: '`no` of the parent message, if this is a reply in a thread' }),
    ),
    highlights: Type.Array(HighlightRange, {
      description: 'positions of the terms in `message.text`, in UTF-16 units, in order',
    }),
    context: Type.Object(
      {
        text: Type.String(),
        start: Type.Integer({ description: 'position in `message.text` at which it begins' }),
      },
      { ...strict, description: 'the part of the text around the first highlight' },
    ),
  },
  { ...strict, $id: 'Hit' },
)
export type Hit = Static<typeof Hit>

export const searchMessages = defineRequest({
  name: 'search.messages',
  method: 'GET',
  path: '/api/search',
  access: 'session',
  summary: `Messages of my chats that contain all terms, newest first. A term also matches inside longer words, a “quoted phrase” only exactly; case and accents are ignored. \`OR\` between two terms finds either; \`-\` directly before a term or filter leaves out what it finds. \`q\` can contain from:name, in:chat, has:file|image|link, is:pinned|thread, mentions:me, before:day, after:day and on:day (or during:month), with or without a space after the colon. Days cannot be left out. The days are those of \`zone\`. Pass \`next\` as \`before\` for the next page. \`building\`: older messages are not in the index yet.`,
  input: Type.Object(
    {
      q: Type.Optional(Type.String({ maxLength: limits.searchQuery })),
      chatId: Type.Optional(Id),
      from: Type.Optional(Id),
      has: Type.Optional(HasFilter),
      before: Type.Optional(SearchPosition),
      after: Type.Optional(SearchPosition),
      limit: Type.Optional(Limit),
      zone: Type.Optional(
        Type.String({
          maxLength: 64,
          description:
            'time zone of the days in `q`, `before` and `after`, as Europe/Berlin or +05:30; without it that of the hub',
        }),
      ),
      key: Type.Optional(
        Type.String({
          maxLength: 40,
          description:
            'a later search with the same key replaces one that is still queued; the queued one fails with `conflict`',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object(
    {
      hits: Type.Array(Hit),
      next: Type.Optional(Id),
      building: Type.Optional(Type.Literal(true)),
    },
    strict,
  ),
})
