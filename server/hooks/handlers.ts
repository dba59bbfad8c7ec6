import { type ManagedGroup, requireGroupAdmin } from '../access.ts'
import { type Access, everybody, read, write } from '../call.ts'
import { createHook, listHooks, postByHook, revokeHook } from './hooks.ts'

const groupAdmin: Access<ManagedGroup> = (db, viewer, ids) => requireGroupAdmin(db, viewer, ids['chatId'])

export const hookHandlers = {
  'hooks.list': read('hooks.list', groupAdmin, async (hub, _caller, { chatId }) => ({
    hooks: await listHooks(hub.reader, chatId),
  })),
  'hooks.create': write('hooks.create', groupAdmin, (tx, hub, caller, { name }, chat) =>
    createHook(tx, hub, caller, chat, name),
  ),
  'hooks.revoke': write('hooks.revoke', groupAdmin, (tx, hub, caller, { hookId }, chat) =>
    revokeHook(tx, hub, caller, chat, hookId),
  ),
  'hooks.post': write('hooks.post', everybody, postByHook),
}
