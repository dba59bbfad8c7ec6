import type { ChatSummary } from '../../shared/contract/chats.ts'
import { summaryDigest } from '../../shared/text/summary-digest.ts'
import type { LiveState } from './store.ts'

/** Each takes some 60 bytes of a frame to the hub. */
const maxDigests = 800

/** What this page has said of the chats that it has, so that the next state need not bring them. */
export class OfferedChats {
  #ids: ReadonlySet<string> = new Set()

  /** @param chats the latest first */
  digestsOf(chats: readonly ChatSummary[]): Record<string, string> {
    const offered = chats.slice(0, maxDigests)
    this.#ids = new Set(offered.map(({ id }) => id))
    return Object.fromEntries(offered.map((chat) => [chat.id, summaryDigest(chat)]))
  }

  /** Adds to a state the chats that it leaves out, because they are as they were offered. */
  complete(state: LiveState, find: (chatId: string) => ChatSummary | undefined): LiveState {
    if (!state.since) return state
    const told = new Set([...state.chats.map(({ id }) => id), ...state.since.gone])
    const same = [...this.#ids].filter((chatId) => !told.has(chatId))
    return { ...state, chats: [...state.chats, ...same.flatMap((chatId) => find(chatId) ?? [])] }
  }
}
