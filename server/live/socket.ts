import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { closeCodes, liveTimes, protocol } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, type WireError } from '../../shared/errors.ts'
import type { Caller, CallRequest, Viewer } from '../call.ts'
import { findRequest } from '../../shared/contract.ts'
import type { Hub } from '../hub.ts'
import { Connection } from './connection.ts'
import { readEpoch, readState } from './state.ts'

/** Windows and devices of one person; a script that forgets to close its sockets meets this. */
const connectionsPerUser = 32
const connectionsPerHub = 2_000
const typingAtMostEvery = 1_000

export interface SocketDoor {
  hub: Hub
  call: CallRequest
  isRead: (name: string) => boolean
  /** Set by the door before the upgrade; without one the upgrade was refused. */
  viewerOf: (request: FastifyRequest) => Viewer
  originOf: (request: FastifyRequest) => string
}

type Incoming = Record<string, unknown> & { t: string }

/** `GET /live`: see docs/protocol.md. The session was checked before the upgrade. */
export function liveSocket(door: SocketDoor) {
  const { hub } = door
  return (socket: WebSocket, request: FastifyRequest): void => {
    const viewer = door.viewerOf(request)
    const connection = new Connection(socket, {
      wire: request.raw.socket,
      viewer,
      address: request.ip,
      origin: door.originOf(request),
      now: performance.now(),
      onDirty: (dirty) => hub.live.markDirty(dirty),
    })
    // handlers first: what comes in before they are there is lost
    socket.on('message', (data: RawData, isBinary: boolean) => {
      connection.lastHeard = performance.now()
      if (!connection.over) receive(door, connection, data, isBinary)
    })
    socket.on('pong', () => {
      connection.lastHeard = performance.now()
    })
    socket.on('error', (error) => hub.log.debug({ err: error }, 'socket error'))
    const noResume = setTimeout(
      () => connection.close(closeCodes.noResume, 'no_resume'),
      liveTimes.resumeWithin,
    )
    noResume.unref()
    // `resumed` comes turns later: a client that says nothing more must not be closed for it
    const clearWhenResumed = (): void => {
      if (connection.resuming || connection.over) clearTimeout(noResume)
    }
    socket.on('message', clearWhenResumed)
    socket.on('close', () => {
      clearTimeout(noResume)
      connection.over = true
      hub.live.remove(connection)
    })
    if (!hub.unlimited && tooMany(hub, viewer.userId)) {
      connection.close(closeCodes.tooMany, 'too_many')
      return
    }
    hub.live.add(connection)
    greet(hub, connection).catch((error: unknown) => {
      hub.log.error({ err: error }, 'a connection could not be greeted')
      connection.terminate()
    })
  }
}

function tooMany(hub: Hub, userId: string): boolean {
  return hub.live.countOf(userId) >= connectionsPerUser || hub.live.size >= connectionsPerHub
}

async function greet(hub: Hub, connection: Connection): Promise<void> {
  const epoch = await readEpoch(hub.reader)
  connection.send({
    t: 'hello',
    protocol,
    hubId: hub.hubId,
    epoch,
    boot: hub.boot,
    user: connection.viewer.userId,
    now: hub.clock(),
    limits: { text: limits.text, frame: limits.frame },
  })
}

function receive(door: SocketDoor, connection: Connection, data: RawData, isBinary: boolean): void {
  const messages = isBinary ? undefined : parse(data)
  if (!messages) {
    connection.close(closeCodes.notOurProtocol, 'not_our_protocol')
    return
  }
  for (const message of messages) {
    if (connection.over) return
    if (!take(door, connection, message)) {
      connection.close(closeCodes.notOurProtocol, 'not_our_protocol')
      return
    }
  }
}

/** A JSON array of objects with a `t`, or nothing. */
function parse(data: RawData): Incoming[] | undefined {
  let value: unknown
  try {
    // ws hands over one Buffer for a text frame and has checked its UTF-8
    value = JSON.parse((data as Buffer).toString())
  } catch {
    return undefined
  }
  return Array.isArray(value) && value.every(isIncoming) ? value : undefined
}

function isIncoming(value: unknown): value is Incoming {
  return typeof value === 'object' && value !== null && typeof (value as { t?: unknown }).t === 'string'
}

/** False: this is not of our protocol. */
function take(door: SocketDoor, connection: Connection, message: Incoming): boolean {
  const { hub } = door
  const { userId } = connection.viewer
  switch (message.t) {
    case 'resume':
      return resume(hub, connection, message)
    case 'ping':
      connection.send({ t: 'pong' })
      return true
  }
  // everything else belongs to a resumed connection: only `resume` brings the CSRF token
  if (!connection.resumed && !connection.resuming) return false
  if (message.t === 'req') return request(door, connection, message)
  const changesNothing = connection.viewer.scope === 'read'
  switch (message.t) {
    case 'typing':
      if (typeof message['chat'] !== 'string') return false
      if (!changesNothing) typing(hub, connection, message['chat'])
      return true
    case 'presence': {
      const state = message['state']
      if (state !== 'active' && state !== 'idle') return false
      connection.state = state
      if (!changesNothing) hub.live.presence.set(userId, connection, state)
      return true
    }
    case 'delivered': {
      const { chat, no } = message
      if (typeof chat !== 'string' || !Number.isSafeInteger(no) || (no as number) < 0) return false
      if (!changesNothing) hub.live.marks.delivered(chat, userId, no as number)
      return true
    }
    default:
      return false
  }
}

function resume(hub: Hub, connection: Connection, message: Incoming): boolean {
  const version = message['protocol']
  if (version !== protocol.max) return false
  const { viewer } = connection
  if (viewer.kind === 'cookie' && (viewer.csrf === undefined || message['csrf'] !== viewer.csrf)) return false
  connection.resuming = true
  connection.behind = false
  // subscribe before you read: what is committed meanwhile is held, then sent above the heads of the state
  connection.hold()
  if (viewer.scope !== 'read') hub.live.presence.set(viewer.userId, connection, connection.state)
  readState(hub, viewer.userId)
    .then((state) => {
      connection.sendJson(hub.live.presence.open(state), hub.live.presence.all)
      const heads = new Map(state.chats.map((chat) => [`chat:${chat.id}`, chat.head]))
      connection.release((stream) => heads.get(stream) ?? state.heads[stream] ?? 0)
    })
    .catch((error: unknown) => {
      hub.log.error({ err: error }, 'a connection could not be resumed')
      connection.terminate()
    })
  return true
}

function typing(hub: Hub, connection: Connection, chatId: string): void {
  const now = performance.now()
  if (now - connection.lastTyping < typingAtMostEvery && connection.typingIn === chatId) return
  connection.lastTyping = now
  connection.typingIn = chatId
  hub.live.typing(chatId, connection.viewer.userId)
}

function request(door: SocketDoor, connection: Connection, message: Incoming): boolean {
  const { id, name } = message
  const idIsFine = typeof id === 'string' ? id.length <= 64 : Number.isSafeInteger(id)
  if (!idIsFine || typeof name !== 'string') return false
  connection.began()
  void answer(door, connection, id as string | number, name, message['input'] ?? {})
  return true
}

async function answer(
  door: SocketDoor,
  connection: Connection,
  id: string | number,
  name: string,
  input: unknown,
): Promise<void> {
  const { hub } = door
  try {
    const output = await perform(door, connection, nameFor(name, input), input)
    connection.send({ t: 'ok', id, output: output ?? {} })
  } catch (error) {
    connection.send({ t: 'err', id, error: toWire(hub, error, name) })
  } finally {
    connection.answered()
  }
}

/** Requests of one socket take effect in their order: a write is queued at once, a read waits for the writes before it. */
function perform(door: SocketDoor, connection: Connection, name: string, input: unknown): Promise<unknown> {
  const caller: Caller = {
    viewer: connection.viewer,
    address: connection.address,
    origin: connection.origin,
    wantsToken: connection.viewer.kind === 'token',
    isOver: () => connection.over,
  }
  if (findRequest(name)?.door === 'http') {
    return Promise.reject(new HubError('forbidden', 'This opens a session and works over HTTP only.'))
  }
  if (!door.isRead(name)) {
    const write = door.call(name, caller, input)
    const settled: Promise<void> = write.then(
      () => void connection.writes.delete(settled),
      () => void connection.writes.delete(settled),
    )
    connection.writes.add(settled)
    return write
  }
  if (connection.writes.size === 0) return door.call(name, caller, input)
  return Promise.all([...connection.writes]).then(() => door.call(name, caller, input))
}

/** Where one name stands for reading and changing (admin.settings), any input means changing. */
function nameFor(name: string, input: unknown): string {
  const other = findRequest(name)?.withInput
  const hasInput = typeof input === 'object' && input !== null && Object.keys(input).length > 0
  return other !== undefined && hasInput ? other : name
}

export function toWire(hub: Hub, error: unknown, name: string): WireError {
  if (error instanceof HubError) {
    if (error.code === 'internal') hub.log.error({ err: error, request: name }, 'a request failed')
    return error.toWire()
  }
  hub.log.error({ err: error, request: name }, 'a request failed')
  return {
    code: 'internal',
    message: 'Something went wrong on the hub. Try again; if it stays, tell who runs it.',
  }
}
