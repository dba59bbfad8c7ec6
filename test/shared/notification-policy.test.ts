import { expect, test } from 'vitest'
import type { ChatSummary, NotificationLevel } from '../../shared/contract/chats.ts'
import type { Message } from '../../shared/contract/messages.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { DesktopSettings, DesktopNotification } from '../../shared/desktop.ts'
import { labels } from '../../main/text.ts'
import { NotificationPolicy } from '../../shared/notification-policy.ts'

const hub = { id: 'h'.repeat(43), name: 'The yard' }
const me = 'me'

/** The notifications on a user's screen, by key. */
function createNotificationPolicy(
  changes: Partial<Pick<DesktopSettings, 'notifications' | 'quietUntil' | 'showsText'>> = {},
) {
  const settings = { notifications: 'mentions' as const, quietUntil: 0, showsText: true, ...changes }
  const shown = new Map<string, DesktopNotification>()
  const world = { lookingAt: '' }
  const policy = new NotificationPolicy({
    texts: labels,
    settings: () => settings,
    now: () => 1_000,
    isChatVisible: (_hub, chatId) => chatId === world.lookingAt,
    getUserName: async (_hub, userId) => ({ ann: 'Ann', bo: 'Bo' })[userId] ?? '',
    show: (notice) => shown.set(notice.key, notice),
    clear: (key) => shown.delete(key),
  })
  return {
    count: (chats: ChatSummary[]) => policy.updateChats(hub, me, chats),
    countThreads: (threads: Thread[]) => policy.updateThreads(hub, me, threads),
    notices: policy,
    shown,
    world,
    settings,
  }
}

interface ChatOptions {
  no?: number
  author?: string
  text?: string
  unread?: number
  mentions?: number
  muted?: boolean
  notify?: NotificationLevel
  deleted?: boolean
}

function chatSummary(id: string, kind: 'direct' | 'group', options: ChatOptions = {}): ChatSummary {
  const { no = 0, author = 'ann', text = `message ${no}`, unread = 0, mentions = 0, muted = false } = options
  return {
    id,
    kind,
    ...(kind === 'group' ? { name: id } : { peer: 'ann' }),
    visibility: 'private',
    posting: 'all',
    archived: false,
    memberCount: 2,
    role: 'member',
    head: no,
    lastNo: no,
    readNo: no - unread,
    unread,
    mentions,
    muted,
    ...(options.notify ? { notify: options.notify } : {}),
    updatedAt: 0,
    ...(no > 0
      ? {
          lastMessage: {
            id: `${id}${no}`,
            no,
            author,
            text,
            at: 0,
            ...(options.deleted ? { deleted: true } : {}),
          },
        }
      : {}),
  }
}

const titles = (shown: Map<string, DesktopNotification>) =>
  [...shown.values()].map(({ title, body }) => `${title}: ${body}`)

test('notifies only about messages that arrive after the first count', async () => {
  const { count, shown } = createNotificationPolicy()
  await count([chatSummary('d', 'direct', { no: 3, unread: 3 })])
  expect(shown.size).toBe(0)
  await count([chatSummary('d', 'direct', { no: 4, unread: 4, text: 'hello' })])
  expect(titles(shown)).toEqual(['Ann: hello'])
  expect([...shown.values()][0]).toMatchObject({ route: '/chat/d/4', hubId: hub.id })
})

test('notifies by default about direct messages and mentions, not about every group message', async () => {
  const { count, shown } = createNotificationPolicy()
  await count([chatSummary('d', 'direct'), chatSummary('kitchen', 'group')])
  await count([chatSummary('d', 'direct'), chatSummary('kitchen', 'group', { no: 1, unread: 1 })])
  expect(shown.size).toBe(0)
  const tea = { no: 2, unread: 2, mentions: 1, author: 'bo', text: '@me tea' }
  await count([chatSummary('d', 'direct'), chatSummary('kitchen', 'group', tea)])
  expect(titles(shown)).toEqual(['#kitchen: Bo: @me tea'])
})

test('follows the general level, and never notifies about a muted chat', async () => {
  for (const [notifications, expected] of [
    ['all', 1],
    ['none', 0],
  ] as const) {
    const { count, shown } = createNotificationPolicy({ notifications })
    await count([chatSummary('kitchen', 'group'), chatSummary('loud', 'group', { muted: true })])
    await count([
      chatSummary('kitchen', 'group', { no: 1, unread: 1 }),
      chatSummary('loud', 'group', { no: 1, unread: 1, mentions: 1, muted: true }),
    ])
    expect(shown.size, notifications).toBe(expected)
  }
})

test('prefers the level of a chat to the general one', async () => {
  const cases = [
    ['all', 'default', { d: true, plain: true, called: true }],
    ['all', 'mentions', { d: false, plain: false, called: true }],
    ['all', 'none', { d: false, plain: false, called: false }],
    ['mentions', 'default', { d: true, plain: false, called: true }],
    ['mentions', 'all', { d: true, plain: true, called: true }],
    ['mentions', 'mentions', { d: false, plain: false, called: true }],
    ['mentions', 'none', { d: false, plain: false, called: false }],
    ['none', 'default', { d: false, plain: false, called: false }],
    ['none', 'mentions', { d: false, plain: false, called: true }],
    ['none', 'all', { d: true, plain: true, called: true }],
  ] as const
  for (const [notifications, notify, expected] of cases) {
    const { count, shown } = createNotificationPolicy({ notifications })
    const before = { notify }
    await count([
      chatSummary('d', 'direct', before),
      chatSummary('plain', 'group', before),
      chatSummary('called', 'group', before),
    ])
    const after = { notify, no: 1, unread: 1 }
    await count([
      chatSummary('d', 'direct', after),
      chatSummary('plain', 'group', after),
      chatSummary('called', 'group', { ...after, mentions: 1 }),
    ])
    const isShown = (id: string) => shown.has(`${hub.id}/${id}`)
    expect(
      { d: isShown('d'), plain: isShown('plain'), called: isShown('called') },
      `${notifications} ${notify}`,
    ).toEqual(expected)
  }
})

const threadWith = (lastNo: number, unread: number, mentions = 0): Thread => ({
  chatId: 'kitchen',
  following: true,
  readNo: lastNo - unread,
  unread,
  mentions,
  message: { id: 'm7', no: 7, seq: 7, rev: 7, deleted: true, replies: { count: lastNo, lastNo, users: [] } },
})

test('notifies about a reply in a followed thread, even if its text was never received', async () => {
  const { count, countThreads, notices, shown } = createNotificationPolicy()
  await count([chatSummary('kitchen', 'group', { no: 7 })])
  await countThreads([])
  // mentioned in it just now, so followed from here on
  notices.cacheReply(hub.id, { thread: 'm7', no: 3, author: 'bo', text: '@me **tea**' } as Message)
  await countThreads([threadWith(3, 1)])
  expect(titles(shown)).toEqual(['Thread in #kitchen: Bo: @me tea'])
  expect([...shown.values()][0]).toMatchObject({ route: '/chat/kitchen/7/3' })
  await countThreads([threadWith(5, 3)])
  expect(titles(shown)).toEqual(['Thread in #kitchen (3): 3 new messages'])
  expect([...shown.values()][0]).toMatchObject({ route: '/chat/kitchen/7/3' })
  await countThreads([threadWith(5, 0)])
  expect(shown.size).toBe(0)
  // only about mentions in a quieter chat, and not at all in a silent one
  await count([chatSummary('kitchen', 'group', { no: 7, notify: 'mentions' })])
  await countThreads([threadWith(6, 1)])
  expect(shown.size).toBe(0)
  await countThreads([threadWith(7, 2, 1)])
  expect(titles(shown)).toEqual(['Thread in #kitchen: A new message'])
  await countThreads([threadWith(7, 0)])
  await count([chatSummary('kitchen', 'group', { no: 7, notify: 'none' })])
  await countThreads([threadWith(8, 1, 1)])
  expect(shown.size).toBe(0)
})

test('hides the text if the user’s screen is visible to others', async () => {
  const { count, shown } = createNotificationPolicy({ showsText: false })
  await count([chatSummary('d', 'direct')])
  await count([chatSummary('d', 'direct', { no: 2, unread: 2, text: 'the surprise party' })])
  expect(titles(shown)).toEqual(['The yard: 2 new messages'])
})

test('clears a notification once its message is read on any device, and shows none that was read before', async () => {
  const { count, shown } = createNotificationPolicy()
  await count([chatSummary('d', 'direct')])
  await count([chatSummary('d', 'direct', { no: 1, unread: 1 })])
  expect(shown.size).toBe(1)
  await count([chatSummary('d', 'direct', { no: 1, unread: 0 })])
  expect(shown.size).toBe(0)
  await count([chatSummary('d', 'direct', { no: 2, unread: 0 })])
  expect(shown.size).toBe(0)
})

test('shows one notification per chat, and one for all when there are many', async () => {
  const { count, shown } = createNotificationPolicy()
  const ids = ['a', 'b', 'c', 'd', 'e']
  await count(ids.map((id) => chatSummary(id, 'direct')))
  await count(ids.map((id) => chatSummary(id, 'direct', id === 'a' ? { no: 2, unread: 2 } : {})))
  expect(titles(shown)).toEqual(['Ann (2): message 2'])
  await count(ids.map((id) => chatSummary(id, 'direct', { no: 3, unread: 3 })))
  expect(titles(shown)).toEqual(['The yard: 15 new messages in 5 chats'])
  await count(ids.map((id) => chatSummary(id, 'direct', { no: 3, unread: 0 })))
  expect(shown.size).toBe(0)
})

test('ignores own messages, deleted ones, the visible chat and everything during do not disturb', async () => {
  const quiet = createNotificationPolicy({ quietUntil: 2_000 })
  const { count, shown, world } = createNotificationPolicy()
  const empty = ['a', 'b', 'c'].map((id) => chatSummary(id, 'direct'))
  world.lookingAt = 'c'
  await count(empty)
  await quiet.count(empty)
  const later = [
    chatSummary('a', 'direct', { no: 1, unread: 1, author: me }),
    chatSummary('b', 'direct', { no: 1, unread: 1, deleted: true }),
    chatSummary('c', 'direct', { no: 1, unread: 1 }),
  ]
  await count(later)
  await quiet.count(later)
  expect(shown.size).toBe(0)
  expect(quiet.shown.size).toBe(0)
  // the control: the same messages are shown otherwise
  world.lookingAt = ''
  quiet.settings.quietUntil = 0
  const next = [chatSummary('c', 'direct', { no: 2, unread: 2 })]
  await count(next)
  await quiet.count(next)
  expect([shown.size, quiet.shown.size]).toEqual([1, 1])
})

test('clears the notifications of a hub at logout', async () => {
  const { count, notices, shown } = createNotificationPolicy()
  await count([chatSummary('d', 'direct')])
  await count([chatSummary('d', 'direct', { no: 1, unread: 1 })])
  notices.clearHub(hub.id)
  expect(shown.size).toBe(0)
})

test('being added to a group notifies once, and not again when the group is counted again', async () => {
  const { count, shown, notices } = createNotificationPolicy()
  await count([chatSummary('yard', 'group')])
  const added = { ...chatSummary('garden', 'group'), addedBy: 'ann' }
  await count([chatSummary('yard', 'group'), added])
  expect(titles(shown)).toEqual(['#garden: Ann added you'])
  await count([chatSummary('yard', 'group'), { ...added, memberCount: 3 }])
  expect(titles(shown)).toEqual(['#garden: Ann added you'])
  // Opened here or elsewhere.
  await count([chatSummary('yard', 'group'), chatSummary('garden', 'group')])
  expect(titles(shown)).toEqual([])
  notices.announceArrival(hub, { id: 'zoe', displayName: 'Zoe' })
  expect(titles(shown)).toEqual(['The yard: Zoe joined your team'])
})

test('a chat without a name notifies as a direct chat does, under the names of the others', async () => {
  const { count, shown } = createNotificationPolicy({ notifications: 'mentions' })
  const several = (options: ChatOptions) => {
    const { name: _, ...chat } = chatSummary('several', 'group', options)
    return { ...chat, memberIds: ['ann', 'bo'] }
  }
  await count([several({ no: 1 })])
  await count([several({ no: 2, unread: 1 })])
  expect(titles(shown)).toEqual(['Ann, Bo: Ann: message 2'])
})

test('the messages of groups that the user was added to a moment before are counted without the additions', async () => {
  const { count, shown } = createNotificationPolicy()
  await count([])
  const groups = ['a', 'b', 'c', 'd', 'e', 'f']
  const added = (id: string, options?: ChatOptions) => ({
    ...chatSummary(id, 'group', options),
    addedBy: 'ann',
  })
  await count(groups.map((id) => added(id)))
  const call = { no: 1, unread: 1, mentions: 1, text: '@me tea' }
  await count(groups.map((id) => added(id, id === 'f' ? undefined : call)))
  expect(titles(shown)).toEqual(['#f: Ann added you', 'The yard: 5 new messages in 5 chats'])
})

test('one message in a group that the user was added to a moment before has no count', async () => {
  const { count, shown } = createNotificationPolicy()
  await count([])
  const added = { ...chatSummary('garden', 'group'), addedBy: 'ann' }
  await count([added])
  await count([
    { ...added, ...chatSummary('garden', 'group', { no: 1, unread: 1, mentions: 1, text: '@me tea' }) },
  ])
  expect(titles(shown)).toEqual(['#garden: Ann: @me tea'])
})

test('hidden text, do not disturb and the level “none” hold for being added and for arrivals too', async () => {
  for (const [changes, expected] of [
    [{ showsText: false }, ['The yard: Something new', 'The yard: Something new']],
    [{ quietUntil: 2_000 }, []],
    [{ notifications: 'none' as const }, []],
  ] as const) {
    const { count, shown, notices } = createNotificationPolicy(changes)
    await count([])
    await count([{ ...chatSummary('garden', 'group'), addedBy: 'ann' }])
    notices.announceArrival(hub, { id: 'zoe', displayName: 'Zoe' })
    expect(titles(shown)).toEqual(expected)
  }
})
