import { Compile } from 'typebox/schema'
import { limits } from '../../shared/contract/values.ts'
import { Type } from '../../shared/contract/type.ts'
import type { KeptMessage } from '../continuity/set-aside-messages.ts'
import type { SetAsideSummary } from '../continuity/set-aside.ts'

/*
 * The form of what a standby says about its folders. A standby is trusted with the messages and the key of the hub, not with
 * the disk of the hub's computer: a digest is a part of a path there.
 */

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Id = Type.String({ minLength: 1, maxLength: 64 })
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Origin = Type.Object({ id: Id, author: Id, cid: Type.String({ maxLength: 64 }) })
const Size = Type.Union([Type.Null(), Count])

const File = Type.Object({
  id: Id,
  name: Type.String({ maxLength: 1_000 }),
  type: Type.String({ maxLength: 300 }),
  size: Count,
  digest: Digest,
  ...{ width: Size, height: Size },
  duration: Type.Union([Type.Null(), Type.Number({ minimum: 0 })]),
  moves: Count,
  hasPreview: Type.Boolean(),
})

const messages = Compile(
  Type.Array(
    Type.Object({
      n: Count,
      ...{ id: Id, chatId: Id, author: Id, cid: Type.String({ maxLength: 64 }) },
      text: Type.String({ maxLength: limits.text }),
      ...{ at: Count, editedAt: Size },
      digest: Type.String({ pattern: '^(?:[0-9a-f]{2}){0,64}$' }),
      ...{ thread: Type.Optional(Origin), replyTo: Type.Optional(Origin) },
      files: Type.Array(File, { maxItems: limits.attachments }),
    }),
  ),
)

const folders = Compile(
  Type.Array(
    Type.Object({
      folder: Type.String({ pattern: '^diverged-[0-9]{1,9}$' }),
      ...{ movedAt: Count, messages: Count, people: Count, files: Count, unreachable: Count },
      other: Type.Record(Type.String({ maxLength: 30 }), Count),
      problem: Type.Optional(Type.String({ maxLength: 500 })),
    }),
  ),
)

/** @throws Error if these are not messages that come after this row, in the order of their rows */
export function checkMessages(value: unknown, after: number): readonly KeptMessage[] {
  if (!messages.Check(value)) throw new Error('The other computer has sent what are no messages.')
  const found = value as readonly KeptMessage[]
  if (found.some(({ n }, i) => n <= (found[i - 1]?.n ?? after)))
    throw new Error('The other computer has sent messages out of order.')
  return found
}

/** @throws Error if these are no folders */
export function checkFolders(value: unknown): readonly SetAsideSummary[] {
  if (!folders.Check(value)) throw new Error('The other computer has named what are no folders.')
  return value
}
