import type { RequestName } from '../shared/contract.ts'
import type { TokenScope } from '../shared/contract/tokens.ts'
import type { HubRole } from '../shared/contract/values.ts'
import { HubError } from '../shared/errors.ts'

/** The user behind a request, and their session. */
export interface Viewer {
  readonly userId: string
  /** Read at the start of the request or socket. Rules that depend on it read it again. */
  readonly role: HubRole
  readonly sessionId: string
  readonly kind: 'cookie' | 'token'
  /** For an access token: what it may do. Absent for a session, which may do all that its user may. */
  readonly scope?: TokenScope
  /** Not approved yet: see `allowedWhilePending` of the contract. */
  readonly pending: boolean
  /** Cookie sessions: the value of X-Csrf-Token. */
  readonly csrf?: string
}

export interface Caller {
  readonly viewer: Viewer | undefined
  /** The network address the request came from. */
  readonly address: string
  /** Scheme, host and port as the caller used them, from an allowed Host: for links made for this caller. */
  readonly origin: string
  /** `X-Hubbub-Client: token`: the response contains a token instead of setting a cookie. */
  readonly wantsToken: boolean
  /** HTTP: a new session token to set as cookie, or null to clear it. */
  setSessionCookie?: (token: string | null, persistent?: boolean) => void
  /** True once the caller has disconnected or its session has ended: its queued operations do nothing. */
  readonly isCancelled?: () => boolean
  /** Called before a read runs. Throws if its response could not be sent now. */
  readonly beforeRead?: () => void
  /** Set by a handler that returns an earlier result again: the HTTP status is 200 instead of 201. */
  isRepeat?: boolean
}

/** A caller whose session was checked. */
export type AuthenticatedCaller = Caller & { readonly viewer: Viewer }

export type CallerFor<N extends RequestName> = N extends
  | 'hub.meta'
  | 'continuity.join'
  | 'hub.setup'
  | 'accounts.register'
  | 'accounts.login'
  | 'sessions.readTicket'
  | 'sessions.useTicket'
  | 'recovery.question'
  | 'recovery.answer'
  | 'recovery.key'
  | 'recovery.reset'
  | 'webhooks.post'
  ? Caller
  : AuthenticatedCaller

/** The ids of an input before validation: each is a string if the contract has a string. */
export type RequestIds = Readonly<Record<string, string>>

export function notApprovedYet(): HubError {
  return new HubError(
    'forbidden',
    'Your registration is waiting for approval by an admin of this hub. Try again later.',
  )
}

export function notLoggedIn(): HubError {
  return new HubError('unauthenticated', 'You are not logged in. Log in and try again.')
}

/** Of a program, which cannot see that its token was revoked. */
export function invalidToken(): HubError {
  return new HubError(
    'unauthenticated',
    'This token is not valid: it was revoked, or it has expired. Log in again, or create another token.',
  )
}
