import { requireChat } from '../access.ts'
import { custom } from '../dispatch.ts'
import { searchMessages } from './search.ts'

export const searchHandlers = {
  'search.messages': custom(
    'search.messages',
    // a chat that I am not in is not there, also for a search
    async (db, viewer, ids) => {
      const chatId = ids['chatId']
      if (chatId !== undefined) await requireChat(db, viewer, chatId)
    },
    (hub, caller, input) => searchMessages(hub, caller, input),
  ),
}
