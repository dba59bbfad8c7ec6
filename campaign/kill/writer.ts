import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Input, RequestName } from '../../shared/contract.ts'
import type { LiveClient } from '../../test/support/live-client.ts'
import type { TestUser } from '../../test/support/test-user.ts'
import { uploadFile } from '../../test/support/tus.ts'
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
class NoAnswer extends Error {}

export class Lane {
  readonly #options: LaneOptions
  #known: KnownMessage[] = []
  /** Messages without an answer, sent again with the same cid as a client does. */
  readonly #unanswered: Input<'messages.send'>[] = []
  #written = 0
  #isIn = false
  unansweredCount = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** Writes until the hub is gone. @param live sends over this socket instead of HTTP */
  async write(url: string, live?: LiveClient): Promise<void> {
    const user = this.#options.user.atUrl(url)
    try {
      for (;;) await this.#writeOne(user, live)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
    }
  }

  async #writeOne(user: TestUser, live?: LiveClient): Promise<void> {
    const again = this.#unanswered.shift()
    if (again) return this.#send(user, live, again, '')
    const { random, hallId, canPin } = this.#options
    const chance = random.below(100)
    const message = this.#known.length > 0 ? this.#known[random.below(this.#known.length)] : undefined
    if (!message || chance < 45) return this.#sendNew(user, live, chance < 10 ? message : undefined)
    if (chance < 50) return this.#sendFile(user, live)
    if (chance < 62 && message.digest === '') return this.#edit(user, live, message)
    if (chance < 68) return this.#delete(user, live, message)
    if (chance < 80) return this.#toggle(user, live, 'reaction', message)
    if (chance < 88) return this.#toggle(user, live, 'saved', message)
    if (chance < 93 && canPin) return this.#toggle(user, live, 'pin', message)
    if (hallId !== undefined) return this.#joinOrLeave(user, live, hallId)
    return this.#sendNew(user, live)
  }

  async #ask<N extends RequestName>(
    user: TestUser,
    live: LiveClient | undefined,
    name: N,
    input: Input<N>,
    write: { kind: string; key: string; value: string; before: string },
  ): Promise<unknown> {
    const { registers, onAcknowledged, isEarly } = this.#options
    registers.begin(write.key, write.value, write.before)
    if (isEarly) registers.acknowledge(write.key, write.value)
    try {
      const output: unknown = await (live ? live.request(name, input) : user.request(name, input))
      registers.acknowledge(write.key, write.value)
      onAcknowledged(write.kind)
      return output
    } catch (error) {
      // a refusal in words is a fault of the campaign or of the hub: nothing here may be refused
      if (typeof (error as { code?: unknown }).code === 'string' && 'error' in (error as object)) throw error
      this.unansweredCount += 1
      throw new NoAnswer()
    }
  }

  #sendNew(user: TestUser, live?: LiveClient, parent?: KnownMessage): Promise<void> {
    const text = `${this.#options.name} writes ${(this.#written += 1)}`
    const input = { chatId: this.#options.chatId, cid: randomUUID(), text }
    return this.#send(user, live, parent ? { ...input, thread: parent.id } : input, '')
  }

  async #sendFile(user: TestUser, live?: LiveClient): Promise<void> {
    const bytes = randomBytes(200 + this.#options.random.below(4_000))
    let id: string
    try {
      id = await uploadFile(user.url, user.token, { name: 'a.bin', bytes })
    } catch {
      throw new NoAnswer()
    }
    const digest = createHash('sha256').update(bytes).digest('hex')
    const { chatId } = this.#options
    await this.#send(user, live, { chatId, cid: randomUUID(), text: 'a file', attachments: [id] }, digest)
  }

  async #send(
    user: TestUser,
    live: LiveClient | undefined,
    input: Input<'messages.send'>,
    digest: string,
  ): Promise<void> {
    const write = {
      ...{
        kind: digest !== '' ? 'files' : input.thread === undefined ? 'messages' : 'replies',
        key: `message ${input.cid}`,
      },
      ...{ value: messageValue(input.text, digest), before: absent },
    }
    try {
      const output = await this.#ask(user, live, 'messages.send', input, write)
      const { message } = output as { message: { id: string } }
      // a reply has no thread of its own
      if (input.thread !== undefined) return
      this.#known.push({ cid: input.cid, id: message.id, digest })
      if (this.#known.length > maxKnown) this.#known.shift()
    } catch (error) {
      if (error instanceof NoAnswer && digest === '') this.#unanswered.push(input)
      throw error
    }
  }

  async #edit(user: TestUser, live: LiveClient | undefined, { id, cid }: KnownMessage): Promise<void> {
    const text = `edited ${(this.#written += 1)}`
    const write = { kind: 'edits', key: `message ${cid}`, value: messageValue(text), before: absent }
    await this.#ask(user, live, 'messages.edit', { messageId: id, text }, write)
  }

  async #delete(user: TestUser, live: LiveClient | undefined, { id, cid }: KnownMessage): Promise<void> {
    this.#known = this.#known.filter((one) => one.cid !== cid)
    // a deletion takes the marks of the message with it, so they are no longer followed
    const write = { kind: 'deletions', key: `message ${cid}`, value: deleted, before: absent }
    for (const mark of [
      ...emojis.map((emoji) => `reaction ${cid} ${emoji}`),
      `saved ${cid} ${user.id}`,
      `pin ${cid}`,
    ]) {
      this.#options.registers.forget(mark)
    }
    await this.#ask(user, live, 'messages.delete', { messageId: id, for: 'everyone' }, write)
  }

  async #toggle(
    user: TestUser,
    live: LiveClient | undefined,
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
      await this.#ask(user, live, name, { messageId, emoji }, write)
    } else if (kind === 'saved') {
      const write = { kind: 'saved', key: `saved ${cid} ${user.id}`, value, before: off }
      await this.#ask(user, live, isOn ? 'saved.add' : 'saved.remove', { messageId }, write)
    } else {
      const write = { kind: 'pins', key: `pin ${cid}`, value, before: off }
      await this.#ask(user, live, isOn ? 'pins.add' : 'pins.remove', { messageId }, write)
    }
  }

  async #joinOrLeave(user: TestUser, live: LiveClient | undefined, chatId: string): Promise<void> {
    const write = { kind: 'memberships', key: `member ${chatId} ${user.id}`, before: off }
    const isIn = !this.#isIn
    try {
      await this.#ask(
        user,
        live,
        isIn ? 'chats.join' : 'chats.leave',
        { chatId },
        { ...write, value: isIn ? on : off },
      )
      this.#isIn = isIn
    } catch (error) {
      // the next one has to fit what the hub did: see `settleMembership`
      if (error instanceof NoAnswer) this.#isIn = !this.#isIn
      throw error
    }
  }

  /** What the disk says after a kill. */
  settleMembership(isIn: boolean): void {
    this.#isIn = isIn
  }
}
