import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import { nameRanker } from '../../shared/text/name-search.ts'
import type { ReadContext } from '../define-handlers.ts'
import type { HubContext } from '../context.ts'
import type { Db } from '../db/schema.ts'
import { toListedGroup } from './membership.ts'
import { findListedGroups, listPublicGroupNames } from './queries.ts'

/*
 * The public groups in the order of their names, so that a page of them costs a page and not all of them. Each change of
 * the list is an entry in the stream of the hub: while its head is the same, so is the list.
 */

interface SortedNames {
  head: number
  groups: { id: string; name: string; key: string }[]
}

const sortedNames = new WeakMap<HubContext, SortedNames>()

/** A page of the public groups that the user is not in, by name. @throws HubError `invalid` for an unknown `after` */
export async function discoverGroups(
  { db, hub, viewer }: ReadContext<'chats.discover'>,
  { query, after, limit }: Input<'chats.discover'>,
) {
  const { groups } = await readSortedNames(hub, db)
  const rank = nameRanker(query ?? '')
  const count = Math.min(limit ?? limits.page.groups, limits.page.groups)
  let at = 0
  if (after !== undefined) {
    at = groups.findIndex(({ id }) => id === after) + 1
    if (at === 0)
      throw new HubError('invalid', '“after” is not the id of a public group.', { field: 'after' })
  }
  const found: ReturnType<typeof toListedGroup>[] = []
  while (at < groups.length && found.length <= count) {
    const ids: string[] = []
    for (; at < groups.length && ids.length <= count; at += 1) {
      const group = groups[at]
      if (group && rank(group.name) > 0) ids.push(group.id)
    }
    const rows = new Map((await findListedGroups(db, viewer.userId, ids)).map((row) => [row.id, row]))
    for (const id of ids) {
      const row = rows.get(id)
      if (row) found.push(toListedGroup(row))
    }
  }
  return { chats: found.slice(0, count), more: found.length > count }
}

async function readSortedNames(hub: HubContext, db: Db): Promise<SortedNames> {
  const { head } = await db.selectFrom('hub').select('head').executeTakeFirstOrThrow()
  const known = sortedNames.get(hub)
  if (known?.head === head) return known
  const rows = await listPublicGroupNames(db)
  const groups = rows
    .map(({ id, name }) => ({ id, name, key: foldCase(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1))
  const names = { head, groups }
  sortedNames.set(hub, names)
  return names
}
