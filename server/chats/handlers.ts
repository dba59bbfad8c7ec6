import { foldCase } from '../../shared/text/names.ts'
import { limits } from '../../shared/contract/values.ts'
import {
  requireChat,
  requireDeletedGroup,
  requireGroup,
  requireManagedGroup,
  requireOwnedGroup,
  requireVisibleGroup,
  requireJoinableGroup,
} from '../access.ts'
import { custom, noAccessCheck, read, write } from '../dispatch.ts'
import {
  archiveGroup,
  createGroup,
  deleteGroup,
  joinGroup,
  leaveGroup,
  openDirectChat,
  toDeletedGroup,
  undeleteGroup,
  updateGroup,
} from './chats.ts'
import { toListedGroup } from './membership.ts'
import { readPicture, removePicture, setPicture } from './picture.ts'
import { updateChatPreferences } from '../chat-preferences/chat-preferences.ts'
import { markAllRead, markRead } from './receipts.ts'
import { listDeletedGroups, listMembers, listPublicGroupsWithout } from './queries.ts'
import { findSummary, listSummaries } from './summaries.ts'
import { notFound } from '../../shared/errors.ts'

export const chatHandlers = {
  'chats.list': read('chats.list', noAccessCheck, async (hub, { viewer }) => ({
    chats: await listSummaries(hub.reader, viewer.userId),
  })),
  'chats.direct': write('chats.direct', noAccessCheck, (tx, hub, { viewer }, input) =>
    openDirectChat(tx, hub, viewer, input),
  ),
  'chats.create': write('chats.create', noAccessCheck, (tx, hub, { viewer }, input) =>
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
  'chats.discover': read('chats.discover', noAccessCheck, async (hub, { viewer }, { query }) => {
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
    (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, input, group) => updateGroup(tx, hub, viewer, group, input),
  ),
  'chats.picture': custom(
    'chats.picture',
    (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    (hub, { viewer }, { bytes }, group) => setPicture(hub, viewer, group.id, bytes),
  ),
  'chats.picture.remove': write(
    'chats.picture.remove',
    (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => removePicture(tx, hub, viewer, group),
  ),
  'chats.picture.get': read(
    'chats.picture.get',
    (db, viewer, ids) => requireVisibleGroup(db, viewer, ids['chatId']),
    (hub, _caller, { pictureId }, { id }) => readPicture(hub, id, pictureId),
  ),
  'chats.archive': write(
    'chats.archive',
    (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => archiveGroup(tx, hub, viewer, group, true),
  ),
  'chats.unarchive': write(
    'chats.unarchive',
    (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => archiveGroup(tx, hub, viewer, group, false),
  ),
  'chats.delete': write(
    'chats.delete',
    (db, viewer, ids) => requireOwnedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => deleteGroup(tx, hub, viewer, group),
  ),
  'chats.listDeleted': read('chats.listDeleted', noAccessCheck, async (hub, { viewer }) => ({
    chats: (await listDeletedGroups(hub.reader, viewer)).map(toDeletedGroup),
  })),
  'chats.undelete': write(
    'chats.undelete',
    (db, viewer, ids) => requireDeletedGroup(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, _input, group) => undeleteGroup(tx, hub, viewer, group),
  ),
  'chats.updatePreferences': write(
    'chats.updatePreferences',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    updateChatPreferences,
  ),
  'chats.read': write(
    'chats.read',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    (tx, hub, { viewer }, { no }, chat) => markRead(tx, hub, viewer, chat, no),
  ),
  'chats.readAll': write('chats.readAll', noAccessCheck, (tx, hub, { viewer }) =>
    markAllRead(tx, hub, viewer),
  ),
}
