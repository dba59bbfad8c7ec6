import type { Input, Output } from '../../shared/contract.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { listChatIdsOfUser } from '../chats/queries.ts'
import { toMessage } from '../messages/message-view.ts'
import { listMessagesById } from '../messages/queries.ts'
import { indexedFrom } from './build-index.ts'
import type { SearchMatch } from '../search-index/execute.ts'
import { highlight } from '../search-index/highlight.ts'
import { SearchFailedError } from '../search-index/search-host.ts'
import { reportIndexDamage } from './repair.ts'
import type { RequestContext } from '../define-handlers.ts'
import type { Db } from '../db/schema.ts'

/** Cost of a search, in units of the rate limit. */
const searchCost = 5

/**
 * Reads each match once more here, with the viewer's access and its current content. Since the worker looked, a
 * message may have been edited or deleted, or the viewer removed from the chat.
 */
export async function searchMessages(
  { hub, caller }: RequestContext<'search.messages'>,
  input: Input<'search.messages'>,
): Promise<Output<'search.messages'>> {
  const { userId } = caller.viewer
  hub.rateLimiter?.consume(userId, 'search.messages', searchCost - 1)
  await hub.indexing.drain()
  if (hub.messageIndex.isDamaged) return indexBeingRebuilt
  let found: SearchMatch[]
  let next: string | undefined
  let isBuilding: boolean
  try {
    ;({ matches: found, next } = await hub.search.search({
      userId: userId,
      input,
      now: hub.clock(),
      isCancelled: () => caller.isCancelled?.() ?? false,
    }))
    isBuilding = await hub.store.read(isIndexBuilding)
  } catch (error) {
    if (!(error instanceof SearchFailedError)) throw error
    // damage that the index has, or that it will meet when it is built again
    reportIndexDamage(hub, error)
    return indexBeingRebuilt
  }
  const hits = await hub.store.read((db) => loadHits(db, userId, found))
  return {
    hits,
    ...(next === undefined ? {} : { next }),
    ...(isBuilding ? { building: true as const } : {}),
  }
}

const indexBeingRebuilt: Output<'search.messages'> = { hits: [], building: true }

async function isIndexBuilding(db: Db): Promise<boolean> {
  try {
    return (await indexedFrom(db)) > 1
  } catch (error) {
    throw new SearchFailedError(String(error), { cause: error })
  }
}

async function loadHits(db: Db, userId: string, found: SearchMatch[]): Promise<Hit[]> {
  const rows = await listMessagesById(
    db,
    found.map(({ id }) => id),
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const mine = new Set(await listChatIdsOfUser(db, userId))
  const roots = await listMessagesById(
    db,
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
