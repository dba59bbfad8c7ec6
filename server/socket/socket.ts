import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Safety } from '../../shared/contract/continuity.ts'
import { closeCodes, type FromHub, liveTimings, protocol } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, type WireError } from '../../shared/errors.ts'
import type { Place } from '../../shared/places.ts'
import { isHigherTerm, parseTerm } from '../../shared/term.ts'
import type { Dispatch, HandlerKind } from '../dispatch.ts'
import type { Caller, Viewer } from '../caller.ts'
import { findRequest } from '../../shared/contract.ts'
import type { HubContext } from '../context.ts'
import { Connection } from '../live/connection.ts'
import { closeForElsewhere } from '../live/farewell.ts'
import { byeOf } from '../live/moved.ts'
import { type ClientMessage, Inbox } from '../live/inbox.ts'
import { readHello } from './state.ts'
import { readStateSince } from './since.ts'
import { parseHave, parseWants, parseWatched } from './wants.ts'

/** Limits the windows and devices of one user; a script that forgets to close its sockets reaches it. */
const maxConnectionsPerUser = 32
const typingIntervalMs = 1_000
/** Cost of the state of all chats, in units of the rate limit. */
const resumeCost = 5

export interface SocketTransport {
  hub: HubContext
  dispatch: Dispatch
  kindOf: (name: string) => HandlerKind | undefined
  /** Set by `beforeUpgrade`; without a viewer the upgrade was refused. */
  viewerOf: (request: FastifyRequest) => Viewer
  originOf: (request: FastifyRequest) => string
  /** The token of its session, if a cookie has brought it. */
  cookieTokenOf: (request: FastifyRequest) => string | undefined
}

/** Creates the handler of `GET /live`: see docs/protocol.md. The session was checked before the upgrade. */
export function createSocketHandler(transport: SocketTransport) {
  const { hub } = transport
  const readHelloShared = createHelloReader(hub)
  return (socket: WebSocket, request: FastifyRequest): void => {
    const viewer = transport.viewerOf(request)
    const connection = new Connection(socket, {
      wire: request.raw.socket,
      viewer,
      address: request.clientAddress,
      origin: transport.originOf(request),
      cookieToken: viewer.kind === 'cookie' ? transport.cookieTokenOf(request) : undefined,
      now: performance.now(),
      onDirty: (dirty) => hub.live.scheduleFlush(dirty),
    })
    const inbox = createInbox(transport, connection)
    inbox.measure(request.raw.socket)
    // handlers first: a message that arrives before they are set is lost
    socket.on('message', (data: RawData, isBinary: boolean) => {
      connection.lastReceivedAt = performance.now()
      // what comes after it leaves, the client sends again elsewhere
      if (!connection.isClosing && !connection.isLeaving) inbox.receive(data as Buffer, isBinary)
    })
    socket.on('ping', () => inbox.countFrame())
    socket.on('pong', () => {
      connection.lastReceivedAt = performance.now()
      inbox.countFrame()
    })
    socket.on('error', (error) => hub.log.debug({ err: error }, 'socket error'))
    let hasSentHello = false
    const noResume = setTimeout(() => {
      // it may have come and gone through the queue of its user since the last frame
      if (connection.isResuming || connection.isResumed || connection.isClosing) return
      // `resume` may have come and wait for its turn
      if (inbox.isEmpty && hasSentHello) connection.close(closeCodes.noResume, 'no_resume')
      else noResume.refresh()
    }, liveTimings.resumeTimeoutMs)
    noResume.unref()
    socket.on('close', () => {
      clearTimeout(noResume)
      connection.isClosing = true
      inbox.close()
      hub.live.removeConnection(connection)
    })
    const moved = hub.standing.moved()
    if (moved) {
      connection.close(closeCodes.restarting, moved.code, byeOf(moved, connection))
      return
    }
    if (hub.draining.hasStoppedListening) {
      // it came over a connection that was open before
      hub.live.addConnection(connection)
      closeForElsewhere(connection)
      return
    }
    if (!hub.unlimited && hasTooManyConnections(hub, viewer.userId)) {
      connection.close(closeCodes.tooMany, 'too_many')
      return
    }
    hub.live.addConnection(connection)
    // its read may take longer than that of a state: the first message is `hello`
    connection.readStarted()
    sendHello(hub, connection, readHelloShared)
      .then(() => (hasSentHello = true))
      .catch((error: unknown) => {
        hub.log.error({ err: error }, 'a connection could not be opened')
        connection.terminate()
      })
      .finally(() => connection.readFinished())
  }
}

function hasTooManyConnections(hub: HubContext, userId: string): boolean {
  return (
    hub.live.connectionCountOf(userId) >= maxConnectionsPerUser ||
    hub.live.connectionCount >= hub.maxConnections
  )
}

type HelloReader = () => ReturnType<typeof readHello>

/** Connections that open while another waits for its read share it: thousands may come at once. */
function createHelloReader(hub: HubContext): HelloReader {
  let underWay: ReturnType<HelloReader> | undefined
  return () =>
    (underWay ??= hub.store.read(readHello).finally(() => {
      underWay = undefined
    }))
}

async function sendHello(hub: HubContext, connection: Connection, read: HelloReader): Promise<void> {
  const { epoch, userCount } = await read()
  const term = hub.standing.term()
  connection.send({
    t: 'hello',
    protocol,
    hubId: hub.hubId,
    epoch,
    boot: hub.bootId,
    user: connection.viewer.userId,
    now: hub.clock(),
    limits: { text: limits.text, frame: limits.frame },
    ...(userCount >= hub.largeHubUsers ? { large: true } : {}),
    ...(term === undefined ? {} : { term }),
  })
}

function createInbox(transport: SocketTransport, connection: Connection): Inbox {
  const { hub } = transport
  const inbox = new Inbox({
    connection,
    turns: hub.turns,
    takeToken: () => hub.rateLimiter?.takeMessage(connection.viewer.userId) ?? 0,
    handle: (message) => handleMessage(transport, connection, message),
    onViolation: () => connection.close(closeCodes.notOurProtocol, 'not_our_protocol'),
    onError: (error) => hub.log.error({ err: error }, 'a connection failed and was closed'),
  })
  connection.onExhausted = () => inbox.waitForTurn()
  return inbox
}

/** Handles a message. Returns false if it violates the protocol. */
function handleMessage(transport: SocketTransport, connection: Connection, message: ClientMessage): boolean {
  const { hub } = transport
  const { userId } = connection.viewer
  switch (message.t) {
    case 'resume':
      return resumeConnection(hub, connection, message)
    case 'ping':
      connection.send({ t: 'pong' })
      return true
  }
  // every other message requires a resumed connection: only `resume` carries the CSRF token
  if (!connection.isResumed && !connection.isResuming) return false
  if (message.t === 'req') return startRequest(transport, connection, message)
  const changesNothing = connection.viewer.scope === 'read'
  switch (message.t) {
    case 'typing':
      if (typeof message['chat'] !== 'string') return false
      if (!changesNothing) handleTyping(hub, connection, message['chat'])
      return true
    case 'presence': {
      const state = message['state']
      if (state !== 'active' && state !== 'idle') return false
      connection.state = state
      if (!changesNothing) hub.live.presence.setConnectionState(userId, connection, state)
      return true
    }
    case 'watch': {
      const users = parseWatched(message['users'])
      if (!users) return false
      const mayWatch = connection.wants.has('interest') && hub.rateLimiter?.allows(userId, 'watch') !== false
      if (mayWatch) hub.live.watch(connection, users)
      return true
    }
    case 'delivered': {
      const { chat, no } = message
      if (typeof chat !== 'string' || !Number.isSafeInteger(no) || (no as number) < 0) return false
      if (!changesNothing) hub.live.receipts.recordDelivered(chat, userId, no as number)
      return true
    }
    default:
      return false
  }
}

function resumeConnection(hub: HubContext, connection: Connection, message: ClientMessage): boolean {
  const version = message['protocol']
  if (version !== protocol.max) return false
  const { viewer } = connection
  if (viewer.kind === 'cookie' && (viewer.csrf === undefined || message['csrf'] !== viewer.csrf)) return false
  if (hub.rateLimiter?.allows(viewer.userId, 'resume', resumeCost) === false) {
    connection.close(closeCodes.tooMany, 'too_many')
    return true
  }
  const shown = parseTerm(message['term'])
  if (isHigherTerm(shown, hub.standing.term())) hub.standing.onHigherTerm(shown)
  // another computer is the hub: the standing has closed all sockets
  if (connection.isClosing) return true
  connection.isResuming = true
  connection.isBehind = false
  connection.wants = parseWants(message['wants'])
  const have = parseHave(message['have'])
  const near = connection.wants.has('users') ? hub.live.audience.usersNear(viewer.userId) : undefined
  // subscribe before reading: entries committed meanwhile are held, then sent above the heads of the state
  connection.holdEntries()
  if (viewer.scope !== 'read') {
    hub.live.presence.setConnectionState(viewer.userId, connection, connection.state)
    hub.live.zones.set(viewer.userId, message['zone'])
  }
  connection.readStarted()
  hub.turns
    .run(viewer.userId, () =>
      hub.store.read(async (db) =>
        // a client that has waited too long has left
        connection.isClosing
          ? undefined
          : readStateSince(db, viewer, { epoch: message['epoch'], have, near }),
      ),
    )
    .then((read) => {
      if (!read) return
      const { state, heads } = read
      const wants = [...connection.wants]
      const whole = { ...state, ...standingOf(hub), ...(wants.length === 0 ? {} : { wants }) }
      hub.live.sendWithPresence(connection, whole)
      const upTo = hub.standing.safeUpTo()
      if (upTo !== undefined) connection.send({ t: 'safe', upTo })
      connection.releaseEntries(
        (stream) => heads.get(stream) ?? state.heads[stream],
        hub.live.onHint !== undefined,
      )
    })
    .catch((error: unknown) => {
      hub.log.error({ err: error }, 'a connection could not be resumed')
      connection.terminate()
    })
    .finally(() => connection.readFinished())
  return true
}

/** A hub without standbys sends what it has always sent. */
function standingOf({ standing }: HubContext): { places?: Place[]; safety?: Safety } {
  const safety = standing.safety()
  const places = [...standing.places()]
  return safety === 'none' && places.length === 0 ? {} : { places, safety }
}

function handleTyping(hub: HubContext, connection: Connection, chatId: string): void {
  const now = performance.now()
  if (now - connection.lastTypingAt < typingIntervalMs && connection.typingChatId === chatId) return
  // each goes to up to 50 members; typing in two chats in turn must not be a way around the interval
  if (hub.rateLimiter?.allows(connection.viewer.userId, 'typing') === false) return
  connection.lastTypingAt = now
  connection.typingChatId = chatId
  hub.live.publishTyping(chatId, connection.viewer.userId)
}

function startRequest(transport: SocketTransport, connection: Connection, message: ClientMessage): boolean {
  const { id, name } = message
  const idIsFine = typeof id === 'string' ? id.length <= 64 : Number.isSafeInteger(id)
  if (!idIsFine || typeof name !== 'string') return false
  connection.requestStarted()
  void respond(transport, connection, id as string | number, name, message['input'] ?? {})
  return true
}

async function respond(
  transport: SocketTransport,
  connection: Connection,
  id: string | number,
  name: string,
  input: unknown,
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
  transport: SocketTransport,
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

export function toWireError(hub: HubContext, error: unknown, name: string): WireError {
  if (error instanceof HubError) {
    if (error.code === 'internal') hub.log.error({ err: error, request: name }, 'a request failed')
    return error.toWire()
  }
  hub.log.error({ err: error, request: name }, 'a request failed')
  return {
    code: 'internal',
    message: 'Something went wrong on the hub. Try again. If it keeps happening, tell an admin of this hub.',
  }
}
