import type { MoveTicket } from '../../shared/move-ticket.ts'
import type { Place } from '../../shared/places.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { User } from '../../shared/contract/users.ts'
import { addressesOf } from '../connection/addresses.ts'
import { type MoveFragment, moveLink } from '../connection/move-link.ts'
import type { ConnectionState } from '../connection/hub-connection.ts'
import type { Outdated } from '../connection/outdated.ts'
import { createRequest, offlineError, type Request } from '../connection/request.ts'
import { browserPlatform, type Platform } from '../connection/platform.ts'
import type { Account } from './account.ts'
import type { Arrival } from './arrival.ts'
import type { Conversation } from './conversation.ts'
import { packParcel, sealParcel } from './parcel.ts'
import type { PendingMessage } from './pending-message.ts'
import { LastSessionStorage } from './last-session.ts'
import { Session } from './session.ts'
import type { Stores } from './stores.ts'
import { computed, signal, type ReadonlySignal } from '../signals/signal.ts'

export interface HubOptions {
  /** '' in a browser, '/hub/<hubId>' on the desktop. */
  base: string
  /** Tests pass their own; the default is the browser's. */
  platform?: Platform
  /**
   * The origins of this hub, such as `https://team.local:7788`. The first one is used in links that are sent to others.
   */
  origins?: () => readonly string[]
  /** The browser comes from a former address of the hub, with this. */
  moved?: MoveFragment | undefined
  /** The user wants to try the hub now: on the desktop the shell looks for it, too. */
  onRetry?: (() => void) | undefined
}

/**
 * One hub and everything about it: `new Hub({ base: '' })`, then `start()`. The stores exist while `session.status` is
 * `in`; reading them before throws. Another login creates new ones.
 */
export class Hub {
  readonly base: string
  readonly session: Session
  /** The public data of the hub; from the last session until it has responded. */
  readonly meta: ReadonlySignal<HubMeta | undefined>
  readonly connectionState: ReadonlySignal<ConnectionState>
  /** While `waiting`: the time of the next attempt, milliseconds since 1970. */
  readonly nextAttemptAt: ReadonlySignal<number | undefined>
  /** The hub has announced that its computer goes to sleep. */
  readonly asleep: ReadonlySignal<boolean>
  /** While live: a request has no response for seconds. */
  readonly isSlow: ReadonlySignal<boolean>
  /** Which side has to be updated before they understand each other. */
  readonly outdated: ReadonlySignal<Outdated | undefined>
  /** Another computer is the hub now, at one of these places; undefined while a hub answers here. */
  readonly movedTo: ReadonlySignal<readonly Place[] | undefined>
  /** Takes the session of this browser there; undefined without one. */
  readonly moveTicket: ReadonlySignal<MoveTicket | undefined>
  /** The browser comes from a former address of the hub. */
  readonly arrival: ReadonlySignal<Arrival | undefined>
  /** The browser allows no cache (a private window): unsent messages are lost with the window. */
  readonly memoryOnly: ReadonlySignal<boolean>
  /** Sends a request. @throws RequestError */
  readonly request: Request

  readonly #platform: Platform
  readonly #lastSession: LastSessionStorage
  readonly #origins: () => readonly string[]
  readonly #account = signal<Account | undefined>(undefined)
  #lastAccount: Account | undefined
  readonly #arrival = signal<Arrival | undefined>(undefined)
  readonly #moved: MoveFragment | undefined
  readonly #onRetry: () => void

  constructor({
    base,
    platform = browserPlatform(),
    origins = () => [location.origin],
    moved,
    onRetry = () => {},
  }: HubOptions) {
    this.base = base
    this.#moved = moved
    this.#onRetry = onRetry
    this.arrival = this.#arrival
    this.#origins = origins
    this.#platform = platform
    this.request = createRequest({
      base,
      platform,
      connection: () => this.#account.peek()?.connection,
      csrf: () => this.session.requestCsrf(),
    })
    const lastSession = new LastSessionStorage(platform.storage, base, platform.tabStorage)
    this.#lastSession = lastSession
    this.session = new Session({
      request: this.request,
      platform,
      lastSession,
      open: (hubId, me) => this.#open(hubId, me),
      close: (keep) => this.#close(keep),
    })
    this.meta = this.session.meta
    this.connectionState = computed(() => this.#account.value?.connection.state.value ?? 'stopped')
    this.nextAttemptAt = computed(() => this.#account.value?.connection.nextAttemptAt.value)
    this.isSlow = computed(() => this.#account.value?.connection.isSlow ?? false)
    this.asleep = computed(() => this.#account.value?.connection.asleep.value ?? false)
    this.outdated = computed(() => this.#account.value?.connection.outdated.value)
    this.movedTo = computed(() => this.#account.value?.connection.movedTo.value ?? this.session.movedTo.value)
    this.moveTicket = computed(
      () => this.#account.value?.connection.ticket.value ?? this.session.ticket.value,
    )
    this.memoryOnly = computed(() => this.#account.value?.cache.memoryOnly.value ?? false)
  }

  /** The time by the hub's clock, milliseconds since 1970: for what the hub has dated. Not watched. */
  now(): number {
    return this.#account.peek()?.hubNow() ?? this.#platform.clock.now()
  }

  get chats(): Stores['chats'] {
    return this.#stores().chats
  }

  get chatList(): Stores['chatList'] {
    return this.#stores().chatList
  }

  get users(): Stores['users'] {
    return this.#stores().users
  }

  get presence(): Stores['presence'] {
    return this.#stores().presence
  }

  get continuity(): Stores['continuity'] {
    return this.#stores().continuity
  }

  get typing(): Stores['typing'] {
    return this.#stores().typing
  }

  get drafts(): Stores['drafts'] {
    return this.#stores().drafts
  }

  get edits(): Stores['edits'] {
    return this.#stores().edits
  }

  get editDrafts(): Stores['editDrafts'] {
    return this.#stores().editDrafts
  }

  get uses(): Stores['uses'] {
    return this.#stores().uses
  }

  get search(): Stores['search'] {
    return this.#stores().search
  }

  get uploads(): Stores['uploads'] {
    return this.#stores().uploads
  }

  get sessions(): Stores['sessions'] {
    return this.#stores().sessions
  }

  get threads(): Stores['threads'] {
    return this.#stores().threads
  }

  get latestReply(): Stores['latestReply'] {
    return this.#stores().latestReply
  }

  get pins(): Stores['pins'] {
    return this.#stores().pins
  }

  get chatRevisions(): Stores['chatRevisions'] {
    return this.#stores().chatRevisions
  }

  get activity(): Stores['activity'] {
    return this.#stores().activity
  }

  get saved(): Stores['saved'] {
    return this.#stores().saved
  }

  get groups(): Stores['groups'] {
    return this.#stores().groups
  }

  get groupFaces(): Stores['groupFaces'] {
    return this.#stores().groupFaces
  }

  /** The beginning of every link to this hub, such as `https://team.local:7788`. */
  get origin(): string {
    return this.#origins()[0] ?? location.origin
  }

  /** True if this is an origin of this hub. */
  hasOrigin(origin: string): boolean {
    return this.#origins().includes(origin)
  }

  /** Address of the user's avatar, or '' if there is none. Watched. */
  avatarAddress(userId: string): string {
    const avatar = this.users.get(userId)?.avatar
    return avatar ? addressesOf(this.base).api(`/api/users/${userId}/avatar/${avatar}`) : ''
  }

  /** Address of the picture of a chat: the peer's avatar, or the group picture. Watched. */
  chatPictureAddress(chat: { id: string; peer?: string; picture?: string }): string {
    // the picture of a user is theirs, not that of their notes
    if (chat.peer === this.session.me.value?.id) return ''
    if (chat.peer !== undefined) return this.avatarAddress(chat.peer)
    return chat.picture ? addressesOf(this.base).api(`/api/chats/${chat.id}/picture/${chat.picture}`) : ''
  }

  /** The text of a message without marks, with the display names of mentioned users. Watched. */
  plainText(text: string): string {
    return this.users.plainText(text)
  }

  /** Like `plainText`, for the first characters of a text. Watched. */
  plainPreview(text: string): string {
    return this.users.plainPreview(text)
  }

  /** Address of a file, or of one of its previews. */
  fileAddress(fileId: string, size?: 'list' | 'screen'): string {
    const path = `/api/files/${encodeURIComponent(fileId)}`
    return addressesOf(this.base).api(size === undefined ? path : `${path}/preview?size=${size}`)
  }

  /** The chats whose newest messages are kept on this device. Not watched. */
  get keptChatCount(): number {
    return this.#stores().recentMessages.size
  }

  /** The opened chat: the same object for as long as it is in use. */
  conversation(chatId: string): Conversation {
    return this.#stores().conversations.open(chatId)
  }

  /** Sends a copy of a message to a chat by its outbox, with the files of that message. */
  forward(chatId: string, text: string, source?: PendingMessage['forward']): void {
    this.#stores().outbox.add(chatId, text, { forward: source })
  }

  /** Resolves when the first screen can be drawn. */
  async start(): Promise<void> {
    if (this.#moved) await this.#arrive(this.#moved)
    return this.session.start()
  }

  async #arrive(moved: MoveFragment): Promise<void> {
    const { Arrival } = await import('./arrival.ts')
    const { request, session } = this
    this.#arrival.value = new Arrival({ ...moved, request, session, stores: () => this.#stores() })
  }

  /** The link to this page at another address of the hub, with the ticket and what was not sent. */
  async linkTo(address: string): Promise<string> {
    const { pathname } = location
    const ticket = this.moveTicket.peek()
    if (!ticket) return moveLink(address, pathname)
    const stores = this.#account.peek()?.stores
    const sealedParcel = stores && (await sealParcel(ticket.key, packParcel(stores)))
    return moveLink(address, pathname, { ticket: ticket.value, sealedParcel })
  }

  /** Messages and edits that the hub does not have: a logout deletes them. Not watched. */
  get unsentCount(): number {
    const { outbox, edits } = this.#stores()
    return outbox.unsentCount + edits.all.peek().size
  }

  /** A message waits that has files: these cannot go along to another address. Watched. */
  get hasUnsentFiles(): boolean {
    return this.#stores().outbox.hasUnsentFiles
  }

  /** Ends the back-off and tries the hub now: for a "Try now" button. */
  retryNow(): void {
    this.#onRetry()
    this.session.retryNow()
    this.#account.peek()?.connection.retryNow()
  }

  async close(): Promise<void> {
    this.session.close()
    await this.#close('everything')
  }

  #stores(): Stores {
    // An element that is being removed may draw once more after the logout, with the previous stores.
    const account = this.#account.value ?? this.#lastAccount
    if (!account) throw new Error('Nobody is logged in: look at session.status before you ask for stores.')
    return account.stores
  }

  async #open(hubId: string, me: User): Promise<void> {
    const { session } = this
    const { Account } = await loadAccount()
    const account = await Account.open({
      base: this.base,
      hubId,
      myId: me.id,
      myUsername: () => session.me.peek()?.username ?? me.username,
      keepsHistory: () => !session.isBrief,
      settings: () => session.settings.value,
      platform: this.#platform,
      credentials: () => session.credentials(),
      term: this.#lastSession.term,
      csrf: () => session.csrf,
      requestCsrf: () => session.requestCsrf(),
      session: {
        applyEntry: (entry) => session.applyEntry(entry),
        applyState: (state) => session.applyState(state),
      },
      onSessionEnded: () => session.onSessionEnded(),
      onHubMismatch: () => session.onHubMismatch(),
    })
    this.#lastAccount = account
    this.#account.value = account
    account.start()
  }

  async #close(keep: 'everything' | 'unsent' | 'drafts'): Promise<void> {
    const account = this.#account.peek()
    this.#account.value = undefined
    await account?.close(keep)
  }
}

/** The stores are most of the page: a user who logs in does not wait for them. @throws RequestError `offline` */
async function loadAccount(): Promise<typeof import('./account.ts')> {
  try {
    return await import('./account.ts')
  } catch (error) {
    throw offlineError(error)
  }
}
