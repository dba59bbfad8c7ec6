import { foldCase } from '../../shared/text/names.ts'
import { limits } from '../../shared/contract/values.ts'
import {
  requireChat,
  requireGroup,
  requireGroupAdmin,
  requireGroupOwner,
  requireJoinableGroup,
} from '../access.ts'
import { everybody, read, write } from '../call.ts'
import { createGroup, deleteGroup, joinGroup, leaveGroup, openDirectChat, updateGroup } from './chats.ts'
import { toListedGroup } from './membership.ts'
import { markAllRead, markRead } from './marks.ts'
import { listMembers, listPublicGroupsWithout } from './queries.ts'
import { findSummary, listSummaries } from './summaries.ts'
import { notFound } from '../../shared/errors.ts'

export const chatHandlers = {
  'chats.list': read('chats.list', everybody, async (hub, { viewer }) => ({
    chats: await listSummaries(hub.reader, viewer.userId),
  })),
  'chats.direct': write('chats.direct', everybody, (tx, hub, { viewer }, input) =>
    openDirectChat(tx, hub, viewer, input),
  ),
  'chats.create': write('chats.create', everybody, (tx, hub, { viewer }, input) =>
    createGroup(tx, hub, viewer, input),
  ),
  'chats.get': read(
    'chats.get',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    async (hub, { viewer }, { chatId }) => {
      const chat = await findSummary(hub.reader, viewer.userId, chatId)
      if (!chat) throw notFound('This chat')
      return { chat, members: await listMembers(hub.reader, chatId) }
    },
  ),
  'chats.discover': read('chats.discover', everybody, async (hub, { viewer }, { query }) => {
    const part = foldCase(query ?? '').trim()
    const groups = await listPublicGroupsWithout(hub.reader, viewer.userId)
    return {
      chats: groups
        .map((row) => ({ key: foldCase(row.name), row }))
        .filter(({ key }) => key.includes(part))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.row.id < b.row.id ? -1 : 1))
        .slice(0, limits.page.groups)
        .map(({ row }) => toListedGroup(row)),
    }
  }),
  'chats.join': write(
    'chats.join',
    (db, viewer, ids) => requireJoinableGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => joinGroup(tx, hub, viewer, group),
  ),
  'chats.leave': write(
    'chats.leave',
    (db, viewer, ids) => requireGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, chat) => leaveGroup(tx, hub, viewer, chat),
  ),
  'chats.update': write(
    'chats.update',
    (db, viewer, ids) => requireGroupAdmin(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, input, chat) => updateGroup(tx, hub, viewer, chat, input),
  ),
  'chats.delete': write(
    'chats.delete',
    (db, viewer, ids) => requireGroupOwner(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, chat) => deleteGroup(tx, hub, viewer, chat),
  ),
  'chats.read': write(
    'chats.read',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, { no }, chat) => markRead(tx, hub, viewer, chat, no),
  ),
  'chats.readAll': write('chats.readAll', everybody, (tx, hub, { viewer }) => markAllRead(tx, hub, viewer)),
}
