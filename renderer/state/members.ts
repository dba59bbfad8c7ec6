import type { ChatRole } from '../../shared/contract/values.ts'
import type { ReadonlySignal } from './signal.ts'

export interface ChatMember {
  readonly userId: string
  readonly role: ChatRole
  readonly readNo: number
  readonly deliveredNo: number
}

/** Who is in a chat, and how far each has read. The people themselves are in `people`. */
export interface Members {
  /** False until `chats.get` has answered: the list is empty till then. */
  readonly ready: ReadonlySignal<boolean>
  /** Owner, admins, then the others, by name. */
  readonly list: ReadonlySignal<readonly ChatMember[]>

  /** Throw RequestError. */
  add(userId: string): Promise<void>
  setRole(userId: string, role: ChatRole): Promise<void>
  remove(userId: string): Promise<void>
  /** Asks the hub again. */
  refresh(): Promise<void>
}
