import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { MessageItem } from '../../renderer/state/message-item.ts'
import { absent, deleted, off, on } from '../kill/disk.ts'
import type { Actor, StoredEdit } from './actor.ts'
import type { Place, StepContext } from './step-context.ts'
import type { Step } from './steps.ts'

/** Changes of messages. A register has one writer: the page on which its message was written. */

const emojis = ['👍', '🎉']

interface Deleted {
  messageId: string
  key: string
  /** What it may have been before. */
  values: readonly string[]
}

export class MessageSteps {
  readonly #context: StepContext
  readonly #busyKeys = new Set<string>()
  /** The message that each device has deleted last. */
  readonly #deleted = new Map<Actor, Deleted>()
  /** Of these messages only the text is followed. */
  readonly #undeletedCids = new Set<string>()

  constructor(context: StepContext) {
    this.#context = context
  }

  run(step: Step, place: Place): void {
    const { actor, page, conversation } = place
    if (step.do === 'hide') {
      const id = conversation.messages.at(-1 - (step.at % 3))?.id
      if (id === undefined) return
      return this.#context.ask(() => page.request('messages.delete', { messageId: id, for: 'me' }))
    }
    if (step.do === 'undelete') return this.#undelete(actor, page)
    const mine = conversation.items.peek().filter((item) => isOwn(item, actor))
    const item = mine.at(-1 - (step.at % Math.max(1, mine.length)))
    if (item?.id !== undefined && item.cid !== undefined)
      this.#change(step, place, { ...item, id: item.id, cid: item.cid })
  }

  #change(step: Step, place: Place, item: MessageItem & { id: string; cid: string }): void {
    const { actor, page } = place
    const { id, cid, attachments } = item
    const key = `message ${cid}`
    const isOn = step.at % 3 > 0
    const toggle = (name: string, change: () => Promise<unknown>): void =>
      this.#write(name, isOn ? on : off, change)
    const text = `${actor.device.name} edited ${this.#context.nextNumber()}`
    const value = this.#context.watcher.valueOf(
      text,
      attachments.map((file) => file.id),
    )
    switch (step.do) {
      case 'edit':
        return this.#write(key, value, () => page.request('messages.edit', { messageId: id, text }))
      case 'editLater':
        return this.#editLater({ ...place, key, text, value }, id)
      case 'delete':
        return this.#delete(key, place, id)
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

  /** An edit that the page stores, and sends when it can. No other change of this message follows in its history. */
  #editLater({ key, text, value, chatId, tab, actor }: StoredEdit & { actor: Actor }, id: string): void {
    const { registers, onError } = this.#context
    if (this.#busyKeys.has(key) || registers.valueOf(key) === deleted) return
    this.#busyKeys.add(key)
    registers.begin(key, value, absent)
    tab.page.edits
      .save({ id, chatId, draftKey: chatId, rev: undefined, text })
      .then(() => tab.isDead || actor.edits.push({ key, text, value, chatId, tab }), onError)
  }

  #delete(key: string, { actor, page }: Place, messageId: string): void {
    const values = this.#context.registers.valuesOf(key)
    if (!this.#busyKeys.has(key)) this.#deleted.set(actor, { messageId, key, values })
    this.#write(key, deleted, () => page.request('messages.delete', { messageId, for: 'everyone' }))
  }

  #undelete(actor: Actor, page: Page): void {
    const { registers } = this.#context
    const last = this.#deleted.get(actor)
    if (!last || this.#busyKeys.has(last.key)) return
    const { messageId, key, values } = last
    this.#deleted.delete(actor)
    this.#busyKeys.add(key)
    this.#undeletedCids.add(key.split(' ')[1] ?? '')
    for (const value of values) registers.begin(key, value, absent)
    this.#context.ask(() => page.request('messages.undelete', { messageId }), {
      onDone: () => values.length === 1 && registers.acknowledge(key, values[0] ?? ''),
      onEnd: () => this.#busyKeys.delete(key),
    })
  }

  #write(key: string, value: string, ask: () => Promise<unknown>): void {
    const { registers } = this.#context
    if (this.#busyKeys.has(key)) return
    const [kind = '', cid = ''] = key.split(' ')
    if (value === deleted) {
      for (const other of registers.keys())
        if (!other.startsWith('message ') && other.split(' ')[1] === cid) registers.forget(other)
    } else if (kind !== 'message' && this.#isUnfollowed(cid)) return
    registers.begin(key, value, kind === 'message' ? absent : off)
    this.#busyKeys.add(key)
    this.#context.ask(ask, {
      onDone: () => {
        // a deletion that was asked for meanwhile has taken it along
        if (registers.valueOf(key) !== undefined) registers.acknowledge(key, value)
      },
      onEnd: () => this.#busyKeys.delete(key),
    })
  }

  #isUnfollowed(cid: string): boolean {
    return this.#undeletedCids.has(cid) || this.#context.registers.valueOf(`message ${cid}`) === deleted
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
