import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, threadNo } from './messages.ts'
import { Limit, strict, Time } from './values.ts'

/** `reply`: in a thread that I follow. `keyword`: a message of others contains one of the words of my settings. */
export const ActivityKind = Type.Union([
  Type.Literal('mention'),
  Type.Literal('reply'),
  Type.Literal('reaction'),
  Type.Literal('keyword'),
])
export type ActivityKind = Static<typeof ActivityKind>

const ActivityNumber = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'a later item has a higher one',
})

export const ActivityItem = Type.Object(
  {
    id: ActivityNumber,
    kind: ActivityKind,
    message: Message,
    threadNo,
    by: Type.String({ description: 'who mentioned me, replied or reacted', minLength: 1 }),
    emoji: Type.Optional(Type.String({ description: 'of a reaction' })),
    at: Time,
    unread: Type.Boolean({
      description:
        'a message counts as read once its chat or thread is read that far; a reaction only by activity.read',
    }),
  },
  { ...strict, $id: 'ActivityItem' },
)
export type ActivityItem = Static<typeof ActivityItem>

export const activityList = defineRequest({
  name: 'activity.list',
  method: 'GET',
  path: '/api/me/activity',
  access: 'session',
  summary:
    'Mentions of me, replies in threads I follow, reactions to my messages, and messages with my keywords, the latest first. Pass `next` as `before` for the next page. `unread` counts all kinds.',
  input: Type.Object(
    {
      kind: Type.Optional(ActivityKind),
      before: Type.Optional(ActivityNumber),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    { items: Type.Array(ActivityItem), next: Type.Optional(ActivityNumber), unread: Type.Integer() },
    strict,
  ),
})

export const activityRead = defineRequest({
  name: 'activity.read',
  method: 'POST',
  path: '/api/me/activity/read',
  access: 'session',
  summary:
    'Marks items as read: those with the given ids, or all up to `upTo`. My chats and threads stay as they are. Unknown ids are ignored.',
  input: Type.Object(
    {
      ids: Type.Optional(Type.Array(ActivityNumber, { minItems: 1, maxItems: 100 })),
      upTo: Type.Optional(ActivityNumber),
    },
    strict,
  ),
  output: Type.Object({ unread: Type.Integer() }, strict),
})
