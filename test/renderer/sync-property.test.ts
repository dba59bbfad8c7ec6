import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Conversation } from '../../renderer/state/conversation.ts'
import type { Hub } from '../../renderer/state/hub.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me, type FakeHub } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

// Invariants: whatever happens on the hub and to the frames in flight, the page ends in the state of a newly loaded
// page. A message sent from it exists once, in order.

/** What an entry of a group can change in its settings. An empty value removes the setting. */
const groupChanges = [
  { posting: 'admins' },
  { posting: 'all' },
  { archived: true },
  { archived: false },
  { picture: 'p1' },
  { picture: 'p2' },
  { picture: '' },
  { topic: '' },
] as const
/** The chat preferences that a step can set. */
const preferenceChanges = [
  { muted: true },
  { muted: false },
  { notify: 'mentions' },
  { archivedForMe: true },
  { archivedForMe: false },
  { muted: true, archivedForMe: true },
  { unreadFrom: 1 },
  { unreadFrom: 3 },
  { unreadFrom: 0 },
] as const
const chatIndex = fc.nat({ max: 3 })
const otherUserId = fc.constantFrom('u-ann', 'u-bob')
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('theySend'), chat: chatIndex, other: otherUserId }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('iSend'), chat: chatIndex }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit'), chat: chatIndex, at: fc.nat({ max: 30 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('delete'), chat: chatIndex, at: fc.nat({ max: 30 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('bringBack'), chat: chatIndex, at: fc.nat({ max: 30 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer'),
      chat: chatIndex,
      other: otherUserId,
      at: fc.nat({ max: 30 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('react'),
      chat: chatIndex,
      other: otherUserId,
      at: fc.nat({ max: 30 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('inThread'),
      chat: chatIndex,
      other: otherUserId,
      at: fc.nat({ max: 30 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('inOpenThread'), other: otherUserId }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('theyRead'), chat: chatIndex, other: otherUserId }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('iRead'), chat: chatIndex }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('keep'), chat: chatIndex, at: fc.nat({ max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('theyJoinOrLeave'), chat: chatIndex, other: otherUserId }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('iJoinOrLeave'), chat: chatIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('promote'), chat: chatIndex, other: otherUserId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename'), chat: chatIndex }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('change'),
      chat: chatIndex,
      at: fc.nat({ max: groupChanges.length - 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('newGroup') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteGroup'), chat: chatIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('newPerson') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renamePerson'), other: otherUserId }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('open'), chat: chatIndex }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('openThread'),
      chat: chatIndex,
      other: otherUserId,
      at: fc.nat({ max: 30 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('older'), chat: chatIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('jump'), chat: chatIndex, at: fc.nat({ max: 30 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lose'), at: fc.nat({ max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reverse') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('behind') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage'), at: fc.nat({ max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('busy') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('loseAnswer') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('backup') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload') }) },
)
type SyncStep = { do: string; chat?: number; other?: string; at?: number }

let cachedThreadCount = 0

class SyncRun {
  readonly browser = new FakeBrowser()
  readonly hub: FakeHub = this.browser.hub
  page: Hub = this.browser.openTab()
  opened = new Map<string, Conversation>()
  thread: { chatId: string; id: string } | undefined
  chatIds: string[] = []
  sent = 0
  restored = false
  backup = this.hub.backup()

  async start(): Promise<void> {
    const { hub } = this
    this.chatIds = [
      hub.addChat('direct', ['u-ann', me]),
      hub.addChat('group', ['u-ann', me, 'u-bob'], { visibility: 'public' }),
      hub.addChat('group', [me, 'u-bob']),
      hub.addChat('group', ['u-bob'], { visibility: 'public' }),
    ]
    for (let i = 0; i < 70; i += 1) hub.sendMessage(this.chatIds[1] ?? '', 'u-ann', `old ${i}`)
    this.backup = hub.backup()
    await this.page.start()
    await waitUntilLive(this.page)
    await this.page.groups.load()
    hub.isDelivering = false
  }

  async runStep(step: SyncStep): Promise<void> {
    const { hub, page } = this
    const chatId = this.chatIds[(step.chat ?? 0) % this.chatIds.length] ?? ''
    const found = hub.chats.get(chatId)
    const isMine = found?.members.has(me) === true
    const who = step.other ?? ''
    const no = found && found.messages.length > 0 ? 1 + ((step.at ?? 0) % found.messages.length) : 0
    switch (step.do) {
      case 'theySend':
        if (found?.members.has(who)) hub.sendMessage(chatId, who, `from ${who} to @me`)
        break
      case 'iSend':
        if (page.chats.get(chatId)) page.conversation(chatId).send(`mine ${++this.sent}`)
        break
      case 'edit':
        if (found && no > 0) hub.editMessage(chatId, no, `edited ${no}`)
        break
      case 'delete':
        if (found && no > 0) hub.deleteMessage(chatId, no)
        break
      case 'bringBack':
        if (found && no > 0) hub.undeleteMessage(chatId, no)
        break
      case 'answer':
        if (found?.members.has(who) && no > 0) {
          hub.sendMessage(chatId, who, 'an answer', undefined, found.messages[no - 1]?.id)
        }
        break
      case 'react':
        if (found?.members.has(who) && no > 0) hub.addReaction(chatId, no, who, '👍')
        break
      case 'inThread':
        if (found?.members.has(who) && no > 0) hub.sendReply(chatId, no, who, 'reply')
        break
      case 'inOpenThread': {
        const { chatId: at = '', id } = this.thread ?? {}
        const parent = hub.chats.get(at)?.messages.find((message) => message.id === id)
        if (parent && hub.requireChat(at).members.has(who)) hub.sendReply(at, parent.no, who, 'reply')
        break
      }
      case 'theyRead':
        if (found?.members.has(who)) hub.markRead(chatId, who, found.messages.length)
        break
      case 'iRead':
        this.opened.get(chatId)?.markRead()
        break
      case 'keep':
        if (isMine)
          hub.updateChatPreferences(
            chatId,
            preferenceChanges[(step.at ?? 0) % preferenceChanges.length] ?? {},
          )
        break
      case 'theyJoinOrLeave':
        if (!found || found.kind === 'direct') break
        if (!found.members.has(who)) hub.join(chatId, who)
        else if (found.members.size > 1) hub.leave(chatId, who)
        break
      case 'iJoinOrLeave':
        if (!found || found.kind === 'direct') break
        if (!isMine) hub.join(chatId, me)
        else if (found.members.size > 1) hub.leave(chatId, me, 'removed')
        break
      case 'promote':
        if (found?.kind === 'group') hub.setRole(chatId, who, 'admin')
        break
      case 'rename':
        if (found?.kind === 'group') hub.updateChat(chatId, { name: `Named ${hub.head('hub')}`, topic: 'T' })
        break
      case 'change':
        if (found?.kind === 'group') hub.updateChat(chatId, groupChanges[step.at ?? 0] ?? {})
        break
      case 'newGroup':
        this.chatIds.push(hub.addChat('group', ['u-ann', me]))
        break
      case 'deleteGroup':
        if (found?.kind === 'group' && this.chatIds.length > 3) hub.deleteChat(chatId)
        break
      case 'newPerson':
        hub.addUser(`p${hub.users.size}`)
        break
      case 'renamePerson':
        hub.renameUser(who, `${who} ${hub.head('hub')}`)
        break
      case 'open':
        if (page.chats.get(chatId)) {
          const conversation = page.conversation(chatId)
          conversation.show()
          this.opened.set(chatId, conversation)
        }
        break
      case 'openThread': {
        const parent = found?.messages.at(-1 - ((step.at ?? 0) % 5))
        if (!found || !parent || !page.chats.get(chatId)) break
        const conversation = page.conversation(chatId)
        conversation.show()
        this.opened.set(chatId, conversation)
        if (!parent.replies && found.members.has(who)) hub.sendReply(chatId, parent.no, who, 'reply')
        await settle(30)
        page.threads.open(chatId, parent.id)
        this.thread = { chatId, id: parent.id }
        break
      }
      case 'older':
        this.opened.get(chatId)?.loadOlder().catch(ignoreRefusal)
        break
      case 'jump':
        if (no > 0) this.opened.get(chatId)?.jumpTo(no).catch(ignoreRefusal)
        break
      case 'pass':
        this.deliver((messages) => messages)
        break
      case 'lose':
        this.deliver((messages) => messages.filter((_, at) => at !== step.at))
        break
      case 'repeat':
        this.deliver((messages) => messages.flatMap((message) => [message, message]))
        break
      case 'reverse':
        this.deliver((messages) => messages.reverse())
        break
      case 'behind':
        this.deliver(() => [])
        this.broadcastHeads()
        break
      case 'cut':
        hub.disconnect(1006)
        await this.browser.clock.advance(2_000)
        break
      case 'outage':
        hub.isUp = false
        hub.disconnect(1006)
        await this.browser.clock.advance((step.at ?? 0) * 1000)
        hub.isUp = true
        break
      case 'busy':
        hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 1 })
        break
      case 'loseAnswer':
        // A response is lost only together with its connection.
        hub.lostResponses.push('messages.send')
        await settle(4)
        hub.lostResponses.length = 0
        hub.disconnect(1006)
        break
      case 'backup':
        this.backup = hub.backup()
        break
      case 'restore':
        hub.restore(this.backup)
        this.backup = hub.backup()
        this.restored = true
        break
      case 'reload':
        void page.close()
        await settle()
        this.opened.clear()
        this.page = this.browser.openTab()
        await this.page.start()
        break
    }
    await settle(4)
  }

  /** Faults apply to entries only: responses are not dropped here, and presence and typing are not tested. */
  deliver(change: (entries: FromHub[]) => FromHub[]): void {
    for (const socket of [...this.hub.sockets]) {
      socket.deliver((messages) => {
        if (messages.some(({ t }) => t === 'state' || t === 'hello')) return messages
        const entries = change(messages.filter(({ t }) => t === 'entry'))
        return [...entries, ...messages.filter(({ t }) => t !== 'entry')]
      })
    }
  }

  broadcastHeads(): void {
    const { hub } = this
    const heads: Record<string, number> = { hub: hub.head('hub'), [`user:${me}`]: hub.head(`user:${me}`) }
    for (const each of hub.summaries()) heads[`chat:${each.id}`] = each.head
    hub.broadcast({ t: 'behind', heads, presence: {} })
  }

  async finish(): Promise<void> {
    const { hub, browser, page } = this
    hub.isDelivering = true
    this.deliver((messages) => messages)
    await browser.clock.advance(40_000)
    browser.fireWake()
    await browser.clock.advance(40_000)
    await waitUntilLive(page)
    this.broadcastHeads()
    await settle(60)
    await browser.clock.advance(5_000)
    const conversations = page.chats.list.value.map(({ id }) => page.conversation(id)).slice(-6)
    for (const conversation of conversations) conversation.show()
    await waitUntil(() => conversations.every(({ status }) => status.value === 'ready'), 'messages')
    await settle(60)
    await page.groups.load()
    verifySync(page, hub, conversations)
    for (const conversation of conversations) {
      expect(conversation.items.value.filter((item) => item.pending === 'sending')).toEqual([])
    }
    this.verifySent()
    await this.verifyThread()
  }

  /** Expects the last opened thread to show its messages, or the cached ones after a start without the hub. */
  async verifyThread(): Promise<void> {
    const { hub, page, thread } = this
    if (!thread || !page.chats.get(thread.chatId)) return
    const { chatId, id } = thread
    const wanted = hub.replies(chatId, id)
    if (!page.conversation(chatId).messages.some((message) => message.id === id)) return
    const open = page.threads.open(chatId, id)
    await waitUntil(() => open.status.value === 'ready', 'the replies')
    expect(open.messages.map(({ id: reply }) => reply)).toEqual(wanted.map(({ id: reply }) => reply))
    await page.close()
    hub.isUp = false
    this.page = this.browser.openTab()
    await this.page.start()
    const kept = this.page.threads.open(chatId, id)
    if (kept.status.value !== 'ready') return
    cachedThreadCount += 1
    expect(kept.messages).toEqual(wanted)
    expect(kept.parent?.replies).toEqual(open.parent?.replies)
  }

  verifySent(): void {
    for (const { messages, id } of this.hub.chats.values()) {
      const mine = messages.filter(({ author }) => author === me)
      expect(new Set(mine.map(({ cid }) => cid)).size).toBe(mine.length)
      const numbers = mine
        .filter(({ editedAt }) => editedAt === undefined)
        .map(({ text }) => Number(text.slice(5)))
      expect(numbers, `order in ${id}`).toEqual([...numbers].sort((a, b) => a - b))
    }
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'RequestError') throw error
}

const runCount = Number(process.env.HUBBUB_RUNS ?? 60)

test('a page with old state and faults ends like a fresh one', { timeout: runCount * 1000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
      const run = new SyncRun()
      await run.start()
      for (const each of steps) await run.runStep(each)
      await run.finish()
      await run.page.close()
    }),
    { numRuns: runCount },
  )
  expect(cachedThreadCount).toBeGreaterThan(0)
})
