import path from 'node:path'
import { isRequestError } from '../../renderer/connection/request.ts'
import type { Conversation } from '../../renderer/state/conversation.ts'
import type { MessageItem } from '../../renderer/state/message-item.ts'
import { Random } from '../../test/simulation/random.ts'
import { absent, deleted, messageValue, off, on } from '../kill/disk.ts'
import { Registers } from '../kill/registers.ts'
import { Browser } from './browser.ts'
import { loseLastCommits } from './faults.ts'
import { SimulatedHub } from './hub.ts'
import { Link, type LinkState } from './link.ts'
import { takeOverThreads } from './real-threads.ts'
import { seedRandomness } from './seeded-random.ts'
import type { History, Step } from './steps.ts'
import type { Device, Team } from './team.ts'
import { VirtualTime } from './virtual-time.ts'
import { Watcher } from './watcher.ts'

/*
 * One history: the whole hub and the pages of four browsers in one process, with a network between them that the steps
 * disturb. `finish` heals everything; checks.ts then says what is wrong.
 */

const emojis = ['👍', '🎉']
const waitsMs = [1, 30, 300, 2_000, 20_000, 120_000]
const delaysMs = [40, 400, 4_000]
const clockStepsMs = [-3_600_000, -90_000, 45_000, 3_500_000, 20 * 86_400_000]
const maxClockOffsetMs = 12 * 86_400_000
const quickDelayMs = 20
/** So long a page may take to notice that its connection is dead, and to come back. */
const maxHealMs = 100_000
const healStepMs = 2_000
/** Then everything that waits for a connection, or for its next try, comes to its end. */
const afterwardsMs = { plain: 30_000, limited: 100_000 }
/** A page that wakes asks the hub whether it is there. */
const wakeMs = 10_000

export interface SimulationOptions {
  /** A crash loses what was committed last: a fault that is put in on purpose. */
  losesCommits?: boolean
}

export interface Actor {
  readonly device: Device
  readonly browser: Browser
  /** What this page has sent and not lost by being killed. */
  readonly sent: { text: string; chatId: string; thread?: string }[]
  /** The number that a page has read up to, by chat. */
  readonly marks: Map<string, number>
  /** Chats that the user has been out of. */
  readonly left: Set<string>
}

export class Simulation {
  readonly team: Team
  readonly history: History
  readonly time = new VirtualTime()
  readonly registers = new Registers()
  readonly watcher = new Watcher(this.registers)
  readonly hub: SimulatedHub
  readonly actors: readonly Actor[]
  readonly problems: string[] = []
  #random: Random
  #written = 0
  readonly #busyKeys = new Set<string>()
  readonly #endThreads: () => void
  readonly #endRandomness: () => void
  readonly #onUnhandled = (error: unknown): void => this.#note(error)

  constructor(team: Team, history: History, dir: string, { losesCommits = false }: SimulationOptions = {}) {
    this.team = team
    this.history = history
    this.#random = new Random(history.seed)
    this.time.install()
    this.#endThreads = takeOverThreads(this.time)
    this.#endRandomness = seedRandomness(history.seed)
    process.on('unhandledRejection', this.#onUnhandled)
    this.hub = new SimulatedHub(
      {
        ...{ time: this.time, dir: path.join(dir, `history-${history.seed}`), isLimited: history.isLimited },
        onError: (error) => this.#note(error),
        onCrash: (files) => losesCommits && loseLastCommits(files),
      },
      team.dataDir,
    )
    this.actors = team.devices.map((device) => ({
      ...{
        device,
        browser: this.newBrowser(device),
        sent: [],
        marks: new Map<string, number>(),
        left: new Set<string>(),
      },
    }))
  }

  newBrowser({ userId, cookie }: Device): Browser {
    const random = (): Random => this.#random
    const newLink = (): Link =>
      new Link({ time: this.time, hub: this.hub, cookie, random, ...this.watcher.watchTab(userId) })
    return new Browser({ time: this.time, random, newLink })
  }

  async begin(): Promise<void> {
    await this.time.until(this.hub.start())
    for (const { browser } of this.actors) await browser.open()
    await this.time.advance(1_000)
    if (!this.history.isLossy) return
    for (const { browser } of this.actors)
      Object.assign(browser.link.state, { lostShare: 0.2, doubledShare: 0.2 })
  }

  async runStep(step: Step): Promise<void> {
    this.#random = new Random(step.seed)
    const actor = this.actors[step.device % this.actors.length] as Actor
    await this.#act(step, actor)
    await this.time.turns(1 + (step.at % 7))
  }

  /** Mends the network, starts the hub, and gives everything its time. */
  async finish(): Promise<void> {
    this.#random = new Random(this.history.seed + 1)
    const healthy: LinkState = { isOffline: false, maxDelayMs: quickDelayMs, lostShare: 0, doubledShare: 0 }
    for (const { browser } of this.actors) Object.assign(browser.link.state, healthy)
    if (!this.hub.isUp) await this.time.until(this.hub.start())
    // a real network loses no single entry: only a new connection brings it
    if (this.history.isLossy) for (const { browser } of this.actors) browser.link.cut()
    await this.#heal()
    await this.time.advance(this.history.isLimited ? afterwardsMs.limited : afterwardsMs.plain)
    for (const { browser } of this.actors) browser.wake()
    await this.time.advance(wakeMs)
    await this.#heal()
    this.problems.push(...this.time.errors.map((error) => `a timer failed: ${wordsOf(error)}`))
  }

  async #heal(): Promise<void> {
    for (let ms = 0; ms < maxHealMs; ms += healStepMs) {
      await this.time.advance(healStepMs)
      if (this.actors.every(({ browser }) => browser.isConnected)) return
    }
  }

  async end(): Promise<void> {
    for (const { browser } of this.actors) await browser.close()
    await this.time.until(this.hub.end())
    this.#endRandomness()
    this.#endThreads()
    this.time.uninstall()
    process.off('unhandledRejection', this.#onUnhandled)
  }

  #note(error: unknown): void {
    this.problems.push(wordsOf(error))
  }

  async #act(step: Step, actor: Actor): Promise<void> {
    const { browser } = actor
    const { time, hub } = this
    const { state } = browser.link
    switch (step.do) {
      case 'wait':
        return time.advance(waitsMs[step.at % waitsMs.length] ?? 0)
      case 'reload':
        return browser.reload()
      case 'kill':
        // what it has shown in its last moment may be lost with it
        actor.sent.length = 0
        actor.marks.clear()
        return browser.kill()
      case 'cut':
        return browser.link.cut()
      case 'silence':
        return browser.link.silence()
      case 'offline':
        state.isOffline = true
        return browser.link.cut()
      case 'online':
        for (const one of this.actors) one.browser.link.state.isOffline = false
        return
      case 'slow':
        state.maxDelayMs = delaysMs[step.at % delaysMs.length] ?? quickDelayMs
        return
      case 'quick':
        state.maxDelayMs = quickDelayMs
        return
      case 'wake':
        return browser.wake()
      case 'crash':
        hub.crash()
        for (const one of this.actors) one.browser.link.cut()
        await time.settle()
        await time.until(hub.clearCrashed())
        return step.at % 2 === 0 ? time.until(hub.start()) : undefined
      case 'restart':
        await time.until(hub.stop())
        return time.until(hub.start())
      case 'stop':
        return time.until(hub.stop())
      case 'start':
        return hub.isUp ? undefined : time.until(hub.start())
      case 'hubClock':
        hub.clockOffsetMs += clockStepsMs[step.at % clockStepsMs.length] ?? 0
        // sessions end in time, also by a wrong clock
        hub.clockOffsetMs = Math.min(hub.clockOffsetMs, maxClockOffsetMs)
        return
      case 'deviceClock':
        browser.clockOffsetMs += clockStepsMs[step.at % clockStepsMs.length] ?? 0
        return
      case 'pry':
        return this.#pry(step)
      default:
        return this.#use(step, actor)
    }
  }

  /** What a user does on a page. */
  async #use(step: Step, actor: Actor): Promise<void> {
    const { page } = actor.browser
    if (page.session.status.peek() !== 'in') return
    const chatId = this.#chatOf(step)
    const chat = page.chats.peek(chatId)
    if (step.do === 'joinOrLeave') return this.#joinOrLeave(actor)
    if (!chat) return
    const conversation = page.conversation(chatId)
    switch (step.do) {
      case 'send':
        return this.#send(actor, conversation, chatId)
      case 'reply': {
        const [to] = conversation.messages.slice(-1 - (step.at % 5))
        const isReply = to && to.deleted !== true
        return this.#send(
          actor,
          conversation,
          chatId,
          isReply ? { id: to.id, no: to.no, author: to.author, text: to.text } : undefined,
        )
      }
      case 'sendInThread':
      case 'readThread':
        return this.#useThread(step, actor, conversation)
      case 'read':
        return this.#read(actor, conversation, chatId)
      case 'markUnread': {
        const no = 1 + (step.at % Math.max(1, chat.lastNo))
        return this.#ask(actor, undefined, () => page.chats.updatePreferences(chatId, { unreadFrom: no }))
      }
      case 'draft':
        return conversation.setDraft(`${actor.device.name} drafts ${(this.#written += 1)}`)
      case 'preferences':
        return this.#ask(actor, undefined, () =>
          page.chats.updatePreferences(
            chatId,
            step.at % 2 === 0 ? { muted: step.at % 4 === 0 } : { archivedForMe: step.at % 4 === 1 },
          ),
        )
      case 'rename':
        if (chat.kind !== 'group') return
        return this.#ask(actor, undefined, () =>
          page.chats.update({ chatId, topic: `Topic ${(this.#written += 1)}` }),
        )
      case 'removeOrAdd':
        return this.#removeOrAdd(actor)
      default:
        return this.#changeMessage(step, actor, conversation)
    }
  }

  #chatOf({ chat }: Step): string {
    const { kitchen, hall, direct } = this.team
    return [kitchen, hall, direct, kitchen][chat % 4] ?? kitchen
  }

  #send(
    actor: Actor,
    conversation: Conversation,
    chatId: string,
    replyTo?: Parameters<Conversation['send']>[1],
  ): void {
    const text = this.#newText(actor, chatId)
    actor.sent.push({ text, chatId })
    conversation.send(text, replyTo)
  }

  /** Texts of one page in one place have an order. */
  #newText({ device }: Actor, place: string): string {
    return `${device.name}.${place.slice(-6)} writes ${(this.#written += 1)}`
  }

  #useThread(step: Step, actor: Actor, conversation: Conversation): void {
    const parent = conversation.messages.filter((one) => one.deleted !== true).at(-1 - (step.at % 3))
    if (!parent) return
    const { threads } = actor.browser.page
    const thread = threads.open(conversation.chatId, parent.id)
    thread.show()
    if (step.do === 'readThread') return thread.markRead()
    const text = this.#newText(actor, parent.id)
    actor.sent.push({ text, chatId: conversation.chatId, thread: parent.id })
    thread.send(text)
  }

  #read(actor: Actor, conversation: Conversation, chatId: string): void {
    conversation.show()
    conversation.markRead()
    const readNo = actor.browser.page.chats.peek(chatId)?.readNo ?? 0
    actor.marks.set(chatId, Math.max(actor.marks.get(chatId) ?? 0, readNo))
  }

  #changeMessage(step: Step, actor: Actor, conversation: Conversation): void {
    const { page } = actor.browser
    const mine = conversation.items.peek().filter((item) => this.#isOwn(item, actor))
    const item = mine.at(-1 - (step.at % Math.max(1, mine.length)))
    const { id, key: cid } = item ?? {}
    if (!item || id === undefined || cid === undefined) return
    const key = `message ${cid}`
    if (step.do === 'edit') {
      const text = `${actor.device.name} edited ${(this.#written += 1)}`
      return this.#change(actor, key, messageValue(text), () =>
        page.request('messages.edit', { messageId: id, text }),
      )
    }
    if (step.do === 'delete') {
      return this.#change(actor, key, deleted, () =>
        page.request('messages.delete', { messageId: id, for: 'everyone' }),
      )
    }
    const isOn = step.at % 3 > 0
    if (step.do === 'react') {
      const emoji = emojis[step.at % emojis.length] ?? '👍'
      const name = isOn ? 'reactions.add' : 'reactions.remove'
      return this.#change(actor, `reaction ${cid} ${emoji}`, isOn ? on : off, () =>
        page.request(name, { messageId: id, emoji }),
      )
    }
    const name = isOn ? 'saved.add' : 'saved.remove'
    const saved = `saved ${cid} ${actor.device.userId}`
    return this.#change(actor, saved, isOn ? on : off, () => page.request(name, { messageId: id }))
  }

  /** Of this device, so that each register has one writer. */
  #isOwn(item: MessageItem, { device }: Actor): boolean {
    return (
      item.isMine &&
      !item.deleted &&
      item.pending === undefined &&
      item.text.startsWith(device.name + (item.text.includes(' edited ') ? ' ' : '.'))
    )
  }

  #change(actor: Actor, key: string, value: string, ask: () => Promise<unknown>): void {
    if (this.#busyKeys.has(key)) return
    if (value === deleted) {
      for (const other of this.registers.keys()) {
        if (!other.startsWith('message ') && other.split(' ')[1] === key.split(' ')[1])
          this.registers.forget(other)
      }
    } else if (
      !key.startsWith('message ') &&
      this.registers.valueOf(`message ${key.split(' ')[1]}`) === deleted
    )
      return
    this.registers.begin(key, value, key.startsWith('message ') ? absent : off)
    this.#ask(actor, key, ask, () => {
      // a deletion that was asked for meanwhile has taken it along
      const isFollowed = this.registers.valueOf(key) !== undefined
      if (isFollowed) this.registers.acknowledge(key, value)
    })
  }

  /** A refusal in words is no fault: the user is no member any more, or the message is deleted. */
  #ask(
    _actor: Actor,
    key: string | undefined,
    ask: () => Promise<unknown>,
    onDone: () => void = () => undefined,
  ): void {
    if (key !== undefined) this.#busyKeys.add(key)
    ask()
      .then(onDone, (error: unknown) => {
        if (!isRequestError(error) || error.code === 'internal') this.#note(error)
      })
      .finally(() => key !== undefined && this.#busyKeys.delete(key))
  }

  #joinOrLeave(actor: Actor): void {
    const { page } = actor.browser
    const { hall } = this.team
    if (!page.chats.peek(hall)) return this.#ask(actor, undefined, () => page.chats.join(hall))
    this.#forget(actor.device.userId, hall)
    return this.#ask(actor, undefined, () => page.chats.leave(hall))
  }

  /** Ann removes cy from the kitchen, or adds him. */
  #removeOrAdd(actor: Actor): void {
    const { page } = actor.browser
    const { kitchen, devices } = this.team
    const cy = devices.at(-1)?.userId ?? ''
    const isIn = page
      .conversation(kitchen)
      .members.list.peek()
      .some(({ userId }) => userId === cy)
    this.#forget(cy, kitchen)
    const name = isIn ? 'members.remove' : 'members.add'
    return this.#ask(actor, undefined, () => page.request(name, { chatId: kitchen, userId: cy }))
  }

  /** A user who leaves a chat begins in it as new, and what they were sending to it may be refused. */
  #forget(userId: string, chatId: string): void {
    for (const { device, left } of this.actors) if (device.userId === userId) left.add(chatId)
  }

  /** Eve asks for what is not hers. */
  async #pry({ chat, at }: Step): Promise<void> {
    if (!this.hub.isUp) return
    const chatId = chat % 2 === 0 ? this.team.kitchen : this.team.direct
    const paths = [
      `/api/chats/${chatId}/messages`,
      `/api/chats/${chatId}`,
      `/api/streams/chat:${chatId}?after=0`,
      `/api/chats/${chatId}/members`,
    ]
    const url = paths[at % paths.length] ?? ''
    const { status, body } = await this.time.until(
      this.hub.request('GET', url, { headers: { cookie: this.team.eve.cookie } }),
    )
    if (status < 400) this.problems.push(`eve reads ${url}: ${body.slice(0, 200)}`)
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
