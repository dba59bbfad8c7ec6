import type { SocketLike } from '../../renderer/connection/platform.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import { chats, epoch, hubStreamHead, makeMessage, me, meta, team, userStreamHead } from './page-examples.ts'

/*
 * A hub as a page sees it, without a database: it answers the requests of a page properly, and sends any frame that a caller passes.
 */

type Input = Readonly<Record<string, unknown>>

interface PageRequest {
  t: string
  id: number
  name: string
  input: Input
}

const at = 1_796_000_000_000

export class FakeHub {
  isUp = false
  /** The inputs of all `messages.send`. */
  readonly sent: Input[] = []
  /** The chat of a proper entry that follows all others. */
  readonly freshChat = 'c2'
  readonly freshText = 'a proper message'
  /** Runs what the page does with a frame, so that nothing it throws gets lost. */
  run: (work: () => void) => void = (work) => work()
  readonly #sockets = new Set<SocketLike>()
  #hasFresh = false

  readonly fetch = (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    if (!this.isUp) return Promise.reject(new TypeError('no hub'))
    const address = input instanceof Request ? input.url : input.toString()
    if (address.endsWith('/api/meta')) return Promise.resolve(Response.json(meta))
    if (address.endsWith('/api/me'))
      return Promise.resolve(Response.json({ user: me, settings: {}, csrfToken: 'csrf' }))
    if (init.method === 'DELETE') return Promise.resolve(new Response(null, { status: 204 }))
    const error = { code: 'not_found', message: 'This does not exist.' }
    return Promise.resolve(Response.json({ error }, { status: 404 }))
  }

  readonly openSocket = (): SocketLike => {
    const socket: SocketLike = {
      ...{ readyState: WebSocket.OPEN, onopen: null, onmessage: null, onclose: null, onerror: null },
      send: (data) => queueMicrotask(() => this.#receive(socket, data)),
      close: () => void this.#sockets.delete(socket),
    }
    queueMicrotask(() => {
      if (!this.isUp) return this.run(() => socket.onclose?.({ code: 1006 }))
      this.#sockets.add(socket)
      this.#send(socket, [this.#hello()])
    })
    return socket
  }

  /** Any text, to all pages. */
  push(frame: string): void {
    for (const socket of [...this.#sockets]) this.run(() => socket.onmessage?.({ data: frame }))
  }

  pushFresh(): void {
    this.#hasFresh = true
    this.push(JSON.stringify([{ t: 'entry', ...this.#freshEntry() }]))
  }

  #hello(): FromHub {
    return {
      t: 'hello',
      ...{ protocol: { min: 1, max: 1 }, hubId: meta.hubId, epoch, boot: 'b', user: me.id, now: at },
      limits: { text: 16_384, frame: 65_536 },
    }
  }

  #state(): object {
    return {
      ...{ t: 'state', epoch, me: { ...me, settings: {} }, chats: this.#chats() },
      ...{ heads: { hub: hubStreamHead, [`user:${me.id}`]: userStreamHead }, presence: {} },
    }
  }

  #chats(): object[] {
    return chats.map((chat) => {
      if (chat.id !== this.freshChat || !this.#hasFresh) return chat
      const { id, no, author, text } = this.#freshMessage()
      return { ...chat, head: chat.head + 1, lastNo: no, lastMessage: { id, no, author, text, at } }
    })
  }

  #freshMessage(): ReturnType<typeof makeMessage> {
    const chat = chats.find(({ id }) => id === this.freshChat)
    return { ...makeMessage(this.freshChat, 5, (chat?.head ?? 0) + 1), text: this.freshText }
  }

  #freshEntry(): object {
    const message = this.#freshMessage()
    return {
      stream: `chat:${this.freshChat}`,
      seq: message.seq,
      at,
      by: message.author,
      type: 'message.sent',
      message,
    }
  }

  #send(socket: SocketLike, messages: readonly object[]): void {
    this.run(() => socket.onmessage?.({ data: JSON.stringify(messages) }))
  }

  #receive(socket: SocketLike, data: string): void {
    if (!this.#sockets.has(socket)) return
    const answers = (JSON.parse(data) as PageRequest[]).flatMap((message) => this.#answer(message) ?? [])
    if (answers.length > 0) this.#send(socket, answers)
  }

  #answer({ t, id, name, input }: PageRequest): object | undefined {
    if (t === 'resume') return this.#state()
    if (t === 'ping') return { t: 'pong' }
    if (t !== 'req') return undefined
    const output = this.#outputOf(name, input)
    if (output) return { t: 'ok', id, output }
    return {
      t: 'err',
      id,
      error: { code: 'not_found', message: 'This does not exist, or you cannot see it.' },
    }
  }

  #outputOf(name: string, input: Input): object | undefined {
    const chatId = String(input['chatId'])
    switch (name) {
      case 'users.list':
        return { users: team, more: false }
      case 'users.find':
        return { users: team }
      case 'threads.list':
        return { threads: [], more: false }
      case 'drafts.list':
        return { drafts: [] }
      case 'drafts.set':
        return { draft: { ...input, base: undefined, at } }
      case 'chats.list':
        return { chats: this.#chats() }
      case 'chats.get':
        return this.#chat(chatId)
      case 'chats.read':
        return { readNo: input['no'] }
      case 'chats.events':
        return { entries: [], more: false }
      case 'messages.list':
        return {
          messages: chatId === this.freshChat && this.#hasFresh ? [this.#freshMessage()] : [],
          more: false,
        }
      case 'messages.send':
        return this.#store(input)
      case 'streams.read':
        return this.#readStream(String(input['stream']), Number(input['after'] ?? 0))
      default:
        return undefined
    }
  }

  #chat(id: string): object | undefined {
    const chat = this.#chats().find((each) => (each as { id: string }).id === id)
    return chat && { chat }
  }

  #store(input: Input): object {
    this.sent.push(input)
    const { cid, chatId, text } = input as { cid: string; chatId: string; text: string }
    const message = { ...makeMessage(chatId, 99, 99), id: `sent-${cid}`, author: me.id, cid, text }
    return { message }
  }

  #readStream(stream: string, after: number): object | undefined {
    if (stream === 'hub') return { entries: [], head: hubStreamHead }
    if (stream === `user:${me.id}`) return { entries: [], head: userStreamHead }
    const chat = chats.find(({ id }) => stream === `chat:${id}`)
    if (!chat) return undefined
    const isFresh = chat.id === this.freshChat && this.#hasFresh
    const head = isFresh ? chat.head + 1 : chat.head
    return { entries: isFresh && after < head ? [this.#freshEntry()] : [], head }
  }
}
