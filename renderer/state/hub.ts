import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Request } from '../link/request.ts'
import type { Surroundings } from '../link/surroundings.ts'
import type { Chats } from './chats.ts'
import type { Conversation } from './conversation.ts'
import type { Drafts } from './drafts.ts'
import type { Groups } from './groups.ts'
import type { People } from './people.ts'
import type { Presences } from './presence.ts'
import type { Session } from './session.ts'
import type { ReadonlySignal } from './signal.ts'
import type { Typing } from './typing.ts'

/**
 * `live`: everything shown is current. `connecting`: trying right now. `waiting`: the next try is at `nextTryAt`.
 * `stopped`: nobody is logged in.
 */
export type LinkState = 'connecting' | 'live' | 'waiting' | 'stopped'

export interface HubOptions {
  /** '' in a browser, '/hub/<hubId>' on the desktop. */
  base: string
  /** The browser's own unless a test brings others. */
  surroundings?: Surroundings
}

/**
 * Everything of one hub hangs here: `new Hub({ base: '' })`, then `start()`. The stores are there while
 * `session.status` is `in`; reading them otherwise throws. With another person everything is made anew.
 */
export declare class Hub {
  readonly base: string
  /** What the hub says about itself to anybody; from the last visit until it has answered. */
  readonly meta: ReadonlySignal<HubMeta | undefined>
  readonly session: Session
  readonly linkState: ReadonlySignal<LinkState>
  /** While `waiting`: when it is tried again, milliseconds since 1970. */
  readonly nextTryAt: ReadonlySignal<number | undefined>
  /** The page cannot keep anything here (a private window): what is unsent is lost with the window. */
  readonly memoryOnly: ReadonlySignal<boolean>
  readonly request: Request

  constructor(options: HubOptions)

  get chats(): Chats
  get people(): People
  get presences(): Presences
  get typing(): Typing
  get drafts(): Drafts
  get groups(): Groups
  /** The opened chat, the same object each time while it is in use. */
  conversation(chatId: string): Conversation

  start(): Promise<void>
  /** Tries the hub now instead of waiting for the back-off: for a "Try now" button. */
  retryNow(): void
  close(): void
}
