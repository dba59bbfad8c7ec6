import { requireHubAdmin } from '../access.ts'
import { audit } from '../audit/audit.ts'
import { type AccessCheck, read, write } from '../dispatch.ts'
import { createToken } from '../tokens/tokens.ts'
import { deactivateBot, insertBot, listBots, requireBot } from './bots.ts'

const hubAdmin: AccessCheck<unknown> = (db, viewer) => requireHubAdmin(db, viewer)

export const botHandlers = {
  'admin.bots.list': read('admin.bots.list', hubAdmin, async (hub) => ({ bots: await listBots(hub.reader) })),
  'admin.bots.create': write('admin.bots.create', hubAdmin, async (tx, hub, { viewer }, input) => {
    const by = viewer.userId
    const user = await insertBot(tx, hub.live, { ...input, by })
    await audit(tx, { action: 'bot.created', by, target: user.id })
    const { token } = await createToken(tx, { userId: user.id, by }, { name: 'Bot', scope: 'write' })
    return { user, token }
  }),
  'admin.bots.revoke': write('admin.bots.revoke', hubAdmin, async (tx, hub, { viewer }, { userId }) => {
    await requireBot(tx.db, userId)
    await deactivateBot(tx, hub, userId, viewer.userId)
    await audit(tx, { action: 'bot.revoked', by: viewer.userId, target: userId })
  }),
}
