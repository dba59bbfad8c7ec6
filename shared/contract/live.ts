import type { WireError } from '../errors.ts'
import type { ChatSummary } from './chats.ts'
import type { MoveTicket } from '../move-ticket.ts'
import type { Place } from '../places.ts'
import type { Term } from '../term.ts'
import type { Safety } from './continuity.ts'
import type { Draft } from './drafts.ts'
import type { Entry } from './entries.ts'
import type { Settings } from './profile.ts'
import type { User } from './users.ts'
import type { Presence } from './values.ts'

/** The protocol versions that this program supports. */
export const protocol = { min: 1, max: 1 } as const

/** Why the hub closes a socket. */
export const closeCodes = {
  sessionEnded: 4401,
  noResume: 4408,
  tooSlow: 4409,
  tooMany: 4429,
  restarting: 1012,
  notOurProtocol: 1008,
  tooLarge: 1009,
} as const

/** Figures of the live socket, in milliseconds. */
export const liveTimings = {
  resumeTimeoutMs: 5_000,
  pingIntervalMs: 20_000,
  connectionTimeoutMs: 45_000,
  presenceIntervalMs: 1_000,
  offlineDelayMs: 10_000,
  typingIntervalMs: 3_000,
  typingTimeoutMs: 6_000,
  receiptIntervalMs: 1_000,
} as const

/**
 * What a client may ask for with `resume`: less of what a large hub sends. One that asks for nothing gets everything.
 * `interest`: presence only of the users in my chats of up to `smallChatMembers` members, and of those that I `watch`.
 * `users`: `state.users` has those that I see at once; others by `users.find` and `users.search`.
 */
export const wantNames = ['interest', 'users'] as const
export type Want = (typeof wantNames)[number]

/** What a client that comes back has: see `since` of `state`. Only with the `epoch` of this hub. */
export interface Have {
  /** The cursor of the hub's stream, if all users are loaded. */
  hub?: number
  /** The digest of each summary: sixteen digits, as “Large hubs” says. */
  chats: Record<string, string>
}

export type Me = User & { settings: Settings }

/** A text frame is a JSON array of these. */
export type FromHub =
  | {
      t: 'hello'
      protocol: { min: number; max: number }
      hubId: string
      epoch: string
      boot: string
      user: string
      now: number
      limits: { text: number; frame: number }
      /** More users than a client should load: ask for `wants`. */
      large?: true
      /** Who may write; missing if continuity was never used on this hub. */
      term?: Term
    }
  | {
      t: 'state'
      epoch: string
      me: Me
      chats: ChatSummary[]
      heads: Record<string, number>
      /** Of all users, or of those of interest. */
      presence: Record<string, Presence>
      /**
       * Answers `resume.have`: `chats` has only what differs from it, and `gone` those that are not mine any more. `entries`:
       * those of the hub's stream between the two cursors, of each target the last. Without it, read the stream.
       */
      since?: { gone: string[]; entries?: Entry[] }
      /**
       * With `users`: those of my chats of up to `smallChatMembers` members, and who wrote last in any. With `since.entries` only
       * those of `chats`.
       */
      users?: User[]
      /** Those of the wants of `resume` that this hub fulfils. */
      wants?: Want[]
      /** The computers that are this hub or follow it; missing: only this one. */
      places?: Place[]
      safety?: Safety
    }
  | ({ t: 'entry' } & Entry)
  | { t: 'behind'; heads: Record<string, number>; presence: Record<string, Presence> }
  | { t: 'presence'; user: string; state: Presence | 'offline'; lastSeen?: number }
  | { t: 'typing'; chat: string; user: string }
  | { t: 'read'; chat: string; user: string; no: number }
  | { t: 'delivered'; chat: string; user: string; no: number }
  /** My own read receipt in a thread, from another window of mine. */
  | { t: 'threadRead'; chat: string; thread: string; no: number }
  /** My activity changed: something new, or read in another window. Fetch it again. */
  | { t: 'activity' }
  /** My draft changed, in any window of mine. */
  | { t: 'draft'; draft: Draft }
  /** The places or the safety of `state` changed. */
  | { t: 'places'; places: Place[]; safety: Safety }
  /** Two computers have everything up to here: sent messages with a `held` up to it need not be kept any longer. */
  | { t: 'safe'; upTo: number }
  /** `held`: only one computer has what this request wrote. Keep the message until `safe` reaches this number. */
  | { t: 'ok'; id: number | string; output: unknown; held?: number }
  | { t: 'err'; id: number | string; error: WireError }
  | { t: 'pong' }
  /**
   * `moved`: another computer is the hub now, at one of the places; connect there at once. `moving`: it will be in a
   * moment. Other codes: the hub closes the socket. `ticket`, to a browser: sessions.useTicket takes it there.
   */
  | { t: 'bye'; code: string; after?: number; term?: Term; places?: Place[]; ticket?: MoveTicket }

export type ToHub =
  /**
   * `zone`: of the device, for the local time that others see. `term`: the highest term this client knows, if that of
   * `hello` is lower. `wants`: names that a hub does not know are ignored.
   */
  | {
      t: 'resume'
      protocol: number
      epoch?: string
      csrf?: string
      zone?: string
      term?: Term
      wants?: Want[]
      have?: Have
    }
  | { t: 'req'; id: number | string; name: string; input: unknown }
  | { t: 'typing'; chat: string }
  | { t: 'presence'; state: Presence }
  /** With `interest`: the presence of these users too, instead of those of the last `watch`. The hub answers with it. */
  | { t: 'watch'; users: string[] }
  | { t: 'delivered'; chat: string; no: number }
  | { t: 'ping' }
