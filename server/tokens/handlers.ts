import { noAccessCheck, read, write } from '../dispatch.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'

export const tokenHandlers = {
  'tokens.list': read('tokens.list', noAccessCheck, async (hub, { viewer }) => ({
    tokens: await listTokens(hub.reader, viewer.userId),
  })),
  'tokens.create': write('tokens.create', noAccessCheck, (tx, _hub, { viewer: { userId } }, input) =>
    createToken(tx, { userId, by: userId }, input),
  ),
  'tokens.revoke': write('tokens.revoke', noAccessCheck, (tx, hub, { viewer }, { tokenId }) =>
    revokeToken(tx, hub.live, viewer, tokenId),
  ),
}
