import { randomBytes } from 'node:crypto'
import { Client, type Listener, type Message, type Run } from './client.ts'

/*
 * Clients of one server that look at the same chat, or each at one of many. Every delivery is held against what was
 * sent: a client's seq goes up by one, the same seq means the same message for everybody, each message has one seq, an
 * acknowledged message has the seq it was acknowledged with, and in the end everybody has everything.
 */

export interface Member {
  user: string
  token: string
  chat: string
}

/** How the sender knows: the hub answers, of the bare loop the own copy is the answer. */
export type Ack = 'answer' | 'echo'

/** What was sent since `begin`. */
interface Tally {
  sent: number
  acked: number
  deliveries: number
  /** Got by reading the log instead of being pushed: the reader was slow. */
  pulled: number
  ackMs: number[]
  deliverMs: number[]
  sentAt: number[]
  senders: Client[]
  seqOf: number[]
}

interface Log {
  start: number
  sent: number
  /** The load's number of the message at `start + 1`, `start + 2`… as the first who heard it was told. */
  numbers: (number | undefined)[]
}

const keptRuns = 64
/** The texts are of this length, whatever they say. */
const textLength = 120
const filler =
  ' the quick brown fox jumps over the lazy dog and the five boxing wizards jump quickly; every word of it counts here.'

export class Room implements Listener {
  readonly members: Member[]
  readonly clients: Client[] = []
  tally: Tally = newTally()
  /** Takes the latency of each delivery: not for the closed loop, where it only tells the length of the queue. */
  timesDeliveries = false
  onAck: ((client: Client) => void) | undefined
  readonly #port: number
  readonly #ack: Ack
  readonly #logs = new Map<string, Log>()
  #runs: Run[] = []
  readonly #answers = new Map<string, (answer: Message) => void>()
  readonly #cids = randomBytes(4).toString('hex')
  #serial = 0
  #nextId = 1
  #waiting: (() => void)[] = []
  #closing = false

  constructor(port: number, ack: Ack, members: Member[]) {
    this.#port = port
    this.#ack = ack
    this.members = members
  }

  /** Opens them all at once. */
  async connect(members = this.members, cursorOf: (member: Member) => number = () => -1): Promise<void> {
    const opened = members.map(
      (member) => new Client({ ...member, port: this.#port, cursor: cursorOf(member) }, this),
    )
    this.clients.push(...opened)
    await this.until(() => opened.every((client) => client.live), `${opened.length} clients live`)
  }

  /** Forgets what was sent before. */
  begin(): void {
    this.tally = newTally()
    this.#logs.clear()
    this.#runs = []
    for (const { chat, cursor } of this.clients)
      if (!this.#logs.has(chat)) this.#logs.set(chat, newLog(cursor))
  }

  /** Queues a message of a client; it leaves with `flush` or at the end of what is being read. */
  say(client: Client, due = performance.now()): void {
    const { tally } = this
    const number = tally.sent++
    this.#log(client.chat).sent += 1
    tally.sentAt[number] = due
    tally.senders[number] = client
    client.inFlight += 1
    const cid = `${this.#cids}-0000-4000-8000-${(this.#serial++).toString(16).padStart(12, '0')}`
    const text = `#${String(number).padStart(9, '0')}${filler}`.slice(0, textLength)
    client.queue(
      `{"t":"req","id":${number},"name":"messages.send","input":{"chatId":"${client.chat}","cid":"${cid}","text":"${text}"}}`,
    )
  }

  ask(client: Client, name: string, input: object): Promise<NonNullable<Message['output']>> {
    const id = -this.#nextId++
    return new Promise((resolve, reject) => {
      this.#answers.set(`${client.user}:${id}`, ({ output, error }) => {
        if (output) resolve(output)
        else reject(new Error(`${name}: ${JSON.stringify(error)}`))
      })
      client.send({ t: 'req', id, name, input })
    })
  }

  /** Everybody has everything that was sent. @throws when that does not come true, or is not what was sent */
  async settle(): Promise<void> {
    const { tally } = this
    const isComplete = (): boolean =>
      tally.acked === tally.sent && this.clients.every((one) => one.cursor >= this.#headOf(one.chat))
    await this.until(isComplete, 'everything delivered')
    const numbers = [...this.#logs.values()].flatMap((log) => log.numbers)
    if (numbers.length !== tally.sent || new Set(numbers).size !== tally.sent) {
      throw new Error(`LOSS: ${tally.sent} sent, ${new Set(numbers).size} different ones delivered`)
    }
    for (const { chat, cursor } of this.clients) {
      if (cursor !== this.#headOf(chat)) throw new Error('LOSS: somebody has more than was sent')
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    const open = [...this.clients]
    for (const client of open) client.destroy()
    await this.until(() => this.clients.length === 0, 'closed')
    this.#closing = false
  }

  /** Drops some without a goodbye. */
  async drop(leaving: Client[]): Promise<void> {
    this.#closing = true
    for (const client of leaving) client.destroy()
    await this.until(() => !leaving.some((client) => this.clients.includes(client)), 'dropped')
    this.#closing = false
  }

  until(isTrue: () => boolean, what: string): Promise<void> {
    if (isTrue()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const behind = this.clients.filter((one) => one.cursor < this.#headOf(one.chat)).length
        const { acked, sent } = this.tally
        reject(
          new Error(
            `LOSS: not within a minute: ${what} (${acked} of ${sent} acknowledged, ${behind} clients behind)`,
          ),
        )
      }, 60_000)
      const look = (): void => {
        if (!isTrue()) {
          this.#waiting.push(look)
          return
        }
        clearTimeout(timer)
        resolve()
      }
      this.#waiting.push(look)
    })
  }

  known(client: Client, payload: Buffer): Run | undefined {
    if (client.pulling) return undefined
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as Run
      if (run.first === client.cursor + 1 && run.bytes.equals(payload)) return run
    }
    return undefined
  }

  onRun(client: Client, run: Run): void {
    client.cursor = run.last
    this.#delivered(run.numbers)
    if (this.#ack === 'echo') this.#acknowledgeOwn(client, run)
    this.#wake()
  }

  onMessages(client: Client, payload: Buffer): void {
    const messages = JSON.parse(payload.toString()) as Message[]
    const first = client.cursor + 1
    const numbers: number[] = []
    let isRun = true
    for (const message of messages) {
      if (message.t === 'entry' && message.stream === `chat:${client.chat}`) {
        const number = this.#entry(client, message)
        if (number === undefined) isRun = false
        else numbers.push(number)
      } else {
        isRun = false
        this.#other(client, message)
      }
    }
    if (isRun && numbers.length > 0) {
      this.#runs.push({ bytes: Buffer.from(payload), first, last: client.cursor, numbers })
      if (this.#runs.length > keptRuns) this.#runs.shift()
    }
    this.#delivered(numbers)
    this.#wake()
  }

  onClose(client: Client): void {
    if (!this.#closing) throw new Error(`LOSS: the socket of ${client.user} was closed by the server`)
    this.clients.splice(this.clients.indexOf(client), 1)
    this.#wake()
  }

  /** Answers the number of the message if it is the next of its stream. */
  #entry(client: Client, entry: Message): number | undefined {
    const { seq = 0, message } = entry
    client.heard = Math.max(client.heard, seq)
    if (client.pulling || seq <= client.cursor) return undefined
    if (seq !== client.cursor + 1) throw new Error(`LOSS: after ${client.cursor} came ${seq}`)
    client.cursor = seq
    if (!message) return undefined
    const number = this.#note(client.chat, seq, message.text)
    if (this.#ack === 'echo' && message.author === client.user) this.#acknowledge(client, number, seq)
    return number
  }

  /** What the first one was told of a seq everybody must be told. */
  #note(chat: string, seq: number, text: string): number {
    const number = Number(text.slice(1, 10))
    const log = this.#log(chat)
    const at = seq - log.start - 1
    const earlier = log.numbers[at]
    if (earlier !== undefined && earlier !== number) throw new Error(`LOSS: two messages have the seq ${seq}`)
    if (text.length !== textLength) throw new Error('LOSS: a text came changed')
    log.numbers[at] = number
    return number
  }

  #other(client: Client, message: Message): void {
    switch (message.t) {
      case 'state': {
        const head = message.chats?.find(({ id }) => id === client.chat)?.head ?? 0
        if (client.cursor === -1) client.cursor = head
        if (client.cursor < head) this.#pull(client, head)
        else client.live = true
        return
      }
      case 'behind':
        this.#pull(client, message.heads?.[`chat:${client.chat}`] ?? 0)
        return
      case 'ok':
      case 'err': {
        const key = `${client.user}:${message.id ?? 0}`
        const answer = this.#answers.get(key)
        if (answer) {
          this.#answers.delete(key)
          answer(message)
        } else if (message.t === 'err') {
          throw new Error(`LOSS: a message was refused: ${JSON.stringify(message.error)}`)
        } else if (message.output?.message) {
          const { seq, text } = message.output.message
          this.#acknowledge(client, Number(text.slice(1, 10)), seq)
        }
      }
    }
  }

  #acknowledgeOwn(client: Client, run: Run): void {
    if (client.inFlight === 0) return
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
    client.inFlight -= 1
    this.onAck?.(client)
  }

  #delivered(numbers: number[]): void {
    const { tally } = this
    tally.deliveries += numbers.length
    if (!this.timesDeliveries) return
    const now = performance.now()
    for (const number of numbers) tally.deliverMs.push(now - (tally.sentAt[number] as number))
  }

  /** Reads the log from the cursor, page by page. */
  #pull(client: Client, head: number): void {
    client.pulling = true
    const stream = `chat:${client.chat}`
    const next = async (): Promise<void> => {
      while (client.cursor < Math.max(head, client.heard)) {
        const { entries = [] } = await this.ask(client, 'streams.read', { stream, after: client.cursor })
        if (entries.length === 0) throw new Error('LOSS: the log ends before its head')
        for (const { seq = 0, message } of entries) {
          if (seq !== client.cursor + 1) throw new Error(`LOSS: in the log ${seq} follows ${client.cursor}`)
          client.cursor = seq
          if (message) this.#note(client.chat, seq, message.text)
        }
        this.tally.pulled += entries.length
      }
      client.pulling = false
      client.live = true
      this.#wake()
    }
    void next()
  }

  #log(chat: string): Log {
    let log = this.#logs.get(chat)
    if (!log) this.#logs.set(chat, (log = newLog(0)))
    return log
  }

  #headOf(chat: string): number {
    const log = this.#logs.get(chat)
    return log ? log.start + log.sent : 0
  }

  #wake(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    for (const look of waiting) look()
  }
}

function newTally(): Tally {
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

function newLog(start: number): Log {
  return { start, sent: 0, numbers: [] }
}
