import { requireMessageToReact } from '../access.ts'
import { write } from '../dispatch.ts'
import { addReaction, removeReaction } from './reactions.ts'

export const reactionHandlers = {
  'reactions.add': write(
    'reactions.add',
    (db, viewer, ids) => requireMessageToReact(db, viewer, ids['messageId']),
    addReaction,
  ),
  'reactions.remove': write(
    'reactions.remove',
    (db, viewer, ids) => requireMessageToReact(db, viewer, ids['messageId']),
    removeReaction,
  ),
}
