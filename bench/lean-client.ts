import { WebSocket } from 'ws'
import type { ChatSummary } from '../shared/contract/chats.ts'
import type { Have } from '../shared/contract/live.ts'
import { summaryDigest } from '../shared/text/summary-digest.ts'
import { idOf } from './seed.ts'

/** `as ever`: what every client may do. `asking`: asks for less, as the page does. */
export type Way = 'as ever' | 'asking'

/** What a client keeps while it has no connection. */
export interface Kept {
  epoch: string
  have: Have
}

interface Message {
  t: string
  id?: number
  output?: unknown
  error?: unknown
  epoch?: string
  chats?: ChatSummary[]
  heads?: Record<string, number>
}

/** A client that looks at nothing but what it waits for. */
export class LeanClient {
  /** By all clients, in payloads of frames. */
  static receivedBytes = 0
  readonly #socket: WebSocket
  readonly #way: Way
  readonly #pending = new Map<
    number,
    { resolve: (output: unknown) => void; reject: (error: Error) => void }
  >()
  #nextId = 1
  #epoch = ''
  #have: Have = { chats: {} }

  private constructor(socket: WebSocket, way: Way) {
    this.#socket = socket
    this.#way = way
  }

  /** Resolves when the state has come. */
  static connect(port: number, token: string, way: Way, kept?: Kept): Promise<LeanClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const client = new LeanClient(socket, way)
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () =>
        client.send({
          t: 'resume',
          protocol: 1,
          ...(way === 'asking' && { wants: ['interest', 'users'], ...kept }),
        }),
      )
      socket.on('message', (data: Buffer) => {
        LeanClient.receivedBytes += data.length
        client.#receive(data.toString(), () => resolve(client))
      })
    })
  }

  kept(): Kept {
    return { epoch: this.#epoch, have: this.#have }
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify([message]))
  }

  request(name: string, input: object): Promise<unknown> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.send({ t: 'req', id, name, input })
    })
  }

  /** All users, or a screen full of those that the state does not have. */
  async loadUsers(): Promise<void> {
    if (this.#way === 'asking') {
      await this.request('users.find', { ids: Array.from({ length: 50 }, (_, n) => idOf(n * 7)).join(',') })
      return
    }
    for (let more = true, after: string | undefined; more;) {
      const page = (await this.request('users.list', {
        limit: 200,
        ...(after === undefined ? {} : { after }),
      })) as { users: { id: string }[]; more: boolean }
      after = page.users.at(-1)?.id
      more = page.more
    }
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(frame: string, onState: () => void): void {
    // entries and hints only count
    if (!/"t":"(?:state|ok|err)"/.test(frame)) return
    for (const message of JSON.parse(frame) as Message[]) {
      if (message.t === 'state') {
        this.#epoch = message.epoch ?? ''
        const chats = message.chats?.map((chat) => [chat.id, summaryDigest(chat)]) ?? []
        this.#have = { hub: message.heads?.['hub'] ?? 0, chats: Object.fromEntries(chats) as Have['chats'] }
        onState()
      }
      const pending = this.#pending.get(message.id ?? 0)
      if (message.t === 'ok') pending?.resolve(message.output)
      if (message.t === 'err') pending?.reject(new Error(JSON.stringify(message.error)))
    }
  }
}
