import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Line, Notice, Wire } from '../db/cluster-link.ts'
import { StartError } from '../start-error.ts'
import { readPartHeader, readTurn } from './turn-form.ts'
import { TurnPace } from './turn-pace.ts'

/*
 * Carries turns between the processes of a hub over a line that may lose some, and says when it has. Invariants:
 *
 * 1. Turns of one process arrive in their order, and each at most once.
 * 2. Each part that a process sends has the next number. A process that gets a later one has missed something, and learns it
 *    at the latest by the next sign of life.
 * 3. A process gets its own turns too. If they stay away, the line is dead, and another is opened.
 * 4. Publishing never fails and never waits.
 * 5. No text that arrives ends the process: one that is no part of a turn is ignored, and a damaged turn counts as missed.
 * 6. A turn leaves at once while the bus is calm, and within a few milliseconds while it is busy (turn-pace.ts).
 */

const reconnectDelayMs = 500
/** Longer than a turn is on its way, even to a busy server. */
const deadAfterMs = 2_000
/** A process that was only busy goes on with its next number long before. */
const senderKeptMs = 60 * 60_000
/** Of the sender, the number and the two words before each part. */
const maxHeaderLength = 100

export interface BusEvents {
  /** The notices of one turn, in their order. None: the process lives. */
  onTurn: (from: string, notices: readonly Notice[]) => void
  /** Turns may have been missed; now they arrive again. */
  onMissed: (reason: string) => void
  /** A turn has come back to the process that sent it. */
  onLag: (ms: number) => void
}

interface Sender {
  /** Of the last part that arrived. */
  number: number
  heardAt: number
  /** The parts of a turn that has not arrived whole. */
  begun: string | undefined
}

export class Bus {
  readonly #wire: Wire
  readonly #processName: string
  readonly #log: FastifyBaseLogger
  #events: BusEvents | undefined
  #line: Line | undefined
  #hasOpened = false
  #isClosed = false
  #connecting: Promise<void> | undefined
  /** How often the line was opened again. */
  reconnects = 0
  #number = 0
  /** The next turn. */
  #waiting: Notice[] = []
  #isScheduled = false
  /** Set while the next turn waits for the time to leave. */
  #timer: NodeJS.Timeout | undefined
  readonly #pace = new TurnPace()
  readonly #senders = new Map<string, Sender>()
  /** When the turns left that have not come back, by the number of their last part. */
  readonly #sentAt = new Map<number, number>()
  #isSuspect = false

  constructor(wire: Wire, processName: string, log: FastifyBaseLogger) {
    this.#wire = wire
    this.#processName = processName
    this.#log = log
  }

  get isOpen(): boolean {
    return this.#line !== undefined
  }

  /** False until it has been open for the first time. */
  get hasOpened(): boolean {
    return this.#hasOpened
  }

  /** If the server is away, it goes on trying. @throws StartError if it never works with this address */
  async open(events: BusEvents): Promise<void> {
    this.#events = events
    try {
      await this.#connect()
    } catch (error) {
      if (error instanceof StartError) throw error
      this.#log.warn({ err: error, bus: this.#wire.name }, 'the bus cannot be reached')
      this.#reconnect()
    }
  }

  publish(notice: Notice): void {
    this.#waiting.push(notice)
    if (this.#isScheduled) return
    this.#isScheduled = true
    const waitMs = this.#pace.waitMs(performance.now())
    if (waitMs > 0) this.#timer = setTimeout(() => this.#sendTurn(), waitMs)
    else setImmediate(() => this.#sendTurn())
  }

  /** Another turn has come: one that waits leaves once all that came with it are read. */
  #joinTurn(): void {
    const now = performance.now()
    this.#pace.noteHeard(now)
    if (!this.#timer || !this.#pace.mayJoin(now)) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    setImmediate(() => this.#sendTurn())
  }

  /** Says that the process lives, unless a turn is about to leave that says so too. */
  publishSignOfLife(): void {
    if (!this.#isScheduled) this.#sendTurn()
  }

  #sendTurn(): void {
    const notices = this.#waiting
    this.#waiting = []
    this.#isScheduled = false
    this.#timer = undefined
    this.#pace.noteSent(performance.now())
    const line = this.#line
    if (!line) {
      // the others notice the number that is missing
      if (notices.length > 0) this.#number += 1
      return
    }
    const text = toAscii(JSON.stringify(notices))
    const length = this.#wire.maxLength - maxHeaderLength
    for (let at = 0; at < text.length; at += length) {
      const isLast = at + length >= text.length
      this.#number += 1
      const words = [this.#processName, this.#number, at === 0 ? 'first' : 'next', isLast ? 'last' : 'more']
      line.send(`${words.join(' ')} ${text.slice(at, at + length)}`)
    }
    this.#sentAt.set(this.#number, performance.now())
  }

  /**
   * Called once a second: opens another line if nothing comes back from this one.
   * @param patienceMs the loops of the processes may be blocked for so long
   */
  checkLine(patienceMs: number): void {
    const now = performance.now()
    for (const [name, { heardAt }] of this.#senders)
      if (now - heardAt > senderKeptMs) this.#senders.delete(name)
    const [oldest] = this.#sentAt.values()
    const isSilent = oldest !== undefined && now - oldest > Math.max(deadAfterMs, patienceMs)
    // a loop that was blocked has not read yet what has come back
    if (isSilent && this.#isSuspect) this.#dropLine('nothing came back')
    this.#isSuspect = isSilent
  }

  /** The process has ended. */
  forget(processName: string): void {
    this.#senders.delete(processName)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#waiting.length > 0) this.#sendTurn()
    this.#isClosed = true
    const line = this.#line
    this.#line = undefined
    await this.#connecting
    await line?.close()
  }

  async #connect(): Promise<void> {
    const state: { line?: Line; hasEnded: boolean } = { hasEnded: false }
    const line = await this.#wire.open({
      onText: (text) => this.#receive(text),
      onEnd: () => {
        state.hasEnded = true
        if (state.line && state.line === this.#line) this.#dropLine('it was closed')
      },
    })
    state.line = line
    if (state.hasEnded || this.#isClosed) {
      await line.close()
      throw new Error('the line was closed at once')
    }
    this.#line = line
    this.#hasOpened = true
    this.#sentAt.clear()
    this.#isSuspect = false
  }

  #dropLine(reason: string): void {
    const line = this.#line
    this.#line = undefined
    line?.close().catch(() => undefined)
    if (this.#isClosed) return
    this.#log.warn({ reason, bus: this.#wire.name }, 'the bus is away')
    this.#reconnect()
  }

  #reconnect(): void {
    this.#connecting ??= this.#connectAgain().finally(() => (this.#connecting = undefined))
  }

  async #connectAgain(): Promise<void> {
    while (!this.#isClosed && !this.#line) {
      try {
        await this.#connect()
      } catch {
        // once it was said: it may be away for hours
        await sleep(reconnectDelayMs, undefined, { ref: false })
      }
    }
    if (this.#isClosed) return
    this.reconnects += 1
    this.#log.info({ bus: this.#wire.name }, 'the bus is there again')
    this.#events?.onMissed('the bus was away')
  }

  #receive(text: string): void {
    const header = readPartHeader(text)
    if (!header)
      return this.#log.warn({ bus: this.#wire.name }, 'something on the bus is no turn of this hub')
    const { from, number, isFirst, isLast, start } = header
    if (from === this.#processName) return this.#noteReturn(number)
    this.#joinTurn()
    const now = performance.now()
    const sender = this.#senders.get(from) ?? { number: 0, heardAt: now, begun: undefined }
    sender.heardAt = now
    this.#senders.set(from, sender)
    const distance = number - sender.number
    // the rest of a line that was cut: it counts as missed already
    if (distance <= 0) return
    const isKnown = sender.number > 0
    sender.number = number
    if (distance > 1) {
      sender.begun = undefined
      this.#events?.onMissed(
        isKnown ? 'turns of another process did not arrive' : 'another process was there before this one',
      )
    }
    const begun = isFirst ? '' : sender.begun
    sender.begun = undefined
    if (begun === undefined) return
    const whole = begun + text.slice(start)
    if (isLast) this.#passOn(from, whole)
    else sender.begun = whole
  }

  #passOn(from: string, json: string): void {
    const notices = readTurn(json)
    if (notices) this.#events?.onTurn(from, notices)
    else this.#events?.onMissed('a turn of another process was damaged')
  }

  #noteReturn(number: number): void {
    const now = performance.now()
    for (const [sent, at] of this.#sentAt) {
      if (sent > number) break
      this.#sentAt.delete(sent)
      if (sent === number) this.#events?.onLag(now - at)
    }
  }
}

/** So that it can be cut anywhere. */
function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
