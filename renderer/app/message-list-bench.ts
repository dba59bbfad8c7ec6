// For development and tests, never shipped: the conversation with stores from this file. The address selects what it
// shows: ?chat=kitchen|ann|empty|gone&count=100000&theme=dark&unread=12&paged. `window.bench` controls it.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { User } from '../../shared/contract/users.ts'
import { mentionKey } from '../../shared/text/mentions.ts'
import type { ConnectionState } from '../connection/hub-connection.ts'
import type { Chats } from '../state/chats.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Drafts } from '../state/drafts.ts'
import type { EditDrafts } from '../state/edit-drafts.ts'
import type { Edits } from '../state/edits.ts'
import type { GroupFaces } from '../state/group-faces.ts'
import type { Groups } from '../state/groups.ts'
import type { Hub } from '../state/hub.ts'
import type { ChatMember, Members } from '../state/members.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { PresenceStore } from '../state/presence.ts'
import type { Saved } from '../state/saved.ts'
import type { Session } from '../state/session.ts'
import type { TimelineStatus } from '../state/timeline.ts'
import type { Uploads } from '../state/uploads.ts'
import type { Users } from '../state/users.ts'
import { batch, computed, signal } from '../signals/signal.ts'
import '../text/shell-text.ts'
import '../ui/hb-menu.ts'
import '../ui/hb-toasts.ts'
import type { HbToasts } from '../ui/hb-toasts.ts'
import './hb-conversation.ts'

const searchParams = new URLSearchParams(location.search)
const count = Number(searchParams.get('count') ?? 400)
const unread = Number(searchParams.get('unread') ?? 0)
const pageSize = 60
const now = Date.now()
const minuteMs = 60_000

const names = [
  'Ann Becker',
  'Bo Lindqvist',
  'Maximiliane Freifrau von Donaudampfschifffahrtsgesellschaft-Hauptmannswitwe',
  'عبد الرحمن بن محمد الأندلسي',
  '田中 さくら',
  'Chidi Okafor',
  'Zoë O’Neill',
]
const users: User[] = [
  user('me', 'Kim Novak', 'owner'),
  ...names.map((name, at) => user(`u${at}`, name, at === 1 ? 'admin' : 'member')),
  ...Array.from({ length: 30 }, (_, at) => user(`p${at}`, `Person Number ${at + 1}`, 'member')),
]
const usersById = new Map(users.map((each) => [each.id, each]))

function user(id: string, displayName: string, role: User['role']): User {
  const bio = id === 'u0' ? 'Paper, ink, and the long way home. Ask me about the printer.' : undefined
  return {
    id,
    username: id === 'me' ? 'kim' : `user.${id}`,
    displayName,
    role,
    createdAt: 0,
    joined: Number(id.replace(/\D/g, '')),
    ...(bio ? { bio } : {}),
  }
}

const lines = [
  'Morning. The printer on the second floor is back.',
  'Thanks! I had given up on it.',
  'Can someone look at the numbers before lunch? They are in the shared folder, third sheet, the column called “open”.',
  'I can, give me twenty minutes.',
  'ok',
  'The window people come tomorrow at nine. Please clear the sills on the street side, and if you have plants there, put them in the corridor for the day.',
  'See https://example.org/minutes_(draft)?page=2, and write to kitchen@example.org if something is missing.',
  '👍',
  'نلتقي غداً في الساعة العاشرة صباحاً في المكتب الكبير.',
  '明日の会議は十時からです。資料は共有フォルダーにあります。',
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'Two things:\n1. the key is at the desk\n2. the alarm is off until eight',
  'Lovely. See you there 🎉',
  '<b>not bold</b> & <img src=x onerror=alert(1)>',
  '**Done** with `npm run build`, ~~tomorrow~~ today. @kim and @user.u0 can look in #kitchen, *please*.',
  '> Is it in the *shared* folder?\n> The third sheet\nYes, and here is how:\n- open it\n  - not the copy\n- look at [the column](https://example.org/open)',
  '```ts\n// what decides\nif (tide > draft + 0.3) {\n  launch(boat, { crew: 4, flag: "blue" })\n}\n```',
]
const code = Array.from(
  { length: 200 },
  (_, at) => `  line(${at + 1}, "of something that was pasted whole")`,
).join('\n')

let seed = 7
function nextRandom(below: number): number {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return Math.floor((seed / 2147483648) * below)
}

const direct = searchParams.get('chat') === 'ann'
function item(
  no: number,
  at: number,
  author: string,
  text: string,
  more: Partial<MessageItem> = {},
): MessageItem {
  const cid = `c${no}`
  return {
    key: cid, chatId: 'chat', id: `m${no}`, no, cid, author, isMine: author === 'me', text, at, editedAt: undefined,
    deleted: false, pinned: false, rev: no, thread: undefined, replies: undefined, replyTo: undefined, attachments: [], reactions: [], pending: undefined, reason: undefined, ...more,
  } // prettier-ignore
}

function createMessages(howMany: number): MessageItem[] {
  const items: MessageItem[] = []
  let at = now - howMany * 3.2 * minuteMs
  let author = 'u0'
  for (let no = 1; no <= howMany; no += 1) {
    if (nextRandom(3) === 0)
      author = direct
        ? nextRandom(2)
          ? 'me'
          : 'u0'
        : nextRandom(4) === 0
          ? 'me'
          : `u${nextRandom(names.length)}`
    at += nextRandom(12) === 0 ? 30 * minuteMs * 1.2 : nextRandom(2) * minuteMs
    const last = howMany - no
    const text = last === 9 ? code : last === 4 ? '👍' : (lines[nextRandom(lines.length)] as string)
    const more =
      no % 97 === 0 ? { deleted: true, text: '' } : no % 41 === 0 ? { editedAt: at + minuteMs } : {}
    items.push(item(no, Math.min(at, now), author, text, more))
  }
  return items
}

const all = searchParams.get('chat') === 'empty' ? [] : createMessages(count)
const paged = searchParams.has('paged')
const items = signal<readonly MessageItem[]>(paged ? all.slice(-pageSize) : [...all])
const pending = signal<readonly MessageItem[]>([])
const readNo = signal(all.length - unread)
const typing = signal<readonly string[]>([])
const draft = signal('')
const status = signal<TimelineStatus>('ready')
const connectionState = signal<ConnectionState>('live')
const loadingOlder = signal(false)
const firstUnreadNo = signal(unread > 0 ? all.length - unread + 1 : undefined)
const waiting: (() => void)[] = []
const marks = signal({ delivered: all.length - 3, read: all.length - 8 })
const member = (userId: string, role: ChatMember['role']): ChatMember => ({
  userId,
  role,
  readNo: 0,
  deliveredNo: 0,
})
const list = signal<readonly ChatMember[]>([
  member('me', 'owner'), member('u1', 'admin'), ...users.slice(1, 16).filter((u) => u.id !== 'u1').map((u) => member(u.id, 'member')),
]) // prettier-ignore

const chat = computed<ChatSummary | undefined>(() =>
  searchParams.get('chat') === 'gone'
    ? undefined
    : {
        id: 'chat',
        kind: direct ? 'direct' : 'group',
        visibility: searchParams.has('private') ? 'private' : 'public',
        posting: searchParams.has('announcements') ? 'admins' : 'all',
        archived: searchParams.has('archived'),
        ...(direct
          ? { peer: searchParams.get('peer') ?? 'u0' }
          : { name: searchParams.get('name') ?? 'kitchen' }),
        ...(searchParams.has('topic') ? { topic: searchParams.get('topic') as string } : {}),
        memberCount: list.value.length,
        role: (searchParams.get('role') as ChatSummary['role'] | null) ?? 'owner',
        head: 1,
        lastNo: all.length,
        readNo: readNo.value,
        unread: items.value.filter((each) => (each.no ?? 0) > readNo.value && !each.isMine).length,
        mentions: 0,
        muted: false,
        updatedAt: now,
      },
)

// The stores by their public members: after a rename this file no longer compiles. Members that are read but not
// listed here fail at run time.

type FakeConversation = Pick<
  Conversation,
  | 'chatId' | 'threadId' | 'chat' | 'status' | 'items' | 'messages' | 'hasOlder' | 'hasNewer' | 'loadingOlder' | 'loadingNewer'
  | 'firstUnreadNo' | 'shownAround' | 'typing' | 'draft' | 'attachments' | 'show' | 'hide' | 'loadOlder' | 'loadNewer'
  | 'jumpTo' | 'jumpToEnd' | 'showAround' | 'send' | 'retry' | 'discard' | 'setDraft' | 'notifyTyping' | 'markRead'
  | 'stateOf' | 'receiptsOf'
> & { members: Pick<Members, 'ready' | 'list' | 'add' | 'setRole' | 'remove' | 'refresh' | 'isPartial'> } // prettier-ignore

interface FakeHub extends Pick<
  Hub,
  'base' | 'connectionState' | 'now' | 'avatarAddress' | 'chatPictureAddress'
> {
  session: Pick<Session, 'me'>
  groups: Pick<Groups, 'ready' | 'list'>
  chats: Pick<Chats, 'ready' | 'list' | 'peek' | 'get' | 'nameOf' | 'openDirect'>
  drafts: Pick<Drafts, 'get' | 'set'>
  uploads: Pick<Uploads, 'attachmentsOf'>
  groupFaces: Pick<GroupFaces, 'of'>
  saved: Pick<Saved, 'ids'>
  edits: Pick<Edits, 'save'>
  editDrafts: Pick<EditDrafts, 'get' | 'set'>
  users: Pick<
    Users,
    | 'list'
    | 'get'
    | 'nameOf'
    | 'search'
    | 'byMentionKey'
    | 'mentionText'
    | 'lateOf'
    | 'isSearching'
    | 'whenSearched'
  >
  presence: Pick<PresenceStore, 'of' | 'lastSeen' | 'fetch'>
  conversation: () => FakeConversation
}

const conversation: FakeConversation = {
  chatId: 'chat',
  threadId: undefined,
  chat,
  status,
  items: computed(() => [...items.value, ...pending.value]),
  hasOlder: computed(() => (items.value[0]?.no ?? 1) > 1),
  hasNewer: signal(false),
  loadingOlder,
  loadingNewer: signal(false),
  firstUnreadNo,
  members: {
    ready: signal(true),
    isPartial: signal(false),
    list,
    add: async (userId: string) => void (list.value = [...list.value, member(userId, 'member')]),
    setRole: async (userId: string, role: ChatMember['role']) =>
      void (list.value = list.value.map((each) => (each.userId === userId ? { ...each, role } : each))),
    remove: async (userId: string) => void (list.value = list.value.filter((each) => each.userId !== userId)),
    refresh: async () => undefined,
  },
  typing,
  draft,
  show: () => undefined,
  hide: () => undefined,
  loadOlder: async () => {
    if (loadingOlder.value) return
    loadingOlder.value = true
    await (searchParams.has('held-history')
      ? new Promise<void>((done) => waiting.push(done))
      : new Promise((done) => setTimeout(done, Number(searchParams.get('delay') ?? 30))))
    const first = items.value[0]?.no ?? 1
    batch(() => {
      items.value = [...all.slice(Math.max(0, first - 1 - pageSize), first - 1), ...items.value]
      loadingOlder.value = false
    })
  },
  loadNewer: async () => undefined,
  jumpTo: async (no: number) => void (items.value = all.slice(Math.max(0, no - pageSize))),
  messages: [],
  attachments: signal([]),
  shownAround: signal(undefined),
  showAround: async () => true,
  jumpToEnd: async () => undefined,
  send: (text: string) => {
    const no = all.length + pending.value.length + 1
    const sending = item(no, Date.now(), 'me', text, {
      pending: 'sending',
      no: undefined,
      id: undefined,
      key: `own${Date.now()}${no}`,
    })
    pending.value = [...pending.value, sending]
    draft.value = ''
    if (searchParams.has('held')) return
    setTimeout(() => bench.settle(), 300)
  },
  retry: (cid: string) =>
    void (pending.value = pending.value.map((each) =>
      each.cid === cid ? { ...each, pending: 'sending' as const, reason: undefined } : each,
    )),
  discard: (cid: string) => void (pending.value = pending.value.filter((each) => each.cid !== cid)),
  setDraft: (text: string) => void (draft.value = text),
  notifyTyping: () => void (bench.typed += 1),
  markRead: () => {
    bench.readCalls += 1
    readNo.value = all.length
  },
  stateOf: (each: MessageItem) => {
    if (!each.isMine) return undefined
    if (each.pending || each.no === undefined) return each.pending
    return each.no <= marks.value.read ? 'read' : each.no <= marks.value.delivered ? 'delivered' : 'sent'
  },
  receiptsOf: () => undefined,
}

const fakeHub: FakeHub = {
  base: '',
  session: { me: signal(usersById.get('me')) },
  connectionState,
  groups: { ready: signal(true), list: signal([{ id: 'g1', name: 'Orders & invoices', memberCount: 3 }]) },
  chats: {
    ready: signal(true),
    list: computed(() => (chat.value ? [chat.value] : [])),
    peek: () => chat.value,
    get: () => chat.value,
    nameOf: (each: ChatSummary) => each.name ?? usersById.get(each.peer ?? '')?.displayName ?? '',
    openDirect: async (userId: string) => `direct-${userId}`,
  },
  drafts: { get: () => '', set: () => undefined },
  uploads: { attachmentsOf: () => [] },
  groupFaces: { of: () => undefined },
  saved: { ids: signal(new Set()) },
  edits: { save: async () => undefined },
  editDrafts: { get: () => undefined, set: () => undefined },
  now: () => Date.now(),
  avatarAddress: () => '',
  chatPictureAddress: () => '',
  users: {
    list: signal(users),
    get: (id: string) => usersById.get(id),
    nameOf: (id: string) => usersById.get(id)?.displayName ?? '',
    search: (query: string) =>
      users.filter((each) => each.displayName.toLowerCase().includes(query.toLowerCase())),
    byMentionKey: (key: string) => users.find(({ username }) => mentionKey(username) === key),
    mentionText: (sign: string, name: string) => sign + name,
    lateOf: () => new Set(),
    isSearching: () => false,
    whenSearched: () => Promise.resolve([]),
  },
  presence: {
    of: (id: string) =>
      id === 'me' || id === 'u0' || id === 'p3' ? 'active' : id === 'u3' ? 'idle' : 'offline',
    lastSeen: (id: string) => (id.startsWith('u') ? now - 20 * minuteMs * Number(id.slice(1)) : undefined),
    fetch: async () => ({ groups: [], zone: undefined }),
  },
  conversation: () => conversation,
}

/** The API for tests and the console. */
const bench = {
  readCalls: 0,
  typed: 0,
  conversation,
  get unread(): number {
    return chat.value?.unread ?? 0
  },
  /** `isNew`: the divider is above it, as for a message that arrives while the window is inactive. */
  receive(text: string, author = 'u0', isNew = false): void {
    const got = item(all.length + 1, Date.now(), author, text)
    all.push(got)
    batch(() => {
      if (isNew) firstUnreadNo.value = all.length
      items.value = [...items.value, got]
    })
  },
  get waiting(): number {
    return waiting.length
  },
  /** The requested history arrives. */
  deliver(): void {
    waiting.shift()?.()
  },
  /** The outbox is sent. */
  settle(): void {
    batch(() => {
      for (const each of pending.value) {
        const sent = { ...each, id: `m${all.length + 1}`, no: all.length + 1, pending: undefined }
        all.push(sent)
        items.value = [...items.value, sent]
      }
      pending.value = []
    })
  },
  fail(reason: string): void {
    pending.value = pending.value.map((each) => ({ ...each, pending: 'failed' as const, reason }))
  },
  set(what: { typing?: string[]; link?: ConnectionState; status?: TimelineStatus; read?: number }): void {
    batch(() => {
      if (what.typing) typing.value = what.typing
      if (what.link) connectionState.value = what.link
      if (what.status) status.value = what.status
      if (what.read !== undefined)
        marks.value = { delivered: Math.max(marks.value.delivered, what.read), read: what.read }
    })
  },
}

declare global {
  interface Window {
    bench: typeof bench
  }
}
window.bench = bench

const root = document.documentElement
root.dataset.theme = searchParams.get('theme') ?? 'light'
root.dataset.contrast = searchParams.get('contrast') ?? 'normal'
root.dir = searchParams.get('dir') ?? 'ltr'
if (searchParams.has('size')) root.style.fontSize = `${searchParams.get('size')}%`

const element = document.createElement('hb-conversation')
element.hub = fakeHub as unknown as Hub
element.chatId = 'chat'
element.style.height = '100dvh'
const toasts: HbToasts = document.createElement('hb-toasts')
document.addEventListener('hb-toast', (event) =>
  toasts.show((event as CustomEvent<Parameters<HbToasts['show']>[0]>).detail),
)
document.body.append(element, toasts)
