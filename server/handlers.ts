import { accountHandlers } from './accounts/handlers.ts'
import { adminHandlers } from './admin/handlers.ts'
import { backupHandlers } from './backup/handlers.ts'
import { standbyHandlers } from './standby/handlers.ts'
import { moveTicketHandlers } from './standby/move-tickets.ts'
import { appPackageHandlers } from './app-packages/handlers.ts'
import { botHandlers } from './bots/handlers.ts'
import type { Handlers } from './define-handlers.ts'
import { chatHandlers } from './chats/handlers.ts'
import { draftHandlers } from './drafts/handlers.ts'
import { fileHandlers } from './files/handlers.ts'
import { webhookHandlers } from './webhooks/handlers.ts'
import { memberHandlers } from './members/handlers.ts'
import { messageHandlers } from './messages/handlers.ts'
import { reactionHandlers } from './reactions/handlers.ts'
import { recoveryHandlers } from './recovery/handlers.ts'
import { credentialHandlers } from './recovery/credentials-handlers.ts'
import { sessionHandlers } from './sessions/handlers.ts'
import { profileHandlers } from './profile/handlers.ts'
import { pinHandlers } from './pins/handlers.ts'
import { activityHandlers } from './activity/handlers.ts'
import { savedHandlers } from './saved/handlers.ts'
import { searchHandlers } from './search/handlers.ts'
import { statusHandlers } from './status/handlers.ts'
import { streamHandlers } from './streams/handlers.ts'
import { threadHandlers } from './threads/handlers.ts'
import { tokenHandlers } from './tokens/handlers.ts'
import { userHandlers } from './users/handlers.ts'

/** The handler of each request of the contract; a missing handler does not compile. */
export const handlers: Handlers = {
  ...accountHandlers,
  ...recoveryHandlers,
  ...credentialHandlers,
  ...sessionHandlers,
  ...profileHandlers,
  ...statusHandlers,
  ...userHandlers,
  ...chatHandlers,
  ...memberHandlers,
  ...messageHandlers,
  ...reactionHandlers,
  ...threadHandlers,
  ...draftHandlers,
  ...streamHandlers,
  ...searchHandlers,
  ...pinHandlers,
  ...activityHandlers,
  ...savedHandlers,
  ...tokenHandlers,
  ...fileHandlers,
  ...appPackageHandlers,
  ...webhookHandlers,
  ...botHandlers,
  ...adminHandlers,
  ...backupHandlers,
  ...standbyHandlers,
  ...moveTicketHandlers,
}
