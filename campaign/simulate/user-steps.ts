import type { Conversation } from '../../renderer/state/conversation.ts'
import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { Actor } from './actor.ts'
import type { Tab } from './browser.ts'
import { FileSteps } from './file-steps.ts'
import { GroupSteps } from './group-steps.ts'
import { MessageSteps } from './message-steps.ts'
import type { Place, StepContext } from './step-context.ts'
import { isStepOf, type Step, type StepKindOf } from './steps.ts'
import { password } from './team.ts'

/*
 * What users do on their pages, and what is known of it afterwards: each text that a page has shown, each change that the hub has
 * acknowledged.
 */

const levels = ['default', 'all', 'mentions', 'none'] as const
const mentions = ['@bo', '@ann', '@everyone']
/** Of eight chats that a step may choose, the last is the newest that was made meanwhile. */
const chatChoices = 8

export class UserSteps {
  readonly #context: StepContext
  readonly #messages: MessageSteps
  readonly #groups: GroupSteps
  readonly #files: FileSteps

  constructor(context: StepContext) {
    this.#context = context
    this.#messages = new MessageSteps(context)
    this.#groups = new GroupSteps(context)
    this.#files = new FileSteps(context)
  }

  run(step: Step, actor: Actor, tab: Tab): void {
    const { page } = tab
    if (step.do === 'logIn') return this.logIn(actor)
    if (page.session.status.peek() !== 'in') return
    if (isStepOf(step, 'chats')) return this.#groups.runAnywhere(step, actor, page)
    if (isStepOf(step, 'accounts')) return this.#endSessions(step, actor, page)
    const chatId = this.#chatOf(step, page)
    if (!page.chats.peek(chatId)) return
    const place = { actor, tab, page, chatId, conversation: page.conversation(chatId) }
    if (isStepOf(step, 'groups')) return this.#groups.run(step, place)
    if (isStepOf(step, 'files')) return this.#files.run(step, place)
    if (isStepOf(step, 'options')) return this.#context.ask(() => this.#setOption(step, place))
    this.#useChat(step, place)
  }

  /** In all tabs that show the login. */
  logIn({ device, browser }: Actor): void {
    const username = device.name.replace(/\d$/, '')
    for (const { page } of browser.tabs) {
      if (page.session.status.peek() === 'out')
        this.#context.ask(() => page.session.login({ username, password }))
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
    switch (step.do) {
      case 'send':
        return this.#send(place)
      case 'mention':
        return this.#send(place, { words: ` ${mentions[step.at % mentions.length]}` })
      case 'reply':
        return this.#reply(step, place)
      case 'forward':
        return this.#forward(step, place)
      case 'sendInThread':
      case 'readThread':
      case 'followThread':
        return this.#useThread(step, place)
      case 'read':
        return this.#read(place)
      case 'markUnread': {
        const no = 1 + (step.at % Math.max(1, page.chats.peek(chatId)?.lastNo ?? 0))
        return this.#context.ask(() => page.chats.updatePreferences(chatId, { unreadFrom: no }))
      }
      case 'draft':
        conversation.notifyTyping()
        return conversation.setDraft(`${actor.device.name} drafts ${this.#context.nextNumber()}`)
      case 'lookUp':
        return this.#lookUp(place)
      case 'search':
        return page.search.run({ text: 'writes', chips: step.at % 2 === 0 ? [] : [{ kind: 'in', chatId }] })
      default:
        return this.#messages.run(step, place)
    }
  }

  #setOption(
    { do: kind, at }: Step & { do: StepKindOf<'options'> },
    { actor, page, chatId }: Place,
  ): Promise<unknown> {
    const number = this.#context.nextNumber()
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
        return page.request('me.update', { displayName: `${actor.device.name} ${number}` })
      case 'status':
        return at % 3 === 0
          ? page.request('status.clear')
          : page.request('status.set', { text: `At ${number}` })
      case 'keywords':
        return page.request('me.update', { settings: { keywords: at % 2 === 0 ? ['writes'] : [] } })
      case 'rename':
        if (page.chats.peek(chatId)?.kind !== 'group') return Promise.resolve()
        return page.chats.update(
          at % 2 === 0 ? { chatId, topic: `Topic ${number}` } : { chatId, name: `Group ${number}` },
        )
    }
  }

  #chatOf({ chat }: Step, page: Page): string {
    const { kitchen, hall, direct } = this.#context.team
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
    // a message that waits for its file lets others pass
    const [file] = conversation.attachments.peek()
    const text = this.#newText(actor, tab, chatId, file ? `${words} ${file.name}` : words)
    actor.sent.push({ text, chatId, tab })
    conversation.send(text, replyTo)
  }

  #reply(step: Step, place: Place): void {
    const [to] = place.conversation.messages.slice(-1 - (step.at % 5))
    if (!to || to.deleted === true) return this.#send(place)
    this.#send(place, { replyTo: { id: to.id, no: to.no, author: to.author, text: to.text } })
  }

  /** Into the direct chat, or back into the same. */
  #forward({ at }: Step, { actor, tab, page, conversation, chatId }: Place): void {
    const { direct } = this.#context.team
    const to = at % 2 === 0 && page.chats.peek(direct) ? direct : chatId
    const message = conversation.messages.at(-1 - (at % 3))
    if (!message || message.deleted === true) return
    const text = this.#newText(actor, tab, to)
    const files = message.attachments
    this.#context.watcher.expectForwarded(
      text,
      files.map(({ id }) => id),
    )
    actor.sent.push({ text, chatId: to, tab })
    page.forward(to, text, { id: message.id, files })
  }

  /** Texts of one tab in one place have an order. */
  #newText({ device }: Actor, { no }: Tab, place: string, words = ''): string {
    return `${device.name}.${no}.${place.slice(-6)}${words} writes ${this.#context.nextNumber()}`
  }

  #useThread(step: Step, { actor, tab, page, conversation, chatId }: Place): void {
    const parent = conversation.messages.filter((one) => one.deleted !== true).at(-1 - (step.at % 3))
    if (!parent) return
    const { threads } = page
    if (step.do === 'followThread')
      return this.#context.ask(() => threads.setFollowing(parent.id, step.at % 2 === 0))
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
    this.#context.ask(() => page.pins.load(chatId))
    this.#context.ask(() => page.saved.load())
    this.#context.ask(() => page.groups.load())
  }

  /** The other computers of the user show the login. What was written there is not lost. */
  #endSessions({ do: kind }: Step, actor: Actor, page: Page): void {
    this.#context.forgetMarks(actor.device.userId, actor)
    this.#context.ask(async () => {
      if (kind === 'changePassword') return page.request('me.password', { current: password, password })
      if (kind === 'endSessions') return page.request('sessions.endOthers')
      const { sessions } = await page.request('sessions.list')
      const other = sessions.find(({ current }) => !current)
      return other && page.request('sessions.end', { sessionId: other.id })
    })
  }
}
