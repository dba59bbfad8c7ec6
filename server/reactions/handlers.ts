import { requireMessageToReact } from '../access/messages.ts'
import { messageLocks } from '../request-locks.ts'
import { write, defineHandlers } from '../define-handlers.ts'
import { addReaction, removeReaction } from './reactions.ts'

export const reactionHandlers = defineHandlers({
  'reactions.add': write({
    access: (db, viewer, ids) => requireMessageToReact(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: addReaction,
  }),
  'reactions.remove': write({
    access: (db, viewer, ids) => requireMessageToReact(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: removeReaction,
  }),
})
