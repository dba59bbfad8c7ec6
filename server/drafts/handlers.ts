import { requireChat } from '../access/chats.ts'
import { defineHandlers, noAccessCheck, read, write } from '../define-handlers.ts'
import { viewerLocks } from '../request-locks.ts'
import { setDraft, toDraft } from './drafts.ts'
import { listDrafts } from './queries.ts'

export const draftHandlers = defineHandlers({
  'drafts.list': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => ({
      drafts: (await listDrafts(db, { userId: viewer.userId })).map(toDraft),
    }),
  }),
  'drafts.set': write({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    locks: viewerLocks,
    run: setDraft,
  }),
})
