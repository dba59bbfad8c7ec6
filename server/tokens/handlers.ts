import { everybody, read, write } from '../call.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'

export const tokenHandlers = {
  'tokens.list': read('tokens.list', everybody, async (hub, { viewer }) => ({
    tokens: await listTokens(hub.reader, viewer.userId),
  })),
  'tokens.create': write('tokens.create', everybody, (tx, _hub, { viewer: { userId } }, input) =>
    createToken(tx, { userId, by: userId }, input),
  ),
  'tokens.revoke': write('tokens.revoke', everybody, (tx, hub, { viewer }, { tokenId }) =>
    revokeToken(tx, hub.live, viewer, tokenId),
  ),
}
