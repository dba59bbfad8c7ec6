import { requireHubAdmin } from '../access/hub.ts'
import { audit } from '../audit/audit.ts'
import { type AccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { createToken } from '../tokens/tokens.ts'
import { deactivateBot, insertBot, listBots, requireBot } from './bots.ts'

const hubAdmin: AccessCheck<unknown> = (db, viewer) => requireHubAdmin(db, viewer)

export const botHandlers = defineHandlers({
  'admin.bots.list': read({
    access: hubAdmin,
    run: async ({ db }) => ({ bots: await listBots(db) }),
  }),
  'admin.bots.create': write({
    access: hubAdmin,
    locks: 'hub',
    run: async (op, input) => {
      const by = op.viewer.userId
      const user = await insertBot(op, { ...input, by })
      audit(op, { action: 'bot.created', by, target: user.id })
      const { token } = await createToken(op, { userId: user.id, by }, { name: 'Bot', scope: 'write' })
      return { user, token }
    },
  }),
  'admin.bots.revoke': write({
    access: hubAdmin,
    locks: 'hub',
    run: async (op, { userId }) => {
      await requireBot(op.db, userId)
      await deactivateBot(op, userId, op.viewer.userId)
      audit(op, { action: 'bot.revoked', by: op.viewer.userId, target: userId })
    },
  }),
})
