import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message } from './messages.ts'
import { Id, Limit, limits, strict } from './values.ts'

/** What a message can be looked for by, besides its words. */
export const HasFilter = Type.Union([Type.Literal('file'), Type.Literal('image'), Type.Literal('link')])
export type HasFilter = Static<typeof HasFilter>

/** A moment, or the place of a message: pages are asked for with the id of the last hit. */
const SearchPosition = Type.Union([Type.Integer(), Type.String({ maxLength: 64 })], {
  description: 'milliseconds since 1970, a day as 2026-05-31, or the id of a message',
})

const HighlightRange = Type.Object({ start: Type.Integer(), end: Type.Integer() }, strict)

export const Hit = Type.Object(
  {
    message: Message,
    chatId: Id,
    threadNo: Type.Optional(
      Type.Integer({ description: 'of a reply in a thread: the `no` of the message that it hangs on' }),
    ),
    highlights: Type.Array(HighlightRange, {
      description: 'where in `message.text` the words stand, in UTF-16 units, in order',
    }),
    context: Type.Object(
      { text: Type.String(), start: Type.Integer({ description: 'where in `message.text` it begins' }) },
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
  summary: `Messages in my chats with all of these words, the newest first. A word is found inside longer ones, “in quotes” as it stands; without regard to case and accents. In \`q\` also from:name, in:chat, has:file|image|link, before:day, after:day. The next page is asked for with \`before\`: \`next\`. \`building\`: older messages are not in the index yet.`,
  input: Type.Object(
    {
      q: Type.Optional(Type.String({ maxLength: limits.searchQuery })),
      chatId: Type.Optional(Id),
      from: Type.Optional(Id),
      has: Type.Optional(HasFilter),
      before: Type.Optional(SearchPosition),
      after: Type.Optional(SearchPosition),
      limit: Type.Optional(Limit),
      key: Type.Optional(
        Type.String({
          maxLength: 40,
          description:
            'a later search of mine with the same key takes the place of one that still waits, which answers `conflict`',
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
