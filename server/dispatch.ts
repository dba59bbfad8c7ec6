import { findRequest, type RequestName } from '../shared/contract.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../shared/contract/define.ts'
import { HubError, notFound } from '../shared/errors.ts'
import { requireReauthenticated } from './sessions/sessions.ts'
import type { Db } from './db/schema.ts'
import { type Caller, notApprovedYet, notLoggedIn, type RequestIds, type Viewer } from './caller.ts'
import type { HubContext } from './context.ts'
import { movedError } from './live/moved.ts'
import type { AccessCheck, Handlers, RequestLocks } from './define-handlers.ts'
import { InSequence, LastOf } from './in-sequence.ts'
import { runOperationFor } from './operation.ts'
import { isFreeRequest } from './text-budget.ts'
import { outputProblem, validatorOf } from './validate.ts'

/*
 * The dispatcher for both transports. A request over HTTP or over the socket arrives as a name, an input object and a
 * caller; the result is the output or a HubError. The order is that of the protocol: session, then access ("what you may
 * not see is not_found"), then the rest of the input, then the rule. For a write all of this happens inside its
 * operation, so that requests of one socket take effect in the order in which they came.
 */

/** Runs one request. Resolves with its result. */
export type Dispatch = (name: string, caller: Caller, input: unknown) => Promise<unknown>

export function createDispatch(hub: HubContext, handlers: Handlers): Dispatch {
  const dispatch = measureRequests(hub, createUncheckedDispatch(hub, handlers))
  if (!hub.checkOutput) return dispatch
  return async (name, caller, input) => {
    const output = await dispatch(name, caller, input)
    const spec = findRequest(name)
    const problem = spec && outputProblem(spec, output)
    if (problem) throw new Error(`the output of ${name} does not match the contract: ${problem.message}`)
    return output
  }
}

/**
 * Measures each request, and refuses it if another computer is the hub. Checked after the request too: what this computer
 * wrote a moment ago is not in the hub, and not acknowledged.
 */
function measureRequests(hub: HubContext, dispatch: Dispatch): Dispatch {
  const { measurements } = hub
  const requireHub = (): void => {
    const moved = hub.standing.moved()
    if (moved) throw movedError(moved)
  }
  return async (name, caller, input) => {
    const beganAt = performance.now()
    try {
      requireHub()
      const output = await dispatch(name, caller, input)
      // the result of a handover is that this computer is not the hub any more; while it moves, both have what was written
      if (name !== 'continuity.handover' && hub.standing.moved()?.code === 'moved') requireHub()
      return output
    } catch (error) {
      if (!(error instanceof HubError)) measurements.failures += 1
      throw error
    } finally {
      // a name that is not in the contract comes from a client, and would become a label
      measurements.noteRequest(findRequest(name) ? name : 'unknown', performance.now() - beganAt)
    }
  }
}

/** Throws what it finds at once; `measureRequests` makes a rejection of it. */
function createUncheckedDispatch(hub: HubContext, handlers: Handlers): Dispatch {
  const accessOrder = new InSequence()
  const lastWrites = new LastOf()
  return (name, caller, input) => {
    const spec = requireRequest(hub, name, caller)
    const handler: RunnableHandler = handlers[name as RequestName] as RunnableHandler
    const problem = validatorOf(spec)(input)
    if (problem && !hasPathIds(spec, input)) throw problem
    const request: Request = {
      ...{ spec, handler, input, problem, ids: extractIds(spec, input) },
      context: { hub, caller, viewer: caller.viewer },
    }
    switch (handler.kind) {
      case 'read':
        return runRead(request)
      case 'write':
        return runWrite(request, handler.locks, lastWrites)
      case 'gathered':
        return runGathered(request, lastWrites)
      case 'custom':
        return runCustom(request, accessOrder)
    }
  }
}

/** A handler of any request, once its input was validated. */
type RunnableHandler = (
  { readonly kind: 'read' | 'custom' | 'gathered' } | { readonly kind: 'write'; readonly locks: RequestLocks }
) & {
  readonly access: AccessCheck<unknown>
  readonly run: (context: object, input: unknown, found: unknown) => Promise<unknown>
}

/** A request whose caller may make it. */
interface Request {
  readonly spec: RequestSpec
  readonly handler: RunnableHandler
  readonly context: { readonly hub: HubContext; readonly caller: Caller; readonly viewer: Viewer | undefined }
  readonly input: unknown
  readonly ids: RequestIds
  /** The input is wrong, and its ids are there: the caller learns it once access was checked. */
  readonly problem: HubError | undefined
}

/** @throws not_found, unauthenticated, forbidden, rate_limited */
function requireRequest(hub: HubContext, name: string, caller: Caller): RequestSpec {
  const spec = findRequest(name)
  if (spec && spec.access !== 'anyone') checkCaller(hub, spec, caller.viewer)
  else if (caller.viewer) hub.rateLimiter?.consume(caller.viewer.userId, spec ? name : 'unknown')
  if (!spec) throw notFound('This request')
  return spec
}

/** Finds the resource of a request through the user. @throws HubError, also for input that is wrong */
async function requireAccess({ spec, handler, context, ids, problem }: Request, db: Db): Promise<unknown> {
  const { hub, caller, viewer } = context
  // the session may have ended while this request waited
  if (caller.isCancelled?.()) throw notLoggedIn()
  const found = viewer && (await handler.access(db, viewer, ids))
  if (problem) throw problem
  if (spec.requiresReauthentication && viewer) await requireReauthenticated(db, viewer, hub.clock())
  return found
}

function runRead(request: Request): Promise<unknown> {
  const { handler, context, input } = request
  const { hub, caller } = context
  return hub.turns.run(caller.viewer?.userId ?? caller.address, () => {
    caller.beforeRead?.()
    return hub.store.read(async (db) =>
      handler.run({ ...context, db }, input, await requireAccess(request, db)),
    )
  })
}

function runWrite(request: Request, handlerLocks: RequestLocks, lastWrites: LastOf): Promise<unknown> {
  const { spec, handler, context, input, ids } = request
  const { hub, viewer } = context
  const options = {
    locks: typeof handlerLocks === 'function' ? handlerLocks(ids, viewer) : handlerLocks,
    bytes: estimateBytes(input),
    isFree: isFreeRequest(spec, input),
  }
  const run = (): Promise<unknown> =>
    runOperationFor(context, options, async (op) =>
      handler.run(op, input, await requireAccess(request, op.db)),
    )
  if (!viewer) return run()
  // a chat that is marked as unread after it was read stays unread
  const before = hub.live.receipts.settled(viewer.userId)
  return lastWrites.note(viewer.userId, before ? before.then(run) : run())
}

function runGathered(request: Request, lastWrites: LastOf): Promise<unknown> {
  const { handler, context, input, problem } = request
  const { hub, viewer } = context
  if (problem) return hub.store.read((db) => requireAccess(request, db))
  const before = viewer && lastWrites.settled(viewer.userId)
  const run = (): Promise<unknown> => handler.run(context, input, undefined)
  return before ? before.then(run) : run()
}

function runCustom(request: Request, accessOrder: InSequence): Promise<unknown> {
  const { handler, context, input } = request
  const { hub, viewer } = context
  const read = (): Promise<unknown> => hub.store.read((db) => requireAccess(request, db))
  // a later search replaces an earlier one, so the requests of a session go on in the order they came
  const found = viewer ? accessOrder.run(viewer.sessionId, read) : read()
  return found.then((resource) => handler.run(context, input, resource))
}

type RequestPolicy = Pick<RequestSpec, 'method' | 'tokens' | 'allowedWhilePending'> & { name: string }

/** Checks that the caller may use this request at all. @throws unauthenticated, forbidden, rate_limited */
export function checkCaller(hub: HubContext, policy: RequestPolicy, viewer: Viewer | undefined): Viewer {
  if (!viewer) throw notLoggedIn()
  checkScope(policy, viewer)
  hub.rateLimiter?.consume(viewer.userId, policy.name)
  if (viewer.pending && !policy.allowedWhilePending) throw notApprovedYet()
  return viewer
}

/** The only place that limits personal tokens. @throws forbidden */
function checkScope(spec: RequestPolicy, { scope }: Viewer): void {
  if (scope === undefined) return
  if (spec.tokens === 'never') {
    throw new HubError('forbidden', 'API tokens cannot do this. Log in to do it.')
  }
  if (scope === 'read' && isWriteMethod(spec.method)) {
    throw new HubError(
      'forbidden',
      'This token has the scope “read”. Create a token with the scope “write” in the settings.',
    )
  }
}

export type HandlerKind = 'read' | 'write' | 'custom' | 'gathered'

/** Returns undefined for an unknown request. */
export function kindOf(handlers: Handlers, name: string): HandlerKind | undefined {
  return Object.hasOwn(handlers, name) ? handlers[name as RequestName].kind : undefined
}

/** Returns true if the input has every id that the path names, so that access can be checked. */
function hasPathIds(spec: RequestSpec, input: unknown): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  return pathParameters(spec.path).every((key) => typeof (input as Record<string, unknown>)[key] === 'string')
}

/** Returns the members that are strings in the contract and in the input. The validator refuses the others. */
function extractIds(spec: RequestSpec, input: unknown): RequestIds {
  const ids: Record<string, string> = {}
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
