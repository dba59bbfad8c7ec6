/** All requests of the contract. Transports, clients, documents and the authorisation matrix are generated from this list. */
import {
  continuityStatus,
  continuityCode,
  continuityJoin,
  continuityApprove,
  continuityDecline,
  continuityRemove,
  continuityHandover,
  continuityVote,
  continuityReclaim,
  continuityDiscard,
} from './contract/standbys.ts'
import {
  accountsCheckInvite,
  accountsLogin,
  accountsLogout,
  accountsRegister,
  meGet,
} from './contract/accounts.ts'
import {
  adminBackups,
  adminBackupsDownload,
  adminBackupsMake,
  adminBackupsRehearse,
  adminBackupsUpdate,
  adminBackupsVerify,
} from './contract/backups.ts'
import { activityList, activityRead } from './contract/activity.ts'
import { adminAudit, adminClockConfirm, adminHealth, adminStorage } from './contract/admin-hub.ts'
import {
  adminGroupsDelete,
  adminGroupsList,
  adminGroupsUndelete,
  adminUsersSessionsEnd,
  adminUsersList,
  adminUsersUpdate,
  adminInvitesList,
  adminInvitesRevoke,
  adminOwnershipTransfer,
  adminRequestsAccept,
  adminRequestsDecline,
  adminRequestsList,
} from './contract/admin-users.ts'
import { adminRetention, adminInvitesCreate, adminSettings, adminSettingsUpdate } from './contract/admin.ts'
import { adminBotsCreate, adminBotsList, adminBotsRevoke } from './contract/bots.ts'
import { appPackagesDownload, appPackagesGet } from './contract/app-packages.ts'
import { chatsUpdatePreferences } from './contract/chat-preferences.ts'
import {
  chatsArchive,
  chatsCreate,
  chatsDelete,
  chatsListDeleted,
  chatsDirect,
  chatsWithUsers,
  chatsDiscover,
  chatsGet,
  chatsJoin,
  chatsLeave,
  chatsList,
  chatsPicture,
  chatsPictureGet,
  chatsPictureRemove,
  chatsRead,
  chatsReadAll,
  chatsUnarchive,
  chatsUndelete,
  chatsUpdate,
} from './contract/chats.ts'
import type { InputOf, OutputOf, RequestSpec } from './contract/define.ts'
import { draftsList, draftsSet } from './contract/drafts.ts'
import { chatsEvents, streamsRead } from './contract/entries.ts'
import { filesGet, filesList, filesPreview } from './contract/files.ts'
import { hubMeta, hubSetup, hubCheckSetupCode } from './contract/hub.ts'
import { membersAdd, membersRemove, membersUpdate } from './contract/members.ts'
import {
  messagesDelete,
  messagesEdit,
  messagesList,
  messagesSend,
  messagesStatus,
  messagesUndelete,
} from './contract/messages.ts'
import { pinsAdd, pinsList, pinsRemove } from './contract/pins.ts'
import { meAvatar, meAvatarRemove, meUpdate, usersAvatar } from './contract/profile.ts'
import { reactionsAdd, reactionsRemove } from './contract/reactions.ts'
import {
  meDismissRecoveryNotice,
  mePassword,
  meRecovery,
  meCreateRecoveryKey,
  recoveryAnswer,
  recoveryCheckReset,
  recoveryKey,
  recoveryQuestion,
  recoveryReset,
  adminUsersCreateResetLink,
} from './contract/recovery.ts'
import { savedAdd, savedIds, savedList, savedRemove } from './contract/saved.ts'
import { searchMessages } from './contract/search.ts'
import { sessionsReauthenticate, sessionsEnd, sessionsEndOthers, sessionsList } from './contract/sessions.ts'
import { statusClear, statusSet } from './contract/status.ts'
import { threadsFollow, threadsGet, threadsList, threadsRead, threadsUnfollow } from './contract/threads.ts'
import { tokensCreate, tokensList, tokensRevoke } from './contract/tokens.ts'
import { usersGet, usersList } from './contract/users.ts'
import { webhooksCreate, webhooksList, webhooksPost, webhooksRevoke } from './contract/webhooks.ts'

export const requests = {
  'hub.meta': hubMeta,
  'hub.setup': hubSetup,
  'hub.checkSetupCode': hubCheckSetupCode,
  'accounts.register': accountsRegister,
  'accounts.checkInvite': accountsCheckInvite,
  'accounts.login': accountsLogin,
  'accounts.logout': accountsLogout,
  'recovery.question': recoveryQuestion,
  'recovery.answer': recoveryAnswer,
  'recovery.key': recoveryKey,
  'recovery.checkReset': recoveryCheckReset,
  'recovery.reset': recoveryReset,
  'me.get': meGet,
  'me.password': mePassword,
  'me.recovery': meRecovery,
  'me.createRecoveryKey': meCreateRecoveryKey,
  'me.dismissRecoveryNotice': meDismissRecoveryNotice,
  'sessions.list': sessionsList,
  'sessions.reauthenticate': sessionsReauthenticate,
  'sessions.end': sessionsEnd,
  'sessions.endOthers': sessionsEndOthers,
  'tokens.list': tokensList,
  'tokens.create': tokensCreate,
  'tokens.revoke': tokensRevoke,
  'me.update': meUpdate,
  'me.avatar': meAvatar,
  'me.avatar.remove': meAvatarRemove,
  'status.set': statusSet,
  'status.clear': statusClear,
  'users.list': usersList,
  'users.get': usersGet,
  'users.avatar': usersAvatar,
  'chats.list': chatsList,
  'chats.direct': chatsDirect,
  'chats.withUsers': chatsWithUsers,
  'chats.events': chatsEvents,
  'chats.create': chatsCreate,
  'chats.get': chatsGet,
  'chats.discover': chatsDiscover,
  'chats.join': chatsJoin,
  'chats.leave': chatsLeave,
  'chats.update': chatsUpdate,
  'chats.picture': chatsPicture,
  'chats.picture.remove': chatsPictureRemove,
  'chats.picture.get': chatsPictureGet,
  'chats.archive': chatsArchive,
  'chats.unarchive': chatsUnarchive,
  'chats.delete': chatsDelete,
  'chats.listDeleted': chatsListDeleted,
  'chats.undelete': chatsUndelete,
  'chats.read': chatsRead,
  'chats.readAll': chatsReadAll,
  'members.add': membersAdd,
  'members.update': membersUpdate,
  'members.remove': membersRemove,
  'messages.list': messagesList,
  'messages.send': messagesSend,
  'messages.edit': messagesEdit,
  'messages.delete': messagesDelete,
  'messages.undelete': messagesUndelete,
  'messages.status': messagesStatus,
  'reactions.add': reactionsAdd,
  'reactions.remove': reactionsRemove,
  'drafts.list': draftsList,
  'drafts.set': draftsSet,
  'threads.list': threadsList,
  'threads.get': threadsGet,
  'threads.read': threadsRead,
  'threads.follow': threadsFollow,
  'threads.unfollow': threadsUnfollow,
  'files.list': filesList,
  'files.get': filesGet,
  'files.preview': filesPreview,
  'chats.updatePreferences': chatsUpdatePreferences,
  'pins.list': pinsList,
  'pins.add': pinsAdd,
  'pins.remove': pinsRemove,
  'activity.list': activityList,
  'activity.read': activityRead,
  'saved.list': savedList,
  'saved.ids': savedIds,
  'saved.add': savedAdd,
  'saved.remove': savedRemove,
  'search.messages': searchMessages,
  'appPackages.get': appPackagesGet,
  'appPackages.download': appPackagesDownload,
  'webhooks.list': webhooksList,
  'webhooks.create': webhooksCreate,
  'webhooks.revoke': webhooksRevoke,
  'webhooks.post': webhooksPost,
  'streams.read': streamsRead,
  'admin.requests.list': adminRequestsList,
  'admin.requests.accept': adminRequestsAccept,
  'admin.requests.decline': adminRequestsDecline,
  'admin.users.list': adminUsersList,
  'admin.users.update': adminUsersUpdate,
  'admin.users.sessions.end': adminUsersSessionsEnd,
  'admin.ownership.transfer': adminOwnershipTransfer,
  'admin.invites.create': adminInvitesCreate,
  'admin.invites.list': adminInvitesList,
  'admin.invites.revoke': adminInvitesRevoke,
  'admin.groups.list': adminGroupsList,
  'admin.groups.delete': adminGroupsDelete,
  'admin.groups.undelete': adminGroupsUndelete,
  'admin.storage': adminStorage,
  'admin.health': adminHealth,
  'admin.clock.confirm': adminClockConfirm,
  'admin.backups': adminBackups,
  'admin.backups.update': adminBackupsUpdate,
  'admin.backups.make': adminBackupsMake,
  'admin.backups.verify': adminBackupsVerify,
  'admin.backups.rehearse': adminBackupsRehearse,
  'admin.backups.download': adminBackupsDownload,
  'continuity.status': continuityStatus,
  'continuity.code': continuityCode,
  'continuity.join': continuityJoin,
  'continuity.approve': continuityApprove,
  'continuity.decline': continuityDecline,
  'continuity.remove': continuityRemove,
  'continuity.handover': continuityHandover,
  'continuity.vote': continuityVote,
  'continuity.reclaim': continuityReclaim,
  'continuity.discard': continuityDiscard,
  'admin.audit': adminAudit,
  'admin.users.createResetLink': adminUsersCreateResetLink,
  'admin.retention': adminRetention,
  'admin.settings': adminSettings,
  'admin.settings.update': adminSettingsUpdate,
  'admin.bots.list': adminBotsList,
  'admin.bots.create': adminBotsCreate,
  'admin.bots.revoke': adminBotsRevoke,
} as const

export type RequestName = keyof typeof requests
export type Input<N extends RequestName> = InputOf<(typeof requests)[N]>
export type Output<N extends RequestName> = OutputOf<(typeof requests)[N]>

export function findRequest(name: string): RequestSpec | undefined {
  return Object.hasOwn(requests, name) ? requests[name as RequestName] : undefined
}
