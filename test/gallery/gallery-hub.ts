// The hub of the gallery: the in-memory one of the unit tests, with a team whose chats hold every kind of message.
import type { Input } from '../../shared/contract.ts'
import type { ActivityItem } from '../../shared/contract/activity.ts'
import type { Message } from '../../shared/contract/messages.ts'
import type { User } from '../../shared/contract/users.ts'
import type { Platform } from '../../renderer/connection/platform.ts'
import { FakeHub, me } from '../renderer/support/fake-hub.ts'
import { ManualClock } from '../renderer/support/manual-clock.ts'
import { addAdministration, type Respond } from './gallery-administration.ts'
import { places, type Scene } from './scenes.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Latin names only: other scripts need fonts of the machine. */
const names = ['Ann Becker', 'Bo Lindqvist', 'Chidi Okafor', 'Zoë O’Neill', 'Maximiliane von Donau-Hauptmann']
const userIds = ['u-ann', 'u-bob', 'u-chidi', 'u-zoe', 'u-max'] as const
const [ann, bob, chidi, zoe] = userIds

export class GalleryHub {
  readonly hub: FakeHub
  readonly clock = new ManualClock()

  /** `name`: of the cache, so that the scenes of a page do not share one. */
  constructor(session: Scene['session'], name: string) {
    this.hub = new FakeHub(this.clock, name)
    this.#addTeam()
    this.#addChats()
    this.#addResponses()
    if (session === 'out' || session === 'setup') this.hub.session = undefined
    this.hub.needsSetup = session === 'setup'
    this.hub.isPending = session === 'pending'
    this.hub.isUp = session !== 'offline'
  }

  /** Timers of the engine never run: nothing on a picture may depend on the time that it took. */
  platform(): Platform {
    const held = new Map<string, string>()
    return {
      fetch: this.hub.fetch,
      openSocket: () => this.hub.openSocket(),
      clock: this.clock,
      random: () => 0.5,
      randomBytes: (count) => new Uint8Array(count),
      indexedDB,
      storage: {
        getItem: (key) => held.get(key) ?? null,
        setItem: (key, value) => void held.set(key, value),
        removeItem: (key) => void held.delete(key),
      },
      locks: undefined,
      openChannel: undefined,
      window: {
        isVisible: () => true,
        isFocused: () => false,
        onWake: () => () => undefined,
        onActivity: () => () => undefined,
        onAttention: () => () => undefined,
        onHide: () => () => undefined,
      },
    }
  }

  #addTeam(): void {
    const { hub } = this
    for (const id of userIds.slice(2)) hub.addUser(id.slice(2))
    const set = (id: string, changes: Partial<User>) => {
      const user = hub.users.get(id)
      if (user) hub.users.set(id, { ...user, createdAt: this.clock.now() - 90 * dayMs, ...changes })
    }
    set(me, { displayName: 'Kim Novak', username: 'kim', role: 'owner' })
    userIds.forEach((id, at) => set(id, { displayName: names[at] ?? id }))
    set(ann, {
      role: 'admin',
      bio: 'Paper, ink, and the long way home.',
    })
    set(zoe, { bot: true })
    hub.presence.set(me, 'active')
    hub.presence.set(ann, 'active')
    hub.presence.set(bob, 'idle')
  }

  #addChats(): void {
    const { hub } = this
    hub.addChat('group', [me], { id: places.empty, name: 'Empty room' })
    hub.addChat('group', [me, bob], { id: places.archived, name: 'Old boats' })
    hub.sendMessage(places.archived, bob, 'The last word of an archived group.')
    hub.updateChat(places.archived, { archived: true })
    hub.addChat('group', [bob, ann], { id: 'c-garden', name: 'Garden', visibility: 'public' })
    hub.updateChat('c-garden', { topic: 'Beds, seeds and the hose' })
    hub.addChat('direct', [me, ann], { id: places.ann })
    hub.sendMessage(places.ann, ann, 'Did you find the key?')
    hub.sendMessage(places.ann, me, 'Yes, it hangs behind the door.')
    hub.markRead(places.ann, ann, 2)
    hub.addChat('direct', [me, bob], { id: 'c-bob' })
    for (let no = 1; no <= 3; no += 1) hub.sendMessage('c-bob', bob, `Unread number ${no} for @kim`)
    hub.addChat('group', [me, chidi], { id: 'c-muted', name: 'Announcements' })
    hub.sendMessage('c-muted', chidi, 'Lunch is at noon.')
    hub.updateChatPreferences('c-muted', { muted: true })
    hub.addChat('group', [me, ann, bob, chidi, zoe], {
      id: places.kitchen,
      name: 'Kitchen',
      visibility: 'public',
    })
    hub.updateChat(places.kitchen, { topic: 'Who cooks, and what' })
    this.#addMessages()
  }

  /** One of each kind. */
  #addMessages(): void {
    const { hub, clock } = this
    const chat = places.kitchen
    const say = (author: string, text: string, changes: Partial<Message> = {}): Message => {
      clock.sleep(2 * minuteMs)
      const message = hub.sendMessage(chat, author, text)
      return Object.assign(message, changes)
    }
    say(ann, 'Morning. The printer on the second floor is back.')
    const parent = say(bob, 'Who brings the bread tomorrow?', { id: places.parent, pinned: true })
    say(me, 'I do.', { editedAt: clock.now() })
    clock.sleep(dayMs)
    say(
      chidi,
      'A **bold** word, *italic*, ~~struck~~, `code`, a [link](https://example.org/) and @kim in #Garden.',
    )
    say(
      chidi,
      '> Is it in the shared folder?\n\n- open it\n- look at the third sheet\n\n1. the key\n2. the alarm',
    )
    say(ann, '```ts\nif (tide > draft + 0.3) launch(boat, { crew: 4 })\n```')
    say(ann, '', { attachments: [picture('f-1', 1200, 800), picture('f-2', 800, 1200)] })
    say(bob, 'Minutes of the meeting', {
      attachments: [{ id: 'f-3', name: 'minutes-of-november.pdf', type: 'application/pdf', size: 482_133 }],
    })
    say(zoe, 'Build 481 is green.', {
      // Arrows are in the bundled font, emoji are not.
      reactions: [
        { emoji: '↑', users: [me, ann] },
        { emoji: '↓', users: [bob] },
      ],
    })
    const gone = say(bob, 'Never mind.')
    hub.deleteMessage(chat, gone.no)
    const quoted = say(me, 'I take the early one.', { reactions: [{ emoji: '↑', users: [chidi] }] })
    Object.assign(quoted, { replyTo: { id: parent.id, no: parent.no, author: bob, text: parent.text } })
    hub.markRead(chat, ann, quoted.no)
    hub.markDelivered(chat, bob, quoted.no)
    hub.markRead(chat, me, quoted.no)
    say(
      bob,
      'New: can you open the window on the street side? It is warm in here, and the fan is away for repair until Monday.',
    )
    say(ann, 'On it, @kim.')
    hub.sendReply(chat, parent.no, ann, 'I can, if nobody else does.')
    hub.sendReply(chat, parent.no, me, 'Thanks! Two loaves, please.')
    hub.sendReply(chat, parent.no, ann, 'Seeded or plain?')
  }

  #addResponses(): void {
    const now = this.clock.now()
    const message = (no: number) => this.hub.requireChat(places.kitchen).messages[no - 1] as Message
    const user = (id: string) => this.hub.users.get(id) as User
    this.#respond('users.list', () => ({ users: [...this.hub.users.values()], more: false }))
    this.#respond('drafts.list', () => ({ drafts: [] }))
    this.#respond('messages.status', () => ({
      deliveredTo: [ann, bob, chidi],
      readBy: [ann],
      times: [{ userId: ann, readAt: now - 4 * minuteMs }],
    }))
    this.#respond('pins.list', () => ({ pins: [{ message: message(2), by: ann, at: now }] }))
    this.#respond('saved.ids', () => ({ ids: [message(4).id, message(8).id] }))
    this.#respond('saved.list', () => ({
      saved: [message(4), message(8)].map((each) => ({ message: each, at: now })),
    }))
    this.#respond('threads.list', () => ({
      threads: [
        { chatId: places.kitchen, message: message(2), following: true, readNo: 2, unread: 1, mentions: 0 },
      ],
      more: false,
    }))
    const reply = this.hub.replies(places.kitchen, places.parent).at(-1) as Message
    const about = (id: number, kind: ActivityItem['kind'], its: Message, by: string, isUnread = false) => ({
      ...{ id, kind, message: its, by, at: its.at, unread: isUnread },
    })
    this.#respond('activity.list', () => ({
      items: [
        about(4, 'mention', message(13), ann, true),
        about(3, 'reply', reply, ann, true),
        // an arrow is in the bundled font, emoji are not
        { ...about(2, 'reaction', message(11), chidi), emoji: '↑' },
        about(1, 'keyword', message(8), bob),
      ],
      unread: 2,
    }))
    this.#respond('files.list', ({ kind }) => ({
      files: (kind === 'media' ? [7] : [8]).flatMap((no) => {
        const { id: messageId, seq, author, at, attachments } = message(no)
        return attachments.map((file) => ({ file, messageId, no, seq, author, at }))
      }),
      more: false,
    }))
    this.#respond('chats.listDeleted', () => ({ chats: [] }))
    this.#respond('users.get', ({ userId }) => ({
      user: user(userId),
      presence: 'offline',
      lastSeen: now - 20 * minuteMs,
      groups: [places.kitchen],
    }))
    this.#respond('search.messages', () => ({ hits: [] }))
    this.#respond('recovery.question', () => ({ question: 'Which boat did you learn to sail in?' }))
    this.#respond('messages.days', () => ({
      days: [message(1), message(4)].map(({ at, no }) => ({
        day: new Date(at).toISOString().slice(0, 10),
        no,
      })),
    }))
    this.#respond('webhooks.list', () => ({
      webhooks: [
        { id: 'w-1', name: 'Build', userId: zoe, createdBy: me, createdAt: now - dayMs, usedAt: now },
      ],
    }))
    this.#respond('sessions.list', () => ({
      sessions: [true, false].map((current) => ({
        ...{
          id: `s-${current}`,
          kind: 'cookie' as const,
          device: 'Firefox on Linux',
          address: '192.168.1.7',
        },
        ...{ createdAt: now - 3 * dayMs, usedAt: now - dayMs, current },
      })),
    }))
    this.#respond('tokens.list', () => ({
      tokens: [{ id: 't-1', name: 'Doorbell', scope: 'write', createdAt: now - dayMs, usedAt: now }],
    }))
    addAdministration(this.#respond, { now, me, ann, bob, zoe, user })
  }

  /** Compiles only with a response of the contract. */
  readonly #respond: Respond = (name, respond) =>
    void this.hub.responses.set(name, (input) => respond(input as Input<typeof name>))
}

/** `serve.ts` draws every file. */
function picture(id: string, width: number, height: number): Message['attachments'][number] {
  return { id, name: `${id}.png`, type: 'image/png', size: 120_000, width, height, preview: true }
}
