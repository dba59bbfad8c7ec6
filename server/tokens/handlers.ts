import { noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { viewerLocks } from '../request-locks.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'

export const tokenHandlers = defineHandlers({
  'tokens.list': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => ({
      tokens: await listTokens(db, viewer.userId),
    }),
  }),
  'tokens.create': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: (op, input) => {
      const { userId } = op.viewer
      return createToken(op, { userId, by: userId }, input)
    },
  }),
  'tokens.revoke': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: (op, { tokenId }) => revokeToken(op, tokenId),
  }),
})
