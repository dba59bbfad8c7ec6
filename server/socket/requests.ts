import { findRequest } from '../../shared/contract.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import { HubError } from '../../shared/errors.ts'
import type { Caller } from '../caller.ts'
import type { HubContext } from '../context.ts'
import type { Dispatch, HandlerKind } from '../dispatch.ts'
import type { Connection } from '../live/connection.ts'
import type { ClientMessage } from '../live/inbox.ts'
import { toWireError } from '../wire-error.ts'

export interface RequestTransport {
  hub: HubContext
  dispatch: Dispatch
  kindOf: (name: string) => HandlerKind | undefined
}

/** Handles `req`. Returns false if it violates the protocol. */
export function startRequest(
  transport: RequestTransport,
  connection: Connection,
  message: ClientMessage,
): boolean {
  const { id, name } = message
  const idIsFine = typeof id === 'string' ? id.length <= 64 : Number.isSafeInteger(id)
  if (!idIsFine || typeof name !== 'string') return false
  connection.requestStarted()
  void respond(transport, connection, { id: id as string | number, name, input: message['input'] ?? {} })
  return true
}

async function respond(
  transport: RequestTransport,
  connection: Connection,
  { id, name, input }: { id: string | number; name: string; input: unknown },
): Promise<void> {
  const { hub } = transport
  const resolved = resolveRequestName(name, input)
  // its answer may be large, so the next message is taken after it
  const isRead = transport.kindOf(resolved) === 'read'
  if (isRead) connection.readStarted()
  const running = dispatchRequest(transport, connection, resolved, input)
  let response: FromHub
  try {
    const output = await running
    // a read changes nothing that could be lost
    const held = isRead ? undefined : hub.standing.held()
    response = { t: 'ok', id, output: output ?? {}, ...(held === undefined ? {} : { held }) }
  } catch (error) {
    response = { t: 'err', id, error: toWireError(hub, error, resolved) }
  }
  connection.pendingWrites.delete(running)
  try {
    connection.send(response)
  } catch (error) {
    hub.log.error({ err: error, request: name }, 'a response could not be sent')
    connection.terminate()
  } finally {
    if (isRead) connection.readFinished()
    connection.requestFinished()
  }
}

/** Runs the requests of one socket in order: a write is queued at once, a read waits for the writes before it. */
function dispatchRequest(
  transport: RequestTransport,
  connection: Connection,
  name: string,
  input: unknown,
): Promise<unknown> {
  const caller: Caller = {
    viewer: connection.viewer,
    address: connection.address,
    origin: connection.origin,
    wantsToken: connection.viewer.kind === 'token',
    isCancelled: () => connection.isClosing,
  }
  if (findRequest(name)?.transport === 'http') {
    return Promise.reject(new HubError('forbidden', 'This request works over HTTP only.'))
  }
  const kind = transport.kindOf(name)
  if (kind === 'write' || kind === 'gathered' || kind === undefined) {
    const write = transport.dispatch(name, caller, input)
    connection.pendingWrites.add(write)
    return write
  }
  if (connection.pendingWrites.size === 0) return transport.dispatch(name, caller, input)
  void transport.hub.live.receipts.settled(connection.viewer.userId)
  return Promise.allSettled(connection.pendingWrites).then(() => transport.dispatch(name, caller, input))
}

/** If one name is used for reading and changing (admin.settings), any input means changing. */
function resolveRequestName(name: string, input: unknown): string {
  const other = findRequest(name)?.updateRequest
  const hasInput = typeof input === 'object' && input !== null && Object.keys(input).length > 0
  return other !== undefined && hasInput ? other : name
}
