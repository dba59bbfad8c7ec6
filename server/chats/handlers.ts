import { requireChat } from '../access/chats.ts'
import {
  requireDeletedGroup,
  requireGroup,
  requireGroupToUpdate,
  requireManagedGroup,
  requireOwnedGroup,
  requireVisibleGroup,
  requireJoinableGroup,
} from '../access/groups.ts'
import { custom, noAccessCheck, read, gathered, write, defineHandlers } from '../define-handlers.ts'
import { archiveGroup, createGroup, updateGroup } from './groups.ts'
import { directChatLocks, openChatWithUsers, openDirectChat } from './direct.ts'
import { deleteGroup, toDeletedGroup, undeleteGroup } from './delete-group.ts'
import { joinGroup, leaveGroup } from './members.ts'
import { chatAndViewerLocks, chatLocks, viewerLocks } from '../request-locks.ts'
import { discoverGroups } from './listed-groups.ts'
import { readPicture, removePicture, setPicture } from './picture.ts'
import { updateChatPreferences } from './chat-preferences.ts'
import { markAllRead } from './receipts.ts'
import { listLeadingMembers, listMembers } from './list-members.ts'
import { listDeletedGroups } from './queries.ts'
import { findSummary, listSummaries } from './summaries.ts'
import { notFound } from '../../shared/errors.ts'

export const chatHandlers = defineHandlers({
  'chats.list': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => ({
      chats: await listSummaries(db, viewer.userId),
    }),
  }),
  'chats.direct': write({
    access: noAccessCheck,
    locks: directChatLocks,
    run: (op, input) => openDirectChat(op, input),
  }),
  'chats.withUsers': write({ access: noAccessCheck, locks: 'hub', run: openChatWithUsers }),
  'chats.create': write({ access: noAccessCheck, locks: [], run: (op, input) => createGroup(op, input) }),
  'chats.get': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: async ({ db, viewer }, { chatId, most = Infinity }) => {
      const chat = await findSummary(db, viewer.userId, chatId)
      if (!chat) throw notFound('This chat')
      if (chat.memberCount <= most) return { chat, members: await listMembers(db, chatId) }
      return { chat, members: await listLeadingMembers(db, chatId, viewer.userId), partial: true }
    },
  }),
  'chats.discover': read({ access: noAccessCheck, run: discoverGroups }),
  'chats.join': write({
    access: (db, viewer, ids) => requireJoinableGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => joinGroup(op, group),
  }),
  'chats.leave': write({
    access: (db, viewer, ids) => requireGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, chat) => leaveGroup(op, chat),
  }),
  'chats.update': write({
    access: (db, viewer, ids) => requireGroupToUpdate(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, input, group) => updateGroup(op, group, input),
  }),
  'chats.picture': custom({
    access: (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    run: (request, { bytes }, group) => setPicture(request, group.id, bytes),
  }),
  'chats.picture.remove': write({
    access: (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => removePicture(op, group),
  }),
  'chats.picture.get': read({
    access: (db, viewer, ids) => requireVisibleGroup(db, viewer, ids['chatId']),
    run: ({ db, hub }, { pictureId }, { id }) => readPicture(db, hub.files, id, pictureId),
  }),
  'chats.archive': write({
    access: (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => archiveGroup(op, group, true),
  }),
  'chats.unarchive': write({
    access: (db, viewer, ids) => requireManagedGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => archiveGroup(op, group, false),
  }),
  'chats.delete': write({
    access: (db, viewer, ids) => requireOwnedGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => deleteGroup(op, group),
  }),
  'chats.listDeleted': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => ({
      chats: (await listDeletedGroups(db, viewer)).map(toDeletedGroup),
    }),
  }),
  'chats.undelete': write({
    access: (db, viewer, ids) => requireDeletedGroup(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: (op, _input, group) => undeleteGroup(op, group),
  }),
  'chats.updatePreferences': write({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    locks: chatAndViewerLocks,
    run: updateChatPreferences,
  }),
  'chats.read': gathered({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ hub, caller }, { chatId, no }) => hub.live.receipts.read(caller, chatId, no),
  }),
  'chats.readAll': write({ access: noAccessCheck, locks: viewerLocks, run: (op) => markAllRead(op) }),
})
