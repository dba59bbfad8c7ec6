import { randomBytes } from 'node:crypto'
import { Client, type ClientListener, type ServerMessage, type EntryRun } from './client.ts'

/*
 * Clients of one server in the same chat, or each in one of many. Every delivery is checked against the sent messages:
 * a client's seq goes up by one, the same seq means the same message for everybody, each message has one seq, an
 * acknowledged message has the seq of its acknowledgement, and in the end everybody has everything.
 */

export interface GroupMember {
  user: string
  token: string
  chat: string
  /** Of its process, if the group has clients of several. */
  port?: number
}

/** The sender's acknowledgement: the response of the hub, or the sender's own copy from the bare loop. */
export type AckMode = 'answer' | 'echo'

/** Messages sent since `reset`. */
interface SendTally {
  sent: number
  acked: number
  deliveries: number
  /** Deliveries read from the log instead of pushed: the client was slow. */
  pulled: number
  ackMs: number[]
  deliverMs: number[]
  sentAt: number[]
  senders: Client[]
  seqOf: number[]
}

interface ChatLog {
  start: number
  sent: number
  /** The load's number of the message at `start + 1`, `start + 2`…, as the first client received it. */
  numbers: (number | undefined)[]
}

const maxCachedRuns = 64
/** Every text has this length, whatever its content. */
const textLength = 120
const fillerText =
  ' the quick brown fox jumps over the lazy dog and the five boxing wizards jump quickly; every word of it counts here.'

export class ClientGroup implements ClientListener {
  readonly members: GroupMember[]
  readonly clients: Client[] = []
  tally: SendTally = createTally()
  /** Records the latency of each delivery. Off for the closed loop, where it only measures the length of the queue. */
  measuresLatency = false
  onAck: ((client: Client) => void) | undefined
  readonly #port: number
  readonly #ack: AckMode
  readonly #logs = new Map<string, ChatLog>()
  #runs: EntryRun[] = []
  readonly #pendingRequests = new Map<string, (answer: ServerMessage) => void>()
  readonly #cidPrefix = randomBytes(4).toString('hex')
  #cidCounter = 0
  #nextId = 1
  #conditionChecks: (() => void)[] = []
  #isClosing = false

  constructor(port: number, ack: AckMode, members: GroupMember[]) {
    this.#port = port
    this.#ack = ack
    this.members = members
  }

  /** Opens all clients at once. */
  async connect(members = this.members, cursorOf: (member: GroupMember) => number = () => -1): Promise<void> {
    const opened = members.map(
      (member) => new Client({ ...member, port: member.port ?? this.#port, cursor: cursorOf(member) }, this),
    )
    this.clients.push(...opened)
    await this.waitFor(() => opened.every((client) => client.isLive), `${opened.length} clients live`)
  }

  /** Forgets everything sent before. */
  reset(): void {
    this.tally = createTally()
    this.#logs.clear()
    this.#runs = []
    for (const { chat, cursor } of this.clients)
      if (!this.#logs.has(chat)) this.#logs.set(chat, createLog(cursor))
  }

  /** Queues a message of a client. It leaves with `flush`, or after the current read. */
  queueMessage(client: Client, due = performance.now()): void {
    const { tally } = this
    const number = tally.sent++
    this.#logOf(client.chat).sent += 1
    tally.sentAt[number] = due
    tally.senders[number] = client
    client.inFlightCount += 1
    const cid = `${this.#cidPrefix}-0000-4000-8000-${(this.#cidCounter++).toString(16).padStart(12, '0')}`
    const text = `#${String(number).padStart(9, '0')}${fillerText}`.slice(0, textLength)
    client.queue(
      `{"t":"req","id":${number},"name":"messages.send","input":{"chatId":"${client.chat}","cid":"${cid}","text":"${text}"}}`,
    )
  }

  request(client: Client, name: string, input: object): Promise<NonNullable<ServerMessage['output']>> {
    const id = -this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pendingRequests.set(`${client.user}:${id}`, ({ output, error }) => {
        if (output) resolve(output)
        else reject(new Error(`${name}: ${JSON.stringify(error)}`))
      })
      client.send({ t: 'req', id, name, input })
    })
  }

  /**
   * Resolves when everybody has everything that was sent. @throws if that does not happen, or if the messages differ
   */
  async waitUntilDelivered(): Promise<void> {
    const { tally } = this
    const isComplete = (): boolean =>
      tally.acked === tally.sent && this.clients.every((client) => client.cursor >= this.#headOf(client.chat))
    await this.waitFor(isComplete, 'everything delivered')
    const numbers = [...this.#logs.values()].flatMap((log) => log.numbers)
    if (numbers.length !== tally.sent || new Set(numbers).size !== tally.sent) {
      throw new Error(`LOSS: ${tally.sent} sent, ${new Set(numbers).size} different ones delivered`)
    }
    for (const { chat, cursor } of this.clients) {
      if (cursor !== this.#headOf(chat)) throw new Error('LOSS: a client has more than was sent')
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const open = [...this.clients]
    for (const client of open) client.destroy()
    await this.waitFor(() => this.clients.length === 0, 'closed')
    this.#isClosing = false
  }

  /** Drops some clients without a close frame. */
  async disconnect(leaving: Client[]): Promise<void> {
    this.#isClosing = true
    for (const client of leaving) client.destroy()
    await this.waitFor(() => !leaving.some((client) => this.clients.includes(client)), 'dropped')
    this.#isClosing = false
  }

  waitFor(isTrue: () => boolean, what: string): Promise<void> {
    if (isTrue()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const behind = this.clients.filter((client) => client.cursor < this.#headOf(client.chat)).length
        const { acked, sent } = this.tally
        reject(
          new Error(
            `LOSS: not within a minute: ${what} (${acked} of ${sent} acknowledged, ${behind} clients behind)`,
          ),
        )
      }, 60_000)
      const check = (): void => {
        if (!isTrue()) {
          this.#conditionChecks.push(check)
          return
        }
        clearTimeout(timer)
        resolve()
      }
      this.#conditionChecks.push(check)
    })
  }

  findRun(client: Client, payload: Buffer): EntryRun | undefined {
    if (client.isReadingLog) return undefined
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as EntryRun
      if (run.first === client.cursor + 1 && run.bytes.equals(payload)) return run
    }
    return undefined
  }

  onRun(client: Client, run: EntryRun): void {
    client.cursor = run.last
    this.#recordDeliveries(run.numbers)
    if (this.#ack === 'echo') this.#acknowledgeOwn(client, run)
    this.#recheckConditions()
  }

  onMessages(client: Client, payload: Buffer): void {
    const messages = JSON.parse(payload.toString()) as ServerMessage[]
    const first = client.cursor + 1
    const numbers: number[] = []
    let isRun = true
    for (const message of messages) {
      if (message.t === 'entry' && message.stream === `chat:${client.chat}`) {
        const number = this.#handleEntry(client, message)
        if (number === undefined) isRun = false
        else numbers.push(number)
      } else {
        isRun = false
        this.#handleOther(client, message)
      }
    }
    if (isRun && numbers.length > 0) {
      this.#runs.push({ bytes: Buffer.from(payload), first, last: client.cursor, numbers })
      if (this.#runs.length > maxCachedRuns) this.#runs.shift()
    }
    this.#recordDeliveries(numbers)
    this.#recheckConditions()
  }

  onClose(client: Client): void {
    if (!this.#isClosing) {
      throw new Error(
        `${new Date().toISOString()} LOSS: the socket of ${client.user} (paused: ${String(client.isPaused)}) was closed by the server: ${client.closeReason}`,
      )
    }
    this.clients.splice(this.clients.indexOf(client), 1)
    this.#recheckConditions()
  }

  /** Returns the number of the message if it is the next of its stream. */
  #handleEntry(client: Client, entry: ServerMessage): number | undefined {
    const { seq = 0, message } = entry
    client.highestSeq = Math.max(client.highestSeq, seq)
    if (client.isReadingLog || seq <= client.cursor) return undefined
    if (seq !== client.cursor + 1) throw new Error(`LOSS: after ${client.cursor} came ${seq}`)
    client.cursor = seq
    if (!message) return undefined
    const number = this.#recordEntry(client.chat, seq, message.text)
    if (this.#ack === 'echo' && message.author === client.user) this.#acknowledge(client, number, seq)
    return number
  }

  /** Checks that every client receives the same message for a seq as the first one did. */
  #recordEntry(chat: string, seq: number, text: string): number {
    const number = Number(text.slice(1, 10))
    const log = this.#logOf(chat)
    const at = seq - log.start - 1
    const known = log.numbers[at]
    if (known !== undefined && known !== number) throw new Error(`LOSS: two messages have the seq ${seq}`)
    if (text.length !== textLength) throw new Error('LOSS: a text was changed on the way')
    log.numbers[at] = number
    return number
  }

  #handleOther(client: Client, message: ServerMessage): void {
    switch (message.t) {
      case 'state': {
        const head = message.chats?.find(({ id }) => id === client.chat)?.head ?? 0
        if (client.cursor === -1) client.cursor = head
        if (client.cursor < head) this.#readLog(client, head)
        else client.isLive = true
        return
      }
      case 'behind':
        this.#readLog(client, message.heads?.[`chat:${client.chat}`] ?? 0)
        return
      case 'ok':
      case 'err': {
        const key = `${client.user}:${message.id ?? 0}`
        const respond = this.#pendingRequests.get(key)
        if (respond) {
          this.#pendingRequests.delete(key)
          respond(message)
        } else if (message.t === 'err') {
          throw new Error(`LOSS: a message was refused: ${JSON.stringify(message.error)}`)
        } else if (message.output?.message) {
          const { seq, text } = message.output.message
          this.#acknowledge(client, Number(text.slice(1, 10)), seq)
        }
      }
    }
  }

  #acknowledgeOwn(client: Client, run: EntryRun): void {
    if (client.inFlightCount === 0) return
    for (const [i, number] of run.numbers.entries()) {
      if (this.tally.senders[number] === client) this.#acknowledge(client, number, run.first + i)
    }
  }

  #acknowledge(client: Client, number: number, seq: number): void {
    const { tally } = this
    if (tally.seqOf[number] !== undefined) throw new Error('LOSS: a message was acknowledged twice')
    tally.seqOf[number] = seq
    tally.acked += 1
    tally.ackMs.push(performance.now() - (tally.sentAt[number] as number))
    client.inFlightCount -= 1
    this.onAck?.(client)
  }

  #recordDeliveries(numbers: number[]): void {
    const { tally } = this
    tally.deliveries += numbers.length
    if (!this.measuresLatency) return
    const now = performance.now()
    for (const number of numbers) tally.deliverMs.push(now - (tally.sentAt[number] as number))
  }

  /** Reads the log from the cursor, page by page. */
  #readLog(client: Client, head: number): void {
    client.isReadingLog = true
    const stream = `chat:${client.chat}`
    const next = async (): Promise<void> => {
      while (client.cursor < Math.max(head, client.highestSeq)) {
        const { entries = [] } = await this.request(client, 'streams.read', { stream, after: client.cursor })
        if (entries.length === 0) throw new Error('LOSS: the log ends before its head')
        for (const { seq = 0, message } of entries) {
          if (seq !== client.cursor + 1) throw new Error(`LOSS: in the log ${seq} follows ${client.cursor}`)
          client.cursor = seq
          if (message) this.#recordEntry(client.chat, seq, message.text)
        }
        this.tally.pulled += entries.length
      }
      client.isReadingLog = false
      client.isLive = true
      this.#recheckConditions()
    }
    void next()
  }

  #logOf(chat: string): ChatLog {
    let log = this.#logs.get(chat)
    if (!log) this.#logs.set(chat, (log = createLog(0)))
    return log
  }

  #headOf(chat: string): number {
    const log = this.#logs.get(chat)
    return log ? log.start + log.sent : 0
  }

  #recheckConditions(): void {
    const waiting = this.#conditionChecks
    if (waiting.length === 0) return
    this.#conditionChecks = []
    for (const check of waiting) check()
  }
}

function createTally(): SendTally {
  return {
    sent: 0,
    acked: 0,
    deliveries: 0,
    pulled: 0,
    ackMs: [],
    deliverMs: [],
    sentAt: [],
    senders: [],
    seqOf: [],
  }
}

function createLog(start: number): ChatLog {
  return { start, sent: 0, numbers: [] }
}
