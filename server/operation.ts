import type { EntryType } from '../shared/contract/entries.ts'
import type { AuthenticatedCaller, Caller } from './caller.ts'
import type { HubContext } from './context.ts'
import type { Locks, Transaction } from './db/store.ts'
import { append, type NewEntry, type StreamName } from './log/log.ts'

/*
 * The first argument of a rule: `(op, input, resource)`. An operation is one transaction of the store together with the
 * hub it runs in. A background job has an operation without a user.
 */

export interface Operation extends Transaction {
  readonly hub: HubContext
  /** Appends an entry to a stream and, after the commit, publishes it to those who may see it. Returns its seq. */
  append<T extends EntryType>(stream: StreamName, entry: NewEntry<T>): Promise<number>
}

/** An operation for a request. */
export interface RequestOperation<C extends Caller> extends Operation {
  readonly caller: C
  readonly viewer: C['viewer']
}

/** An operation for the request of a user whose session was checked. */
export type UserOperation = RequestOperation<AuthenticatedCaller>

/** @param options.bytes approximate number of bytes it writes, so that a batch stays small */
export interface OperationOptions {
  locks: Locks
  bytes?: number
  /** See WriteOptions. */
  derived?: boolean
  /** It is not limited by the text budget of its user. */
  isFree?: boolean
}

/** Runs an operation of the hub itself. Settles after its commit is on disk. @throws what the operation throws */
export function runOperation<T>(
  hub: HubContext,
  options: OperationOptions,
  run: (op: Operation) => Promise<T>,
): Promise<T> {
  return hub.store.writer.write((tx) => run(toOperation(hub, tx)), options)
}

/** Runs an operation for a caller. Settles after its commit is on disk. @throws what the operation throws */
export function runOperationFor<T, C extends Caller>(
  { hub, caller }: { hub: HubContext; caller: C },
  { isFree = false, ...options }: OperationOptions,
  run: (op: RequestOperation<C>) => Promise<T>,
): Promise<T> {
  const user = caller.viewer?.userId ?? caller.address
  const runCharged = async (tx: Transaction): Promise<T> => {
    const op = toRequestOperation(hub, tx, caller)
    const result = await run(op)
    if (op.viewer && !isFree) hub.textBudget?.charge(op, op.viewer.userId)
    return result
  }
  return hub.store.writer.write(runCharged, { ...options, user })
}

/** Returns the same operation for another caller. */
export function actAs<C extends Caller>(op: Operation, caller: C): RequestOperation<C> {
  return { ...op, caller, viewer: caller.viewer }
}

/** As `actAs(toOperation(hub, tx), caller)`, with one copy: it runs for each message. */
function toRequestOperation<C extends Caller>(
  hub: HubContext,
  tx: Transaction,
  caller: C,
): RequestOperation<C> {
  const { viewer } = caller
  return { ...tx, hub, append: (stream, entry) => append(tx, stream, entry), caller, viewer }
}

function toOperation(hub: HubContext, tx: Transaction): Operation {
  return { ...tx, hub, append: (stream, entry) => append(tx, stream, entry) }
}
