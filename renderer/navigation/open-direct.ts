import type { Hub } from '../state/hub.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Opens the direct chat with a user: the shell handles `hb-open-chat` (`detail.chatId`). */
export async function openDirect(hub: Hub, from: HTMLElement, userId: string): Promise<void> {
  try {
    const chatId = await hub.chats.openDirect(userId)
    from.dispatchEvent(new CustomEvent('hb-open-chat', { detail: { chatId }, bubbles: true, composed: true }))
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}
