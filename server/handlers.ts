import { accountHandlers } from './accounts/handlers.ts'
import { adminHandlers } from './admin/handlers.ts'
import type { Handlers } from './call.ts'
import { chatHandlers } from './chats/handlers.ts'
import { memberHandlers } from './members/handlers.ts'
import { messageHandlers } from './messages/handlers.ts'
import { streamHandlers } from './streams/handlers.ts'
import { userHandlers } from './users/handlers.ts'

/** What answers each request of the contract; a missing one does not compile. */
export const handlers: Handlers = {
  ...accountHandlers,
  ...userHandlers,
  ...chatHandlers,
  ...memberHandlers,
  ...messageHandlers,
  ...streamHandlers,
  ...adminHandlers,
}
