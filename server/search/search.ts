import type { Input, Output } from '../../shared/contract.ts'
import type { Hit } from '../../shared/contract/search.ts'
import type { Known } from '../call.ts'
import { listMyChatIds } from '../chats/queries.ts'
import type { Hub } from '../hub.ts'
import { toMessage } from '../messages/project.ts'
import { listMessagesById } from '../messages/queries.ts'
import { indexedFrom } from './build.ts'
import type { Found } from './find.ts'
import { highlight } from './highlight.ts'

/** What a search costs of what a person may ask for in a second. */
const cost = 5

/**
 * What is found is read once more here, through the person and as it is now: a message may have been edited or deleted,
 * or its reader removed from the chat, since the thread looked.
 */
export async function searchMessages(
  hub: Hub,
  caller: Known,
  input: Input<'search.messages'>,
): Promise<Output<'search.messages'>> {
  const { userId } = caller.viewer
  hub.rate?.take(userId, 'search.messages', cost - 1)
  await hub.intake.all()
  const { found, next } = await hub.search.search({
    me: userId,
    input,
    now: hub.clock(),
    isOver: () => caller.isOver?.() ?? false,
  })
  const isBuilding = (await indexedFrom(hub.reader)) > 1
  return {
    hits: await hitsOf(hub, userId, found),
    ...(next === undefined ? {} : { next }),
    ...(isBuilding ? { building: true as const } : {}),
  }
}

async function hitsOf(hub: Hub, userId: string, found: Found[]): Promise<Hit[]> {
  const rows = await listMessagesById(
    hub.reader,
    found.map(({ id }) => id),
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const mine = new Set(await listMyChatIds(hub.reader, userId))
  const roots = await listMessagesById(
    hub.reader,
    rows.map(({ thread }) => thread).filter((thread) => thread !== ''),
  )
  const threadNos = new Map(roots.map((root) => [root.id, root.no]))
  return found.flatMap(({ id, rev, chatId, highlights, context }) => {
    const row = byId.get(id)
    const message = row && mine.has(chatId) ? toMessage(row) : undefined
    if (!message || message.deleted === true) return []
    const shown = message.rev === rev ? { highlights, context } : highlight(message.text, [])
    const threadNo = threadNos.get(row?.thread ?? '')
    return [{ message, chatId, ...(threadNo === undefined ? {} : { threadNo }), ...shown }]
  })
}
