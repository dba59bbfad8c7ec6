import { isRequestError } from '../../renderer/connection/request.ts'
import type { Conversation } from '../../renderer/state/conversation.ts'
import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { MessageItem } from '../../renderer/state/message-item.ts'
import { absent, deleted, messageValue, off, on } from '../kill/disk.ts'
import type { Registers } from '../kill/registers.ts'
import type { Actor } from './actor.ts'
import type { Tab } from './browser.ts'
import type { Step } from './steps.ts'
import { password, type Team } from './team.ts'

/*
 * What users do on their pages, and what is known of it afterwards: each text that a page has shown, each change that the hub has
 * acknowledged. A register has one writer: the page on which its message was written.
 */

const emojis = ['👍', '🎉']
const levels = ['default', 'all', 'mentions', 'none'] as const
const mentions = ['@bo', '@ann', '@everyone']
/** Of eight chats that a step may choose, the last is the newest group that was made meanwhile. */
const chatChoices = 8
const maxNewGroups = 2

interface UserStepsOptions {
  team: Team
  actors: readonly Actor[]
  registers: Registers
  onError: (error: unknown) => void
}

/** A tab in which a user does something, in one of their chats. */
interface Place {
  actor: Actor
  tab: Tab
  page: Page
  chatId: string
  conversation: Conversation
}

export class UserSteps {
  readonly #options: UserStepsOptions
  readonly #busyKeys = new Set<string>()
  #written = 0

  constructor(options: UserStepsOptions) {
    this.#options = options
  }

  run(step: Step, actor: Actor, tab: Tab): void {
    const { page } = tab
    if (step.do === 'logIn') return this.logIn(actor)
    if (page.session.status.peek() !== 'in') return
    if (step.do === 'joinOrLeave') return this.#joinOrLeave(actor, page)
    if (step.do === 'newGroup') return this.#openGroup(step, page)
    if (step.do === 'endSessions' || step.do === 'changePassword') return this.#endSessions(step, actor, page)
    const chatId = this.#chatOf(step, page)
    if (!page.chats.peek(chatId)) return
    this.#useChat(step, { actor, tab, page, chatId, conversation: page.conversation(chatId) })
  }

  /** In all tabs that show the login. */
  logIn({ device, browser }: Actor): void {
    const username = device.name.replace(/\d$/, '')
    for (const { page } of browser.tabs) {
      if (page.session.status.peek() === 'out') this.#ask(() => page.session.login({ username, password }))
    }
  }

  /** What a tab has shown in its last moment may be lost with it. */
  forgetTab(actor: Actor, tab: Tab): void {
    actor.sent = actor.sent.filter((one) => one.tab !== tab)
    actor.edits = actor.edits.filter((one) => one.tab !== tab)
    actor.marks.clear()
  }

  #useChat(step: Step, place: Place): void {
    const { actor, page, chatId, conversation } = place
    const chat = page.chats.peek(chatId)
    switch (step.do) {
      case 'send':
        return this.#send(place)
      case 'mention':
        return this.#send(place, { words: ` ${mentions[step.at % mentions.length]}` })
      case 'reply':
        return this.#reply(step, place)
      case 'sendInThread':
      case 'readThread':
      case 'followThread':
        return this.#useThread(step, place)
      case 'read':
        return this.#read(place)
      case 'markUnread': {
        const no = 1 + (step.at % Math.max(1, chat?.lastNo ?? 0))
        return this.#ask(() => page.chats.updatePreferences(chatId, { unreadFrom: no }))
      }
      case 'draft':
        return conversation.setDraft(`${actor.device.name} drafts ${(this.#written += 1)}`)
      case 'lookUp':
        return this.#lookUp(place)
      case 'removeOrAdd':
      case 'role':
        return this.#changeMember(step, place)
      case 'preferences':
      case 'notifyLevel':
      case 'favourite':
      case 'profile':
      case 'keywords':
      case 'rename':
        return this.#ask(() => this.#setOption(step, place))
      default:
        return this.#changeMessage(step, place)
    }
  }

  #setOption({ do: kind, at }: Step, { actor, page, chatId }: Place): Promise<unknown> {
    switch (kind) {
      case 'preferences':
        return page.chats.updatePreferences(
          chatId,
          at % 2 === 0 ? { muted: at % 4 === 0 } : { archivedForMe: at % 4 === 1 },
        )
      case 'notifyLevel':
        return page.chats.updatePreferences(chatId, { notify: levels[at % levels.length] ?? 'all' })
      case 'favourite':
        return page.chatList.setFavourite(chatId, !page.chatList.isFavourite(chatId))
      case 'profile':
        return page.request('me.update', { displayName: `${actor.device.name} ${(this.#written += 1)}` })
      case 'keywords':
        return page.request('me.update', { settings: { keywords: at % 2 === 0 ? ['writes'] : [] } })
      default: {
        const words = `${(this.#written += 1)}`
        if (page.chats.peek(chatId)?.kind !== 'group') return Promise.resolve()
        return page.chats.update(
          at % 2 === 0 ? { chatId, topic: `Topic ${words}` } : { chatId, name: `Group ${words}` },
        )
      }
    }
  }

  #chatOf({ chat }: Step, page: Page): string {
    const { kitchen, hall, direct } = this.#options.team
    const own = [kitchen, hall, direct]
    if (chat % chatChoices === chatChoices - 1) {
      const made = page.chats.list.peek().find(({ id }) => !own.includes(id))
      if (made) return made.id
    }
    return own[chat % (own.length + 1)] ?? kitchen
  }

  #send(
    { actor, tab, conversation, chatId }: Place,
    { words = '', replyTo }: { words?: string; replyTo?: Parameters<Conversation['send']>[1] } = {},
  ): void {
    const text = this.#newText(actor, tab, chatId, words)
    actor.sent.push({ text, chatId, tab })
    conversation.send(text, replyTo)
  }

  #reply(step: Step, place: Place): void {
    const [to] = place.conversation.messages.slice(-1 - (step.at % 5))
    if (!to || to.deleted === true) return this.#send(place)
    this.#send(place, { replyTo: { id: to.id, no: to.no, author: to.author, text: to.text } })
  }

  /** Texts of one tab in one place have an order. */
  #newText({ device }: Actor, { no }: Tab, place: string, words = ''): string {
    return `${device.name}.${no}.${place.slice(-6)}${words} writes ${(this.#written += 1)}`
  }

  #useThread(step: Step, { actor, tab, page, conversation, chatId }: Place): void {
    const parent = conversation.messages.filter((one) => one.deleted !== true).at(-1 - (step.at % 3))
    if (!parent) return
    const { threads } = page
    if (step.do === 'followThread') return this.#ask(() => threads.setFollowing(parent.id, step.at % 2 === 0))
    const thread = threads.open(chatId, parent.id)
    thread.show()
    if (step.do === 'readThread') return thread.markRead()
    const text = this.#newText(actor, tab, parent.id)
    actor.sent.push({ text, chatId, thread: parent.id, tab })
    thread.send(text)
  }

  #read({ actor, page, conversation, chatId }: Place): void {
    conversation.show()
    conversation.markRead()
    const readNo = page.chats.peek(chatId)?.readNo ?? 0
    actor.marks.set(chatId, Math.max(actor.marks.get(chatId) ?? 0, readNo))
  }

  /** Opens lists that a page keeps current from then on. */
  #lookUp({ page, chatId }: Place): void {
    this.#ask(() => page.pins.load(chatId))
    this.#ask(() => page.saved.load())
    this.#ask(() => page.groups.load())
  }

  #changeMessage(step: Step, { actor, tab, page, conversation, chatId }: Place): void {
    if (step.do === 'hide') {
      const id = conversation.messages.at(-1 - (step.at % 3))?.id
      if (id !== undefined) this.#ask(() => page.request('messages.delete', { messageId: id, for: 'me' }))
      return
    }
    const mine = conversation.items.peek().filter((item) => isOwn(item, actor))
    const item = mine.at(-1 - (step.at % Math.max(1, mine.length)))
    const { id, key: cid } = item ?? {}
    if (!item || id === undefined || cid === undefined) return
    const key = `message ${cid}`
    const isOn = step.at % 3 > 0
    const toggle = (name: string, change: () => Promise<unknown>): void =>
      this.#change(name, isOn ? on : off, change)
    switch (step.do) {
      case 'edit': {
        const text = this.#editedText(actor)
        const change = (): Promise<unknown> => page.request('messages.edit', { messageId: id, text })
        return this.#change(key, messageValue(text), change)
      }
      case 'editLater':
        return this.#editLater({ key, text: this.#editedText(actor), chatId, tab }, actor, id)
      case 'delete':
        return this.#change(key, deleted, () =>
          page.request('messages.delete', { messageId: id, for: 'everyone' }),
        )
      case 'react': {
        const emoji = emojis[step.at % emojis.length] ?? '👍'
        const name = isOn ? 'reactions.add' : 'reactions.remove'
        return toggle(`reaction ${cid} ${emoji}`, () => page.request(name, { messageId: id, emoji }))
      }
      case 'pin':
        return toggle(`pin ${cid}`, () => page.pins.toggle(id, isOn))
      default:
        return toggle(`saved ${cid} ${actor.device.userId}`, () => page.saved.toggle(id, isOn))
    }
  }

  #editedText({ device }: Actor): string {
    return `${device.name} edited ${(this.#written += 1)}`
  }

  /** An edit that the page stores, and sends when it can. No other change of this message follows in its history. */
  #editLater(edit: Actor['edits'][number], actor: Actor, messageId: string): void {
    const { key, text, chatId, tab } = edit
    if (this.#busyKeys.has(key) || this.#options.registers.valueOf(key) === deleted) return
    this.#busyKeys.add(key)
    this.#options.registers.begin(key, messageValue(text), absent)
    tab.page.edits
      .save({ id: messageId, chatId, draftKey: chatId, rev: undefined, text })
      .then(() => tab.isDead || actor.edits.push(edit), this.#options.onError)
  }

  #change(key: string, value: string, ask: () => Promise<unknown>): void {
    const { registers } = this.#options
    if (this.#busyKeys.has(key)) return
    const [kind, cid] = key.split(' ')
    if (value === deleted) {
      for (const other of registers.keys())
        if (!other.startsWith('message ') && other.split(' ')[1] === cid) registers.forget(other)
    } else if (kind !== 'message' && registers.valueOf(`message ${cid}`) === deleted) return
    registers.begin(key, value, kind === 'message' ? absent : off)
    this.#busyKeys.add(key)
    this.#ask(ask, {
      onDone: () => {
        // a deletion that was asked for meanwhile has taken it along
        if (registers.valueOf(key) !== undefined) registers.acknowledge(key, value)
      },
      onEnd: () => this.#busyKeys.delete(key),
    })
  }

  /** A refusal in words is no fault: the user is no member any more, or the message is deleted. */
  #ask(
    ask: () => Promise<unknown>,
    { onDone, onEnd }: { onDone?: () => void; onEnd?: () => void } = {},
  ): void {
    ask()
      .then(onDone, (error: unknown) => {
        if (!isRequestError(error) || error.code === 'internal') this.#options.onError(error)
      })
      .finally(onEnd)
  }

  #joinOrLeave(actor: Actor, page: Page): void {
    const { hall } = this.#options.team
    if (!page.chats.peek(hall)) return this.#ask(() => page.chats.join(hall))
    this.#markLeft(actor.device.userId, hall)
    return this.#ask(() => page.chats.leave(hall))
  }

  #openGroup({ at }: Step, page: Page): void {
    const { kitchen, hall, direct, devices } = this.#options.team
    const own = [kitchen, hall, direct]
    if (page.chats.list.peek().filter(({ id }) => !own.includes(id)).length >= maxNewGroups) return
    const me = page.session.me.peek()?.id
    const others = new Set(devices.map(({ userId }) => userId).filter((id) => id !== me))
    const name = `Made ${(this.#written += 1)}`
    const visibility = at % 2 === 0 ? 'public' : 'private'
    this.#ask(() => page.chats.createGroup({ name, visibility, members: [...others] }))
  }

  /** Ann removes cy from the kitchen, or adds him; or she makes bo an admin, or a member. */
  #changeMember({ do: kind, at }: Step, { page }: Place): void {
    const { kitchen, devices } = this.#options.team
    if (!page.chats.peek(kitchen)) return
    const [, , bo, cy] = devices.map(({ userId }) => userId)
    if (kind === 'role') {
      const role = at % 2 === 0 ? 'admin' : 'member'
      return this.#ask(() => page.request('members.update', { chatId: kitchen, userId: bo ?? '', role }))
    }
    const userId = cy ?? ''
    const isIn = page
      .conversation(kitchen)
      .members.list.peek()
      .some((member) => member.userId === userId)
    this.#markLeft(userId, kitchen)
    const name = isIn ? 'members.remove' : 'members.add'
    return this.#ask(() => page.request(name, { chatId: kitchen, userId }))
  }

  /** The other computers of the user show the login. What was read there and not confirmed is lost; what was written is not. */
  #endSessions({ do: kind }: Step, { device }: Actor, page: Page): void {
    for (const other of this.#options.actors)
      if (other.device !== device && other.device.userId === device.userId) other.marks.clear()
    this.#ask(() =>
      kind === 'endSessions'
        ? page.request('sessions.endOthers')
        : page.request('me.password', { current: password, password }),
    )
  }

  /** A user who leaves a chat begins in it as new, and what they were sending to it may be refused. */
  #markLeft(userId: string, chatId: string): void {
    for (const { device, left } of this.#options.actors) if (device.userId === userId) left.add(chatId)
  }
}

/** Of this device, so that each register has one writer. */
function isOwn(item: MessageItem, { device }: Actor): boolean {
  return (
    item.isMine &&
    !item.deleted &&
    item.pending === undefined &&
    item.text.startsWith(device.name + (item.text.includes(' edited ') ? ' ' : '.'))
  )
}
