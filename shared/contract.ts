/** The contract in one list: doors, clients, documents and the authorisation matrix are all made from it. */
import { accountsLogin, accountsLogout, accountsRegister, meGet } from './contract/accounts.ts'
import { invitesCreate, settingsGet, settingsUpdate } from './contract/admin.ts'
import {
  chatsCreate,
  chatsDelete,
  chatsDirect,
  chatsDiscover,
  chatsGet,
  chatsJoin,
  chatsLeave,
  chatsList,
  chatsRead,
  chatsReadAll,
  chatsUpdate,
} from './contract/chats.ts'
import type { InputOf, OutputOf, RequestSpec } from './contract/define.ts'
import { streamsRead } from './contract/entries.ts'
import { hubMeta, hubSetup } from './contract/hub.ts'
import { membersAdd, membersRemove, membersUpdate } from './contract/members.ts'
import { messagesList, messagesSend, messagesStatus } from './contract/messages.ts'
import { usersGet, usersList } from './contract/users.ts'

export const requests = {
  'hub.meta': hubMeta,
  'hub.setup': hubSetup,
  'accounts.register': accountsRegister,
  'accounts.login': accountsLogin,
  'accounts.logout': accountsLogout,
  'me.get': meGet,
  'users.list': usersList,
  'users.get': usersGet,
  'chats.list': chatsList,
  'chats.direct': chatsDirect,
  'chats.create': chatsCreate,
  'chats.get': chatsGet,
  'chats.discover': chatsDiscover,
  'chats.join': chatsJoin,
  'chats.leave': chatsLeave,
  'chats.update': chatsUpdate,
  'chats.delete': chatsDelete,
  'chats.read': chatsRead,
  'chats.readAll': chatsReadAll,
  'members.add': membersAdd,
  'members.update': membersUpdate,
  'members.remove': membersRemove,
  'messages.list': messagesList,
  'messages.send': messagesSend,
  'messages.status': messagesStatus,
  'streams.read': streamsRead,
  'admin.invites.create': invitesCreate,
  'admin.settings': settingsGet,
  'admin.settings.update': settingsUpdate,
} as const

export type RequestName = keyof typeof requests
export type Input<N extends RequestName> = InputOf<(typeof requests)[N]>
export type Output<N extends RequestName> = OutputOf<(typeof requests)[N]>

export function findRequest(name: string): RequestSpec | undefined {
  return Object.hasOwn(requests, name) ? requests[name as RequestName] : undefined
}
