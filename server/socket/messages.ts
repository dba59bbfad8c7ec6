import type { HubContext } from '../context.ts'
import type { Connection } from '../live/connection.ts'
import type { ClientMessage } from '../live/inbox.ts'
import { type RequestTransport, startRequest } from './requests.ts'
import { resumeConnection } from './resume.ts'
import { parseWatched } from './wants.ts'

const typingIntervalMs = 1_000

/** Handles a message. Returns false if it violates the protocol. */
export function handleMessage(
  transport: RequestTransport,
  connection: Connection,
  message: ClientMessage,
): boolean {
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

function handleTyping(hub: HubContext, connection: Connection, chatId: string): void {
  const now = performance.now()
  if (now - connection.lastTypingAt < typingIntervalMs && connection.typingChatId === chatId) return
  // each goes to up to 50 members; typing in two chats in turn must not be a way around the interval
  if (hub.rateLimiter?.allows(connection.viewer.userId, 'typing') === false) return
  connection.lastTypingAt = now
  connection.typingChatId = chatId
  hub.live.publishTyping(chatId, connection.viewer.userId)
}
