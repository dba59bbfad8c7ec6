import { randomUUID } from 'node:crypto'
import { password, RequestError, TestUser } from '../../test/support/test-user.ts'

/** The users of a campaign, and what two requests meet on: each part is made when the first of them needs it. */

export interface RaceTeam {
  /** Owner of the hub. */
  olga: TestUser
  /** Owner of each group. */
  ann: TestUser
  /** Member of each group. */
  bo: TestUser
  /** A user who is in no group. */
  eve: TestUser
}

export class Scene {
  readonly team: RaceTeam
  readonly #parts = new Map<string, Promise<unknown>>()

  constructor(team: RaceTeam) {
    this.team = team
  }

  /** Makes a part once, for both requests. */
  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#parts.get(name) ?? make()
    this.#parts.set(name, made)
    return made as Promise<T>
  }

  group(): Promise<string> {
    const { ann, bo } = this.team
    return this.#once('group', async () => (await ann.createGroup(newName(), [bo], 'public')).id)
  }

  /** A group that was archived. */
  archived(): Promise<string> {
    return this.#once('archived', async () => {
      const chatId = await this.group()
      await this.team.ann.request('chats.archive', { chatId })
      return chatId
    })
  }

  /** A group that was deleted. */
  gone(): Promise<string> {
    return this.#once('gone', async () => {
      const { id: chatId } = await this.team.ann.createGroup(newName(), [this.team.bo], 'public')
      await this.team.ann.request('chats.delete', { chatId })
      return chatId
    })
  }

  message(): Promise<string> {
    return this.#once('message', async () => {
      const { id } = await this.team.ann.sendMessage(await this.group(), 'hello @bo')
      await this.team.bo.request('messages.send', {
        ...{ chatId: await this.group(), cid: randomUUID(), text: 'a reply', thread: id },
      })
      return id
    })
  }

  reacted(): Promise<string> {
    return this.#once('reacted', async () => {
      const messageId = await this.message()
      await this.team.bo.request('reactions.add', { messageId, emoji: '👍' })
      return messageId
    })
  }

  pinned(): Promise<string> {
    return this.#once('pinned', async () => {
      const messageId = await this.message()
      await this.team.ann.request('pins.add', { messageId })
      return messageId
    })
  }

  saved(): Promise<string> {
    return this.#once('saved', async () => {
      const messageId = await this.message()
      await this.team.bo.request('saved.add', { messageId })
      return messageId
    })
  }

  /** A message that was deleted a moment ago. */
  deleted(): Promise<string> {
    return this.#once('deleted', async () => {
      const messageId = await this.message()
      await this.team.ann.request('messages.delete', { messageId, for: 'everyone' })
      return messageId
    })
  }

  cid(): Promise<string> {
    return this.#once('cid', async () => randomUUID())
  }

  name(): Promise<string> {
    return this.#once('name', async () => newName())
  }

  webhook(): Promise<{ chatId: string; webhookId: string; secret: string }> {
    return this.#once('webhook', async () => {
      const chatId = await this.group()
      const { webhook, url } = await this.team.ann.request('webhooks.create', { chatId, name: 'Alarm' })
      return { chatId, webhookId: webhook.id, secret: new URL(url).pathname.split('/').at(-1) ?? '' }
    })
  }

  /** A user of their own, who may lose everything. */
  target(): Promise<TestUser> {
    return this.#once('target', async () => {
      const { invite } = await this.team.olga.request('admin.invites.create', {})
      return TestUser.register(this.team.olga.url, { username: newName(), invite })
    })
  }

  /** The next pairs need the owner: gets the hub back from the target, whose password and sessions may have changed. */
  async takeOwnershipBack(): Promise<void> {
    const { olga } = this.team
    const { user: me } = await olga.request('me.get', {})
    if (me.role === 'owner') return
    const { user } = await this.target()
    for (const secret of [password, changedPassword, resetPassword]) {
      const target = await TestUser.login(olga.url, user.username, secret).catch(refusal)
      if (!target) continue
      await target.request('admin.ownership.transfer', { userId: olga.id, password: secret })
      return
    }
    throw new Error('the hub belongs to a user who cannot log in')
  }

  /** A target that is a member of the group. */
  member(): Promise<TestUser> {
    return this.#once('member', async () => {
      const [chatId, target] = [await this.group(), await this.target()]
      await this.team.ann.request('members.add', { chatId, userId: target.id })
      return target
    })
  }

  /** Another session of the target. */
  secondSession(): Promise<{ user: TestUser; sessionId: string }> {
    return this.#once('session', async () => {
      const { url, user: target } = await this.target()
      const user = await TestUser.login(url, target.username)
      const { sessions } = await user.request('sessions.list', {})
      return { user, sessionId: sessions.find(({ current }) => current)?.id ?? '' }
    })
  }

  token(): Promise<string> {
    return this.#once('token', async () => {
      const target = await this.target()
      return (await target.request('tokens.create', { name: 'script', scope: 'write' })).id
    })
  }

  /** A user who waits for approval. */
  pending(): Promise<string> {
    return this.#once('pending', async () => (await TestUser.register(this.team.olga.url, account())).id)
  }

  invite(): Promise<{ invite: string; inviteId: string }> {
    return this.#once('invite', async () => {
      const { invite } = await this.team.olga.request('admin.invites.create', { uses: 1 })
      const { invites } = await this.team.olga.request('admin.invites.list', { limit: 1 })
      return { invite, inviteId: invites[0]?.id ?? '' }
    })
  }

  resetToken(): Promise<string> {
    return this.#once('reset', async () => {
      const { id: userId } = await this.target()
      const { url } = await this.team.olga.request('admin.users.createResetLink', { userId })
      return url.split('#')[1] ?? ''
    })
  }

  bot(): Promise<string> {
    return this.#once('bot', async () => {
      const { user } = await this.team.olga.request('admin.bots.create', { username: newName() })
      return user.id
    })
  }
}

export const changedPassword = `${password} new`
export const resetPassword = `${password} reset`

function refusal(error: unknown): undefined {
  if (!(error instanceof RequestError)) throw error
}

export const newName = (): string => `n${randomUUID().slice(0, 8)}`

export function account(username = newName()): { username: string; password: string } {
  return { username, password }
}
