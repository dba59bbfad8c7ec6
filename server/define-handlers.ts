import type { Input, Output, RequestName } from '../shared/contract.ts'
import type { CallerFor, RequestIds, Viewer } from './caller.ts'
import type { HubContext } from './context.ts'
import type { Db } from './db/schema.ts'
import type { Locks } from './db/store.ts'
import type { RequestOperation } from './operation.ts'

/*
 * A handler defines a request: who has access, which locks it takes, and the rule. Its name is its key in the
 * object, so input and output are typed from the contract.
 */

/** Finds the resource through the user and hands it to the rule. @throws HubError not_found or forbidden */
export type AccessCheck<Found> = (db: Db, viewer: Viewer, ids: RequestIds) => Promise<Found>

/**
 * The locks of a write: all of the hub, or names such as `chat:<id>`, from the ids. It may return a function that looks up
 * the chat of a message, since a message never moves. `viewer` is absent for requests without a session.
 */
export type FindLocks = (ids: RequestIds, viewer: Viewer | undefined) => Locks
export type RequestLocks = 'hub' | readonly string[] | FindLocks

/** What a handler gets in addition to the input. */
export interface RequestContext<N extends RequestName> {
  readonly hub: HubContext
  readonly caller: CallerFor<N>
  readonly viewer: CallerFor<N>['viewer']
}

export interface ReadContext<N extends RequestName> extends RequestContext<N> {
  /** A snapshot of the committed data. */
  readonly db: Db
}

type Result<N extends RequestName> = Output<N> extends undefined ? void : Output<N>

interface Named<N extends RequestName> {
  /** For the type checker only: it infers the request from the key. */
  readonly name?: N
}

/** Reads what is committed. */
export interface ReadHandler<N extends RequestName, Found, Given = Found> extends Named<N> {
  readonly kind: 'read'
  readonly access: AccessCheck<Found>
  readonly run: (context: ReadContext<N>, input: Input<N>, found: Given) => Promise<Result<N>>
}

/** Is one operation, from access to result. */
export interface WriteHandler<N extends RequestName, Found, Given = Found> extends Named<N> {
  readonly kind: 'write'
  readonly access: AccessCheck<Found>
  readonly locks: RequestLocks
  readonly run: (op: RequestOperation<CallerFor<N>>, input: Input<N>, found: Given) => Promise<Result<N>>
}

/** Does slow work first (hashing, decoding) and opens its own operations. */
export interface CustomHandler<N extends RequestName, Found, Given = Found> extends Named<N> {
  readonly kind: 'custom'
  readonly access: AccessCheck<Found>
  readonly run: (context: RequestContext<N>, input: Input<N>, found: Given) => Promise<Result<N>>
}

/**
 * A write that shares one operation with those of other users. The operation finds the resource itself; `access` is for a
 * request with invalid input. Later writes of the user begin after it.
 */
export interface GatheredHandler<N extends RequestName, Found> extends Named<N> {
  readonly kind: 'gathered'
  readonly access: AccessCheck<Found>
  readonly run: (context: RequestContext<N>, input: Input<N>) => Promise<Result<N>>
}

/** A handler without the type of its resource: only `dispatch` runs it, with what its own access check found. */
export type Handler<N extends RequestName> =
  | ReadHandler<N, unknown, never>
  | WriteHandler<N, unknown, never>
  | CustomHandler<N, unknown, never>
  | GatheredHandler<N, unknown>

/** All of them: a missing one does not compile. */
export type Handlers = { readonly [N in RequestName]: Handler<N> }

export function defineHandlers<K extends RequestName>(handlers: { readonly [N in K]: Handler<N> }): {
  readonly [N in K]: Handler<N>
} {
  return handlers
}

export function read<N extends RequestName, Found>(
  handler: Omit<ReadHandler<N, Found>, 'kind'>,
): ReadHandler<N, Found> {
  return { kind: 'read', ...handler }
}

export function write<N extends RequestName, Found>(
  handler: Omit<WriteHandler<N, Found>, 'kind'>,
): WriteHandler<N, Found> {
  return { kind: 'write', ...handler }
}

export function custom<N extends RequestName, Found>(
  handler: Omit<CustomHandler<N, Found>, 'kind'>,
): CustomHandler<N, Found> {
  return { kind: 'custom', ...handler }
}

export function gathered<N extends RequestName, Found>(
  handler: Omit<GatheredHandler<N, Found>, 'kind'>,
): GatheredHandler<N, Found> {
  return { kind: 'gathered', ...handler }
}

/** For requests that need only a session, or nothing. */
export const noAccessCheck: AccessCheck<undefined> = () => Promise.resolve(undefined)
