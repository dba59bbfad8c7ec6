import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Input, RequestName } from '../../shared/contract.ts'
import type { TestUser } from '../../test/support/test-user.ts'
import type { Random } from '../../test/simulation/random.ts'
import { absent, deleted, messageValue, off, on } from './disk.ts'
import type { Registers } from './registers.ts'

/*
 * One lane of one user: it writes one thing after the other and knows what was acknowledged. Several lanes of several users
 * write at once, over HTTP and over sockets. A lane changes only messages of its own, so each register has one writer.
 */

const emojis = ['👍', '🎉', '👀']
/** Of the lane's messages, those that are changed later. */
const maxKnown = 30
/** Messages that are only pinned and unpinned: a chat takes a hundred. */
const maxPinnable = 10

interface KnownMessage {
  cid: string
  id: string
  /** With a file: its text is not changed. */
  digest: string
}

export interface LaneOptions {
  /** Begins the text of each message, with a number that grows. */
  name: string
  user: TestUser
  chatId: string
  /** A public group to join and leave. Only one lane of a user has it. */
  hallId?: string
  /** The lane's user may pin. */
  canPin: boolean
  random: Random
  registers: Registers
  onAcknowledged: (kind: string) => void
  /** The fault `early-ack`: counts a request as acknowledged when it leaves. */
  isEarly: boolean
}

/** Thrown when the hub is gone: the request has no answer. */
export class NoAnswer extends Error {}

/** How a lane reaches its hub. */
export interface LaneConnection {
  /** @throws NoAnswer, or the error of the request if it was refused in words */
  ask<N extends RequestName>(
    name: N,
    input: Input<N>,
  ): Promise<{ output: unknown; held?: number | undefined }>
  /** Returns the id of the file. @throws NoAnswer */
  upload(bytes: Buffer): Promise<string>
}

export class Lane {
  readonly #options: LaneOptions
  #known: KnownMessage[] = []
  /** Messages without an answer, sent again with the same cid as a client does. */
  #unanswered: Input<'messages.send'>[] = []
  /** Messages that one computer has, and that are offered again if it is the hub no longer. */
  #held: Input<'messages.send'>[] = []
  #written = 0
  #pinnable: KnownMessage[] = []
  /** A request about them has no answer: nothing else is asked of them until the disk was compared. */
  #doubted: { list: 'known' | 'pinnable'; message: KnownMessage }[] = []
  /** Undefined while nobody knows. */
  #isIn: boolean | undefined = false
  unansweredCount = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  /** Writes until the hub is gone, or the campaign wants no more. */
  async write(connection: LaneConnection, isOver = (): boolean => false): Promise<void> {
    try {
      while (!isOver()) await this.#writeOne(connection)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
    }
  }

  async #writeOne(hub: LaneConnection): Promise<void> {
    const again = this.#unanswered.shift()
    if (again) return this.#send(hub, again, '')
    const { random, hallId } = this.#options
    const chance = random.below(100)
    const message = this.#known.length > 0 ? this.#known[random.below(this.#known.length)] : undefined
    if (!message || chance < 45) return this.#sendNew(hub, chance < 10 ? message : undefined)
    if (chance < 50) return this.#sendFile(hub)
    if (chance < 62 && message.digest === '') return this.#edit(hub, message)
    if (chance < 68) return this.#delete(hub, message)
    if (chance < 80) return this.#toggle(hub, 'reaction', message)
    if (chance < 88) return this.#toggle(hub, 'saved', message)
    const pinnable = this.#pinnable[random.below(maxPinnable)]
    if (chance < 93 && pinnable) return this.#toggle(hub, 'pin', pinnable)
    if (hallId !== undefined && this.#isIn !== undefined) return this.#joinOrLeave(hub, hallId)
    return this.#sendNew(hub)
  }

  async #ask<N extends RequestName>(
    hub: LaneConnection,
    name: N,
    input: Input<N>,
    write: { kind: string; key: string; value: string; before: string },
  ): Promise<{ output: unknown; held?: number | undefined }> {
    const { registers, onAcknowledged, isEarly } = this.#options
    registers.begin(write.key, write.value, write.before)
    if (isEarly) registers.acknowledge(write.key, write.value)
    try {
      const { output, held } = await hub.ask(name, input)
      registers.acknowledge(write.key, write.value, held)
      onAcknowledged(write.kind)
      return { output, held }
    } catch (error) {
      // a refusal in words is a fault of the campaign or of the hub: nothing here may be refused
      if (!(error instanceof NoAnswer)) throw error
      this.unansweredCount += 1
      this.#doubt(write.key)
      throw error
    }
  }

  /** A request without an answer may still be on its way. */
  #doubt(key: string): void {
    for (const list of ['known', 'pinnable'] as const) {
      const at = this.#listOf(list).findIndex(({ cid }) => key.includes(cid))
      const [message] = at < 0 ? [] : this.#listOf(list).splice(at, 1)
      if (message) this.#doubted.push({ list, message })
    }
  }

  #listOf(list: 'known' | 'pinnable'): KnownMessage[] {
    return list === 'known' ? this.#known : this.#pinnable
  }

  #sendNew(hub: LaneConnection, parent?: KnownMessage): Promise<void> {
    const text = `${this.#options.name} writes ${(this.#written += 1)}`
    const input = { chatId: this.#options.chatId, cid: randomUUID(), text }
    return this.#send(hub, parent ? { ...input, thread: parent.id } : input, '')
  }

  async #sendFile(hub: LaneConnection): Promise<void> {
    const bytes = randomBytes(200 + this.#options.random.below(4_000))
    const id = await hub.upload(bytes)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const { chatId } = this.#options
    await this.#send(hub, { chatId, cid: randomUUID(), text: 'a file', attachments: [id] }, digest)
  }

  async #send(hub: LaneConnection, input: Input<'messages.send'>, digest: string): Promise<void> {
    const write = {
      ...{
        kind: digest !== '' ? 'files' : input.thread === undefined ? 'messages' : 'replies',
        key: `message ${input.cid}`,
      },
      ...{ value: messageValue(input.text, digest), before: absent },
    }
    try {
      const { output, held } = await this.#ask(hub, 'messages.send', input, write)
      const { message } = output as { message: { id: string } }
      // a reply has no thread of its own
      if (input.thread !== undefined) return
      if (held !== undefined && digest === '') this.#held.push(input)
      const known = { cid: input.cid, id: message.id, digest }
      if (this.#options.canPin && this.#pinnable.length < maxPinnable) return void this.#pinnable.push(known)
      this.#known.push(known)
      if (this.#known.length > maxKnown) this.#known.shift()
    } catch (error) {
      // in its place: others may wait to be offered again
      if (error instanceof NoAnswer && digest === '') this.#unanswered.unshift(input)
      throw error
    }
  }

  async #edit(hub: LaneConnection, { id, cid }: KnownMessage): Promise<void> {
    const text = `edited ${(this.#written += 1)}`
    const write = { kind: 'edits', key: `message ${cid}`, value: messageValue(text), before: absent }
    await this.#ask(hub, 'messages.edit', { messageId: id, text }, write)
  }

  async #delete(hub: LaneConnection, { id, cid }: KnownMessage): Promise<void> {
    this.#known = this.#known.filter((one) => one.cid !== cid)
    this.#held = this.#held.filter((one) => one.cid !== cid)
    // a deletion takes the marks of the message with it, so they are no longer followed
    const write = { kind: 'deletions', key: `message ${cid}`, value: deleted, before: absent }
    for (const mark of [
      ...emojis.map((emoji) => `reaction ${cid} ${emoji}`),
      `saved ${cid} ${this.#options.user.id}`,
      `pin ${cid}`,
    ]) {
      this.#options.registers.forget(mark)
    }
    await this.#ask(hub, 'messages.delete', { messageId: id, for: 'everyone' }, write)
  }

  async #toggle(
    hub: LaneConnection,
    kind: 'reaction' | 'saved' | 'pin',
    { id, cid }: KnownMessage,
  ): Promise<void> {
    const { random } = this.#options
    const isOn = random.below(3) > 0
    const value = isOn ? on : off
    const messageId = id
    if (kind === 'reaction') {
      const emoji = emojis[random.below(emojis.length)] ?? '👍'
      const write = { kind: 'reactions', key: `reaction ${cid} ${emoji}`, value, before: off }
      const name = isOn ? 'reactions.add' : 'reactions.remove'
      await this.#ask(hub, name, { messageId, emoji }, write)
    } else if (kind === 'saved') {
      const write = { kind: 'saved', key: `saved ${cid} ${this.#options.user.id}`, value, before: off }
      await this.#ask(hub, isOn ? 'saved.add' : 'saved.remove', { messageId }, write)
    } else {
      const write = { kind: 'pins', key: `pin ${cid}`, value, before: off }
      await this.#ask(hub, isOn ? 'pins.add' : 'pins.remove', { messageId }, write)
    }
  }

  async #joinOrLeave(hub: LaneConnection, chatId: string): Promise<void> {
    const { id } = this.#options.user
    const isIn = this.#isIn !== true
    const write = { kind: 'memberships', key: `member ${chatId} ${id}`, value: isIn ? on : off, before: off }
    // the next one has to fit what the hub did: see `settleMembership`
    this.#isIn = undefined
    await this.#ask(hub, isIn ? 'chats.join' : 'chats.leave', { chatId }, write)
    this.#isIn = isIn
  }

  /** What the disk says after a kill. */
  settleMembership(isIn: boolean): void {
    this.#isIn = isIn
  }

  /**
   * The hub is known to have what it has. What only one computer had is offered again, as a client does.
   * @param exists whether the hub has the message with this cid
   */
  settleMessages(exists: (cid: string) => boolean): void {
    for (const { list, message } of this.#doubted.splice(0)) this.#listOf(list).push(message)
    this.#known = this.#known.filter(({ cid }) => exists(cid)).slice(-maxKnown)
    this.#pinnable = this.#pinnable.filter(({ cid }) => exists(cid))
    const lost = this.#held.filter(({ cid }) => !exists(cid))
    this.#held = []
    // a reply whose message is lost finds no thread
    const mayWork = this.#unanswered.filter(({ thread }) => thread === undefined)
    this.#unanswered = [...lost, ...(lost.length > 0 ? mayWork : this.#unanswered)]
  }
}
