// The stores of an account, in the order in which an entry, a state or an event reaches them. A new store needs its line
// here and, if elements use it, a getter in hub.ts.
import type { Settings } from '../../shared/contract/profile.ts'
import type { ToHub } from '../../shared/contract/live.ts'
import { addressesOf } from '../connection/addresses.ts'
import type { Platform } from '../connection/platform.ts'
import type { HeldRequest, Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { Activity } from './activity.ts'
import { ChatList } from './chat-list.ts'
import { ChatRevisions } from './chat-revisions.ts'
import { Chats } from './chats.ts'
import { mightMention } from './chat-summary.ts'
import { Continuity } from './continuity.ts'
import { Conversations } from './conversations.ts'
import { DeliveryReceipts } from './delivery-receipts.ts'
import { Drafts } from './drafts.ts'
import { EditDrafts } from './edit-drafts.ts'
import { Edits } from './edits.ts'
import { GroupFaces } from './group-faces.ts'
import { Groups } from './groups.ts'
import { HistoryPrefetch } from './history-prefetch.ts'
import { KeptSearch } from './kept-search.ts'
import { KeptEvents } from './kept-events.ts'
import { KeptMessages } from './kept-messages.ts'
import { readMediaSize } from './media-size.ts'
import { LatestReply } from './latest-reply.ts'
import { neededUserIds } from './needed-users.ts'
import { Outbox } from './outbox.ts'
import { Pins } from './pins.ts'
import { PresenceStore } from './presence.ts'
import { RecentMessages } from './recent-messages.ts'
import { Saved } from './saved.ts'
import { Search } from './search.ts'
import { Uses } from './uses.ts'
import { sendFile } from './send-file.ts'
import { Sessions } from './sessions.ts'
import type { MessageChange, Store } from './store.ts'
import { Threads } from './threads.ts'
import { Typing } from './typing.ts'
import { Uploads } from './uploads.ts'
import { Users } from './users.ts'
import { createUuidGenerator } from './uuid.ts'

export interface StoreContext {
  base: string
  myId: string
  myUsername: () => string
  /** False on a shared computer: only what the user opens is kept there. */
  keepsHistory: () => boolean
  /** Watched. */
  settings: () => Readonly<Settings>
  platform: Platform
  request: Request
  /** For what must be kept until two computers have it. */
  requestHeld: HeldRequest
  /** Of the history that is held here. */
  epoch: () => string | undefined
  csrf: () => string | undefined
  /** The time by the hub's clock, milliseconds since 1970. */
  hubNow: () => number
  isLive: () => boolean
  send: (message: ToHub) => void
  /** Of what other tabs of the same account share: locks and channels. */
  name: string
  cache: Cache
  content: CacheContent
  /** The entries of a chat are applied up to here; undefined while it is not followed. */
  cursorOf: (chatId: string) => number | undefined
  /** A message in the response to a request. */
  onMessage: (change: MessageChange) => void
}

export type Stores = ReturnType<typeof createStores>

export function createStores(context: StoreContext) {
  const { myId, myUsername, settings, request, isLive, send, cache, content, cursorOf } = context
  const { clock, window, randomBytes, locks, openChannel } = context.platform
  const newId = createUuidGenerator(() => clock.now(), randomBytes)

  const users: Users = new Users({
    ...{ request, isLive, clock, cache, content },
    neededIds: () => neededUserIds(chats, recentMessages),
  })
  const chats: Chats = new Chats({
    ...{ myId, myUsername, request, isLive, clock, users, cache, content },
    keywords: () => settings().keywords ?? [],
  })
  const groups = new Groups({ request, chats })
  const recentMessages: RecentMessages = new RecentMessages(cache, () => clock.now(), content)
  const keptEvents = new KeptEvents(cache, content, users, recentMessages)
  const typing = new Typing({ myId, clock, send })
  const drafts = createDrafts(context, newId)
  const editDrafts = new EditDrafts(drafts)
  const uploads = createUploads(context, newId, () => outbox.drain())
  const kept = new KeptMessages({ cache, clock, content: content.kept, epoch: context.epoch })
  const outbox = createOutbox(context, { newId, uploads, kept })
  const edits: Edits = new Edits({
    ...{ name: context.name, cache, clock, locks, openChannel, request, isLive, content: content.edits },
    onDone: (chatId, message) => context.onMessage({ chatId, message, isNew: false }),
    onRefused: (edit, error) => {
      const now = conversations.find(edit.chatId)?.messages.find((each) => each.id === edit.id)?.rev
      return editDrafts.restore(edit, error, now)
    },
  })
  const written = { outbox, edits, drafts, uploads, recentMessages, keptEvents }
  const threads = new Threads({
    ...{ myId, request, isLive, clock, window, cache, content, ...written },
    mightMentionMe: (text) => mightMention(text, myUsername()),
  })
  const conversations: Conversations = new Conversations(
    { myId, request, isLive, clock, window, chats, users, typing, ...written },
    (chatId) => cursorOf(chatId) ?? 0,
  )

  return {
    users,
    // before `chats`: a public group that was left is listed by its summary
    groups,
    groupFaces: new GroupFaces(chats, groups),
    presence: new PresenceStore({ request, clock, send }),
    continuity: new Continuity(),
    // before what asks it for members, names and read marks
    chats,
    chatList: new ChatList({ chats, settings, request, cache, content, newId }),
    sessions: new Sessions(request),
    uses: new Uses({ cache, content }),
    search: new Search({ request, clock, cache, content, kept: new KeptSearch(recentMessages) }),
    pins: new Pins(request),
    chatRevisions: new ChatRevisions(),
    saved: new Saved(request),
    activity: new Activity({ myId, request, clock }),
    // before what shows messages: that falls back on them
    recentMessages,
    keptEvents,
    // before `threads`: a notification needs the text with the count
    latestReply: new LatestReply(),
    // after what decides if a chat is held
    ...(context.keepsHistory() && {
      prefetch: new HistoryPrefetch({ request, isLive, clock, chats, users, cursorOf, ...written }),
    }),
    threads,
    conversations,
    typing,
    drafts,
    editDrafts,
    uploads,
    edits,
    // before the outbox, which then sends what they hand over
    kept,
    // after what shows a message in its place
    outbox,
    deliveryReceipts: new DeliveryReceipts({ myId, clock, send }),
  }
}

/** Some have no part in any event: an `object`, since a type without a property of `Store` is not assignable to it. */
export function storesInOrder(stores: Stores): readonly Store[] {
  return Object.values<object>(stores)
}

function createDrafts(
  { name, cache, content, request, isLive, platform }: StoreContext,
  newId: () => string,
): Drafts {
  const { clock, openChannel } = platform
  return new Drafts({
    ...{ name, cache, clock, openChannel, request, isLive, content },
    newTabId: () => newId().replaceAll('-', '').slice(-12),
  })
}

function createOutbox(
  context: StoreContext,
  { newId, uploads, kept }: { newId: () => string; uploads: Uploads; kept: KeptMessages },
): Outbox {
  const { myId, name, cache, content, requestHeld, isLive, cursorOf, hubNow } = context
  const { clock, locks, openChannel } = context.platform
  uploads.dropSent(new Set([...content.outbox.keys(), ...content.kept.keys()]))
  const outbox = new Outbox({
    ...{ myId, name, cache, clock, hubNow, locks, openChannel, request: requestHeld, isLive, cursorOf, kept },
    createCid: newId,
    content: content.outbox,
    files: uploads,
  })
  kept.connect({
    sendAgain: (items) => outbox.sendAgain(items),
    releaseFiles: (ids) => uploads.remove(ids),
  })
  return outbox
}

function createUploads(context: StoreContext, newId: () => string, onChanged: () => void): Uploads {
  const { base, name, cache, content, csrf, isLive, platform } = context
  const { clock, locks, openChannel, uploadTransport } = platform
  return new Uploads({
    ...{ name, cache, clock, locks, openChannel, csrf, isLive, newId, readMediaSize, onChanged },
    endpoint: () =>
      new URL(addressesOf(base).api('/api/files'), uploadTransport?.baseAddress ?? document.baseURI).href,
    send: (job) => sendFile({ ...job, transport: uploadTransport?.tus }),
    remove: (fileId) => removeUpload(context, fileId),
    content: content.uploads,
  })
}

async function removeUpload({ base, csrf, platform }: StoreContext, fileId: string): Promise<void> {
  const token = csrf()
  await platform.fetch(addressesOf(base).api(`/api/files/${fileId}`), {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: { 'tus-resumable': '1.0.0', ...(token === undefined ? {} : { 'x-csrf-token': token }) },
  })
}
