import { requireChat } from '../access/chats.ts'
import { custom, defineHandlers } from '../define-handlers.ts'
import { searchMessages } from './search.ts'

export const searchHandlers = defineHandlers({
  'search.messages': custom({
    access: async (db, viewer, ids) => {
      const chatId = ids['chatId']
      if (chatId !== undefined) await requireChat(db, viewer, chatId)
    },
    run: searchMessages,
  }),
})
