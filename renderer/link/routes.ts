// Made by scripts/routes.ts from shared/contract.ts: change it there.
import type { RequestName } from '../../shared/contract.ts'
import type { Method } from '../../shared/contract/define.ts'

/** Method and path of every request; `http`: the socket refuses it. */
export const routes: Readonly<Record<RequestName, readonly [Method, string, 'http'?]>> = {
  'hub.meta': ['GET', '/api/meta'],
  'hub.setup': ['POST', '/api/setup', 'http'],
  'accounts.register': ['POST', '/api/register', 'http'],
  'accounts.login': ['POST', '/api/login', 'http'],
  'accounts.logout': ['POST', '/api/logout'],
  'me.get': ['GET', '/api/me'],
  'users.list': ['GET', '/api/users'],
  'users.get': ['GET', '/api/users/:userId'],
  'chats.list': ['GET', '/api/chats'],
  'chats.direct': ['POST', '/api/chats/direct'],
  'chats.create': ['POST', '/api/chats'],
  'chats.get': ['GET', '/api/chats/:chatId'],
  'chats.discover': ['GET', '/api/chats/discover'],
  'chats.join': ['POST', '/api/chats/:chatId/join'],
  'chats.leave': ['POST', '/api/chats/:chatId/leave'],
  'chats.update': ['PATCH', '/api/chats/:chatId'],
  'chats.delete': ['DELETE', '/api/chats/:chatId'],
  'chats.read': ['POST', '/api/chats/:chatId/read'],
  'chats.readAll': ['POST', '/api/chats/read'],
  'members.add': ['POST', '/api/chats/:chatId/members'],
  'members.update': ['PATCH', '/api/chats/:chatId/members/:userId'],
  'members.remove': ['DELETE', '/api/chats/:chatId/members/:userId'],
  'messages.list': ['GET', '/api/chats/:chatId/messages'],
  'messages.send': ['POST', '/api/chats/:chatId/messages'],
  'messages.status': ['GET', '/api/messages/:messageId/status'],
  'streams.read': ['GET', '/api/streams/:stream'],
  'admin.invites.create': ['POST', '/api/admin/invites'],
  'admin.settings': ['GET', '/api/admin/settings'],
  'admin.settings.update': ['PATCH', '/api/admin/settings'],
}
