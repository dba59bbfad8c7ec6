import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { Actor } from './actor.ts'
import type { Place, StepContext } from './step-context.ts'
import type { Step, StepKindOf } from './steps.ts'

/** Chats that begin and end, and who is in them. */

const maxNewChats = 3

export class GroupSteps {
  readonly #context: StepContext

  constructor(context: StepContext) {
    this.#context = context
  }

  /** Without a chat. */
  runAnywhere(step: Step & { do: StepKindOf<'chats'> }, actor: Actor, page: Page): void {
    switch (step.do) {
      case 'joinOrLeave':
        return this.#joinOrLeave(actor, page)
      case 'readAll':
        return this.#context.ask(() => page.chats.readAll())
      case 'undeleteGroup':
        return this.#context.ask(async () => {
          const [group] = await page.chats.listDeleted()
          if (group) await page.chats.undelete(group.id)
        })
      default:
        return this.#begin(step, page)
    }
  }

  run(step: Step & { do: StepKindOf<'groups'> }, place: Place): void {
    const { page, chatId, actor } = place
    const context = this.#context
    const chat = page.chats.peek(chatId)
    if (chat?.kind !== 'group') return
    switch (step.do) {
      case 'archive':
        return context.ask(() => (chat.archived ? page.chats.unarchive(chatId) : page.chats.archive(chatId)))
      case 'groupRules':
        return context.ask(() => page.chats.update({ chatId, ...rules[step.at % rules.length] }))
      case 'deleteGroup':
        // without the kitchen little is left to do
        if (chatId === context.team.kitchen && step.at % 4 > 0) return
        context.markDeleted(chatId)
        return context.ask(() => page.chats.delete(chatId))
      case 'leaveGroup':
        // the last one to leave deletes it
        context.perhapsDeleted.add(chatId)
        context.markLeft(actor.device.userId, chatId)
        return context.ask(() => page.chats.leave(chatId))
      default:
        return this.#changeMember(step, place)
    }
  }

  #joinOrLeave(actor: Actor, page: Page): void {
    const { hall } = this.#context.team
    if (!page.chats.peek(hall)) return this.#context.ask(() => page.chats.join(hall))
    this.#context.markLeft(actor.device.userId, hall)
    return this.#context.ask(() => page.chats.leave(hall))
  }

  #begin({ do: kind, at }: Step, page: Page): void {
    const { kitchen, hall, direct, devices } = this.#context.team
    const own = [kitchen, hall, direct]
    if (page.chats.list.peek().filter(({ id }) => !own.includes(id)).length >= maxNewChats) return
    const me = page.session.me.peek()?.id
    const others = [...new Set(devices.map(({ userId }) => userId))].filter((id) => id !== me)
    if (kind === 'directChat') return this.#context.ask(() => page.chats.openDirect(others[at % 2] ?? ''))
    if (kind === 'notes') return this.#context.ask(() => page.chats.openDirect(me ?? ''))
    if (kind === 'unnamedChat') return this.#context.ask(() => page.chats.openWithUsers(others))
    const name = `Made ${this.#context.nextNumber()}`
    const visibility = at % 2 === 0 ? 'public' : 'private'
    this.#context.ask(() => page.chats.createGroup({ name, visibility, members: others }))
  }

  /** In the kitchen ann removes cy, or adds him, or makes bo an admin or a member. Otherwise it may be anyone. */
  #changeMember({ do: kind, at }: Step, { page, chatId: chosen }: Place): void {
    const { kitchen, devices } = this.#context.team
    const [, , bo, cy] = devices.map(({ userId }) => userId)
    const anyone = devices[at % devices.length]?.userId ?? ''
    const isAnyone = kind === 'changeMember' || kind === 'transfer'
    const chatId = isAnyone ? chosen : kitchen
    if (!page.chats.peek(chatId)) return
    if (kind === 'role' || kind === 'transfer') {
      const role = kind === 'transfer' ? 'owner' : at % 2 === 0 ? 'admin' : 'member'
      const userId = isAnyone ? anyone : (bo ?? '')
      return this.#context.ask(() => page.request('members.update', { chatId, userId, role }))
    }
    const userId = isAnyone ? anyone : (cy ?? '')
    const members = page.conversation(chatId).members.list.peek()
    const isIn = members.some((member) => member.userId === userId)
    this.#context.markLeft(userId, chatId)
    const name = isIn ? 'members.remove' : 'members.add'
    return this.#context.ask(() => page.request(name, { chatId, userId }))
  }
}

const rules = [
  { posting: 'admins' },
  { posting: 'all' },
  { visibility: 'public' },
  { visibility: 'private' },
  { adding: 'all' },
] as const
