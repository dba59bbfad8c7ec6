import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { closeCodes, liveTimings, protocol } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import { isBusy } from '../../shared/errors.ts'
import type { Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { Connection } from '../live/connection.ts'
import { closeForElsewhere } from '../live/farewell.ts'
import { Inbox } from '../live/inbox.ts'
import { byeOf } from '../live/moved.ts'
import { handleMessage } from './messages.ts'
import type { RequestTransport } from './requests.ts'
import { readHello } from './state.ts'

/** Limits the windows and devices of one user; a script that forgets to close its sockets reaches it. */
const maxConnectionsPerUser = 32

export interface SocketTransport extends RequestTransport {
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
    const connection = createConnection(transport, socket, request)
    const inbox = createInbox(transport, connection)
    inbox.measure(request.raw.socket)
    // handlers first: a message that arrives before they are set is lost
    receiveFrames(socket, connection, inbox)
    const deadline = new ResumeDeadline(connection, inbox)
    socket.on('error', (error) => hub.log.debug({ err: error }, 'socket error'))
    socket.on('close', () => {
      deadline.clear()
      connection.isClosing = true
      inbox.close()
      hub.live.removeConnection(connection)
    })
    if (!admit(hub, connection)) return
    hub.live.addConnection(connection)
    // its read may take longer than that of a state: the first message is `hello`
    connection.readStarted()
    sendHello(hub, connection, readHelloShared)
      .then(() => (deadline.hasSentHello = true))
      .catch((error: unknown) => {
        if (!isBusy(error)) hub.log.error({ err: error }, 'a connection could not be opened')
        connection.terminate()
      })
      .finally(() => connection.readFinished())
  }
}

function createConnection(
  transport: SocketTransport,
  socket: WebSocket,
  request: FastifyRequest,
): Connection {
  const viewer = transport.viewerOf(request)
  return new Connection(socket, {
    wire: request.raw.socket,
    viewer,
    address: request.clientAddress,
    origin: transport.originOf(request),
    cookieToken: viewer.kind === 'cookie' ? transport.cookieTokenOf(request) : undefined,
    now: performance.now(),
    onDirty: (dirty) => transport.hub.live.scheduleFlush(dirty),
  })
}

function receiveFrames(socket: WebSocket, connection: Connection, inbox: Inbox): void {
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
}

/** Closes a connection whose client does not send `resume` in time. */
class ResumeDeadline {
  hasSentHello = false
  readonly #timer: NodeJS.Timeout

  constructor(connection: Connection, inbox: Inbox) {
    this.#timer = setTimeout(() => {
      // it may have come and gone through the queue of its user since the last frame
      if (connection.isResuming || connection.isResumed || connection.isClosing) return
      // `resume` may have come and wait for its turn
      if (inbox.isEmpty && this.hasSentHello) connection.close(closeCodes.noResume, 'no_resume')
      else this.#timer.refresh()
    }, liveTimings.resumeTimeoutMs)
    this.#timer.unref()
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}

/** Returns false for a connection that this process does not serve, and closes it with the reason. */
function admit(hub: HubContext, connection: Connection): boolean {
  const moved = hub.standing.moved()
  if (moved) {
    connection.close(closeCodes.restarting, moved.code, byeOf(moved, connection))
    return false
  }
  if (hub.draining.hasStoppedListening) {
    // it came over a connection that was open before
    hub.live.addConnection(connection)
    closeForElsewhere(connection)
    return false
  }
  if (!hub.unlimited && hasTooManyConnections(hub, connection.viewer.userId)) {
    connection.close(closeCodes.tooMany, 'too_many')
    return false
  }
  return true
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
