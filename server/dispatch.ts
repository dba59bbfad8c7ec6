import { findRequest, type Input, type Output, type RequestName } from '../shared/contract.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../shared/contract/define.ts'
import type { TokenScope } from '../shared/contract/tokens.ts'
import type { HubRole } from '../shared/contract/values.ts'
import { HubError, notFound } from '../shared/errors.ts'
import { requireReauthenticated } from './sessions/sessions.ts'
import type { Db } from './db/schema.ts'
import type { Tx } from './db/writer.ts'
import type { HubContext } from './context.ts'
import { outputProblem, validatorOf } from './validate.ts'

/*
 * One way in for both doors. A request over HTTP and the same over the socket meet here as a name, an input object and
 * a caller; what comes out is the output or a HubError. The order is the protocol's: session, then access ("what you may
 * not see is not_found"), then the rest of the input, then the rule. For a write all of that happens inside its
 * operation, so that requests of one socket take effect in the order in which they came.
 */

/** The person behind a request and the session they came with. */
export interface Viewer {
  readonly userId: string
  /** As of the start of the request or socket; rules that depend on it read it again. */
  readonly role: HubRole
  readonly sessionId: string
  readonly kind: 'cookie' | 'token'
  /** Came with a personal token: what that may do. Absent for a session, which may do what its person may. */
  readonly scope?: TokenScope
  /** Waits to be let in: see `allowedWhilePending` of the contract. */
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
  /** `X-Hubbub-Client: token`: the answer shows a token instead of setting a cookie. */
  readonly wantsToken: boolean
  /** HTTP: a new session token to set as cookie, or null to clear it. */
  setSessionCookie?: (token: string | null, persistent?: boolean) => void
  /** True once the caller is gone or its session ended: its queued operations do nothing. */
  readonly isCancelled?: () => boolean
  /** Set by a handler that answers an earlier result again: HTTP says 200 instead of 201. */
  isRepeat?: boolean
}

/** A caller whose session was checked. */
export type AuthenticatedCaller = Caller & { readonly viewer: Viewer }

export type CallerFor<N extends RequestName> = N extends
  | 'hub.meta'
  | 'hub.setup'
  | 'accounts.register'
  | 'accounts.login'
  | 'recovery.question'
  | 'recovery.answer'
  | 'recovery.key'
  | 'recovery.reset'
  | 'webhooks.post'
  ? Caller
  : AuthenticatedCaller

/** The ids of an input before it was validated: each is a string where the contract has one. */
export type RequestIds = Readonly<Record<string, string>>

/** What access found through the person, handed to the rule. @throws HubError not_found or forbidden */
export type AccessCheck<Found> = (db: Db, viewer: Viewer, ids: RequestIds) => Promise<Found>

type Result<N extends RequestName> = Output<N> extends undefined ? void : Output<N>

/** Reads what is committed. */
export interface ReadHandler<N extends RequestName, Found> {
  readonly kind: 'read'
  readonly access: AccessCheck<Found>
  readonly run: (hub: HubContext, caller: CallerFor<N>, input: Input<N>, found: Found) => Promise<Result<N>>
}

/** Is an operation of the writer from access to result. */
export interface WriteHandler<N extends RequestName, Found> {
  readonly kind: 'write'
  readonly access: AccessCheck<Found>
  readonly run: (
    tx: Tx,
    hub: HubContext,
    caller: CallerFor<N>,
    input: Input<N>,
    found: Found,
  ) => Promise<Result<N>>
}

/** Does slow things first (hashing) and makes its own operations. */
export interface CustomHandler<N extends RequestName, Found> {
  readonly kind: 'act'
  readonly access: AccessCheck<Found>
  readonly run: (hub: HubContext, caller: CallerFor<N>, input: Input<N>, found: Found) => Promise<Result<N>>
}

type AnyHandler = {
  kind: 'read' | 'write' | 'act'
  access: AccessCheck<unknown>
  run: (...args: never[]) => Promise<unknown>
}

export type Handlers = { readonly [N in RequestName]: AnyHandler }

/** For requests that only need a session (or nothing). */
export const noAccessCheck: AccessCheck<undefined> = () => Promise.resolve(undefined)

export function read<N extends RequestName, Found>(
  _name: N,
  access: AccessCheck<Found>,
  run: ReadHandler<N, Found>['run'],
): ReadHandler<N, Found> {
  return { kind: 'read', access, run }
}

export function write<N extends RequestName, Found>(
  _name: N,
  access: AccessCheck<Found>,
  run: WriteHandler<N, Found>['run'],
): WriteHandler<N, Found> {
  return { kind: 'write', access, run }
}

export function custom<N extends RequestName, Found>(
  _name: N,
  access: AccessCheck<Found>,
  run: CustomHandler<N, Found>['run'],
): CustomHandler<N, Found> {
  return { kind: 'act', access, run }
}

/** Answers one request. */
export type Dispatch = (name: string, caller: Caller, input: unknown) => Promise<unknown>

export function createDispatch(hub: HubContext, handlers: Handlers): Dispatch {
  const answer = createUncheckedDispatch(hub, handlers)
  if (!hub.checkOutput) return answer
  return async (name, caller, input) => {
    const output = await answer(name, caller, input)
    const spec = findRequest(name)
    const problem = spec && outputProblem(spec, output)
    if (problem) throw new Error(`the output of ${name} is not what the contract says: ${problem.message}`)
    return output
  }
}

function createUncheckedDispatch(hub: HubContext, handlers: Handlers): Dispatch {
  return async (name, caller, input) => {
    const spec = findRequest(name)
    if (!spec) throw notFound('This request')
    if (spec.access !== 'anyone') checkCaller(hub, spec, caller.viewer)
    else if (caller.viewer) hub.rateLimiter?.consume(caller.viewer.userId, name)
    const handler = handlers[name as RequestName]
    const problem = validatorOf(spec)(input)
    if (problem && !hasPathIds(spec, input)) throw problem
    if (handler.kind === 'write') {
      const operation = async (tx: Tx): Promise<unknown> => {
        if (caller.isCancelled?.()) throw notLoggedIn()
        const found = await authorize(handler.access, tx.db, caller, spec, input)
        if (problem) throw problem
        await checkReauthenticated(hub, tx.db, spec, caller)
        return runHandler(handler)(tx, hub, caller, input, found)
      }
      return hub.writer.write(operation, estimateBytes(input))
    }
    // a read that waited for the end of its own session comes too late
    if (caller.isCancelled?.()) throw notLoggedIn()
    const found = await authorize(handler.access, hub.reader, caller, spec, input)
    if (problem) throw problem
    await checkReauthenticated(hub, hub.reader, spec, caller)
    return runHandler(handler)(hub, caller, input, found)
  }
}

type RequestPolicy = Pick<RequestSpec, 'method' | 'tokens' | 'allowedWhilePending'> & { name: string }

/** Whether somebody may ask this at all. @throws unauthenticated, forbidden, rate_limited */
export function checkCaller(hub: HubContext, policy: RequestPolicy, viewer: Viewer | undefined): Viewer {
  if (!viewer) throw notLoggedIn()
  checkScope(policy, viewer)
  hub.rateLimiter?.consume(viewer.userId, policy.name)
  if (viewer.pending && !policy.allowedWhilePending) throw notApprovedYet()
  return viewer
}

/** The one place that says what a personal token opens. @throws forbidden */
function checkScope(spec: RequestPolicy, { scope }: Viewer): void {
  if (scope === undefined) return
  if (spec.tokens === 'never') {
    throw new HubError('forbidden', 'No token opens this. Log in, and do it yourself.')
  }
  if (scope === 'read' && isWriteMethod(spec.method)) {
    throw new HubError('forbidden', 'This token may only read. Make one that may write, in the settings.')
  }
}

async function checkReauthenticated(
  hub: HubContext,
  db: Db,
  spec: RequestSpec,
  { viewer }: Caller,
): Promise<void> {
  if (spec.requiresReauthentication && viewer) await requireReauthenticated(db, viewer, hub.clock())
}

/** Whether a request must wait for the writes its socket sent before it. */
export function isRead(handlers: Handlers, name: string): boolean {
  return Object.hasOwn(handlers, name) && handlers[name as RequestName].kind !== 'write'
}

function runHandler(handler: AnyHandler): (...args: unknown[]) => Promise<unknown> {
  return handler.run as (...args: unknown[]) => Promise<unknown>
}

async function authorize(
  access: AccessCheck<unknown>,
  db: Db,
  caller: Caller,
  spec: RequestSpec,
  input: unknown,
): Promise<unknown> {
  if (!caller.viewer) return undefined
  return access(db, caller.viewer, extractIds(spec, input))
}

/** Whether there is something to judge access to: an object with every id that the path names. */
function hasPathIds(spec: RequestSpec, input: unknown): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  return pathParameters(spec.path).every((key) => typeof (input as Record<string, unknown>)[key] === 'string')
}

/** Only strings where the contract has text; the rest is left for the validator to refuse. */
function extractIds(spec: RequestSpec, input: unknown): RequestIds {
  const ids: Record<string, string> = Object.create(null) as Record<string, string>
  if (typeof input !== 'object' || input === null) return ids
  for (const key of Object.keys(spec.input.properties)) {
    const value: unknown = Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined
    if (typeof value === 'string' && value.length <= 80) ids[key] = value
  }
  return ids
}

function estimateBytes(input: unknown): number {
  const text: unknown = (input as { text?: unknown } | null)?.text
  return 256 + (typeof text === 'string' ? text.length * 2 : 0)
}

export function notApprovedYet(): HubError {
  return new HubError(
    'forbidden',
    'An admin of this hub has to let you in first. Wait for that, then try again.',
  )
}

export function notLoggedIn(): HubError {
  return new HubError('unauthenticated', 'You are not logged in. Log in and try again.')
}
