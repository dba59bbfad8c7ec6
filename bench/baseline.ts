/*
 * The limit: the speed of Node, `ws` and SQLite with no other work. It has no accounts, no rights, no contract and no
 * slow consumers. It does only what no honest hub can leave out: a row synced to the disk before anybody receives it
 * (WAL, synchronous=FULL), one transaction for each turn of the loop, one buffer framed once and shared by all sockets
 * of a chat, one write for each socket. The sender's own copy is its acknowledgement.
 *
 * It speaks the few messages of the protocol that the load needs, so one client drives both servers.
 *
 * usage: node bench/baseline.ts DATABASE
 */
import { channel } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import Database from 'better-sqlite3'
import { WebSocketServer, type WebSocket } from 'ws'

interface PendingMessage {
  chat: Chat
  cid: string
  author: string
  text: string
}

interface Chat {
  id: string
  head: number
  sockets: Set<Socket>
  pendingEntries: string[]
}

interface ClientMessage {
  t: string
  id?: number
  name?: string
  input?: {
    chatId: string
    cid: string
    text: string
    before?: number
    after?: number
    limit?: number
    stream: string
  }
}

const commitChannel = channel('hubbub:commit')

const db = new Database(process.argv[2])
db.pragma('journal_mode = wal')
db.pragma('synchronous = full')
const insertMessage = db.prepare(
  'insert into message (chat, no, cid, author, text, at) values (?, ?, ?, ?, ?, ?)',
)
const selectBefore = db.prepare('select * from message where chat = ? and no < ? order by no desc limit ?')
const selectAfter = db.prepare('select * from message where chat = ? and no > ? order by no limit ?')
const beginTransaction = db.prepare('begin immediate')
const commitTransaction = db.prepare('commit')

const chats = new Map<string, Chat>()
for (const { id, head } of db.prepare('select id, head from chat').all() as { id: string; head: number }[]) {
  const last = db
    .prepare('select coalesce(max(no), ?) from message where chat = ?')
    .pluck()
    .get(head, id) as number
  chats.set(id, { id, head: last, sockets: new Set(), pendingEntries: [] })
}
const selectChatIds = db.prepare('select chat from member where user = ?').pluck()

let pendingMessages: PendingMessage[] = []

function enqueueMessage(send: PendingMessage): void {
  if (pendingMessages.push(send) === 1) setImmediate(commitBatch)
}

function commitBatch(): void {
  const batch = pendingMessages
  pendingMessages = []
  const touched = new Set<Chat>()
  const at = Date.now()
  beginTransaction.run()
  for (const { chat, cid, author, text } of batch) {
    const no = ++chat.head
    insertMessage.run(chat.id, no, cid, author, text, at)
    chat.pendingEntries.push(serializeEntry(chat.id, { no, cid, author, text, at }))
    touched.add(chat)
  }
  commitTransaction.run()
  if (commitChannel.hasSubscribers) commitChannel.publish(batch.length)
  for (const chat of touched) {
    const frame = encodeFrame(`[${chat.pendingEntries.join(',')}]`)
    chat.pendingEntries = []
    for (const socket of chat.sockets) socket.write(frame)
  }
}

function serializeEntry(chat: string, message: object): string {
  return JSON.stringify({ t: 'entry', stream: `chat:${chat}`, seq: (message as { no: number }).no, message })
}

/** Encodes a text frame by RFC 6455, ready for any number of sockets. */
function encodeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = 0x81
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head)
  return frame
}

const server = createServer()
const wss = new WebSocketServer({
  server,
  perMessageDeflate: false,
  clientTracking: false,
  maxPayload: 65_536,
})
wss.on('connection', (ws: WebSocket, request) => {
  const user = (request.headers.authorization ?? '').slice('Bearer '.length)
  // as `ws` writes, but with one buffer for many sockets
  const socket = (ws as unknown as { _socket: Socket })._socket
  const mine = (selectChatIds.all(user) as string[]).map((id) => chats.get(id) as Chat)
  ws.on('message', (data) => {
    for (const message of JSON.parse((data as Buffer).toString()) as ClientMessage[])
      handleMessage(ws, socket, user, mine, message)
  })
  ws.on('error', () => {})
  ws.on('close', () => {
    for (const chat of mine) chat.sockets.delete(socket)
  })
})

function handleMessage(
  ws: WebSocket,
  socket: Socket,
  user: string,
  userChats: Chat[],
  message: ClientMessage,
): void {
  if (message.t === 'resume') {
    for (const chat of userChats) chat.sockets.add(socket)
    ws.send(JSON.stringify([{ t: 'state', chats: userChats.map(({ id, head }) => ({ id, head })) }]))
  }
  if (message.t !== 'req' || !message.input) return
  const { id, name, input } = message
  if (name === 'messages.send') {
    enqueueMessage({ chat: chats.get(input.chatId) as Chat, cid: input.cid, author: user, text: input.text })
  } else if (name === 'messages.list') {
    const rows = selectBefore.all(input.chatId, input.before ?? Number.MAX_SAFE_INTEGER, input.limit ?? 50)
    ws.send(JSON.stringify([{ t: 'ok', id, output: { messages: rows.reverse() } }]))
  } else if (name === 'streams.read') {
    const chat = input.stream.slice('chat:'.length)
    const rows = selectAfter.all(chat, input.after ?? 0, input.limit ?? 500) as { no: number }[]
    const entries = rows.map((row) => serializeEntry(chat, row)).join(',')
    ws.send(
      `[{"t":"ok","id":${id ?? 0},"output":{"entries":[${entries}],"head":${chats.get(chat)?.head ?? 0}}}]`,
    )
  }
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.stdout.write(`hub listening at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
