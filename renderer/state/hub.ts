import type { HubMeta } from '../../shared/contract/hub.ts'
import type { User } from '../../shared/contract/users.ts'
import { addressesOf } from '../connection/addresses.ts'
import type { ConnectionState } from '../connection/hub-connection.ts'
import { createRequest, type Request } from '../connection/request.ts'
import { browserPlatform, type Platform } from '../connection/platform.ts'
import { Account } from './account.ts'
import type { Conversation } from './conversation.ts'
import type { PendingMessage } from './outbox.ts'
import { LastSessionStorage } from './last-session.ts'
import { Session } from './session.ts'
import type { Stores } from './stores.ts'
import { computed, signal, type ReadonlySignal } from '../signals/signal.ts'

export interface HubOptions {
  /** '' in a browser, '/hub/<hubId>' on the desktop. */
  base: string
  /** The browser's own unless a test brings others. */
  platform?: Platform
  /** Where this hub is reached, as in `https://team.local:7788`: the first is for links that are sent to others. */
  origins?: () => readonly string[]
}

/**
 * Everything of one hub hangs here: `new Hub({ base: '' })`, then `start()`. The stores are there while
 * `session.status` is `in`; reading them otherwise throws. With another person everything is made anew.
 */
export class Hub {
  readonly base: string
  readonly session: Session
  /** What the hub says about itself to anybody; from the last visit until it has answered. */
  readonly meta: ReadonlySignal<HubMeta | undefined>
  readonly connectionState: ReadonlySignal<ConnectionState>
  /** While `waiting`: when it is tried again, milliseconds since 1970. */
  readonly nextAttemptAt: ReadonlySignal<number | undefined>
  /** The hub's computer sleeps, as it has said itself. */
  readonly asleep: ReadonlySignal<boolean>
  /** The page cannot keep anything here (a private window): what is unsent is lost with the window. */
  readonly memoryOnly: ReadonlySignal<boolean>
  /** Asks the hub; throws RequestError. */
  readonly request: Request

  readonly #platform: Platform
  readonly #origins: () => readonly string[]
  readonly #account = signal<Account | undefined>(undefined)
  #lastAccount: Account | undefined

  constructor({
    base,
    platform: surroundings = browserPlatform(),
    origins = () => [location.origin],
  }: HubOptions) {
    this.base = base
    this.#origins = origins
    this.#platform = surroundings
    this.request = createRequest({
      base,
      platform: surroundings,
      connection: () => this.#account.peek()?.connection,
      csrf: () => this.session.csrf,
    })
    this.session = new Session({
      request: this.request,
      platform: surroundings,
      lastSession: new LastSessionStorage(surroundings.storage, base),
      open: (hubId, me) => this.#open(hubId, me),
      close: (keep) => this.#close(keep),
    })
    this.meta = this.session.meta
    this.connectionState = computed(() => this.#account.value?.connection.state.value ?? 'stopped')
    this.nextAttemptAt = computed(() => this.#account.value?.connection.nextAttemptAt.value)
    this.asleep = computed(() => this.#account.value?.connection.asleep.value ?? false)
    this.memoryOnly = computed(() => this.#account.value?.cache.memoryOnly.value ?? false)
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

  get pins(): Stores['pins'] {
    return this.#stores().pins
  }

  get chatRevisions(): Stores['chatRevisions'] {
    return this.#stores().chatRevisions
  }

  get saved(): Stores['saved'] {
    return this.#stores().saved
  }

  get groups(): Stores['groups'] {
    return this.#stores().groups
  }

  /** `https://team.local:7788`: what a link to this hub begins with, wherever it is opened. */
  get origin(): string {
    return this.#origins()[0] ?? location.origin
  }

  /** Whether this is an address of this very hub. */
  hasOrigin(origin: string): boolean {
    return this.#origins().includes(origin)
  }

  /** Address of the picture of a person, or '' while they have none. Watched. */
  avatarAddress(userId: string): string {
    const avatar = this.users.get(userId)?.avatar
    return avatar ? addressesOf(this.base).api(`/api/users/${userId}/avatar/${avatar}`) : ''
  }

  /** Of a chat: of the other person, or of the group. Watched. */
  chatPictureAddress(chat: { id: string; peer?: string; picture?: string }): string {
    if (chat.peer !== undefined) return this.avatarAddress(chat.peer)
    return chat.picture ? addressesOf(this.base).api(`/api/chats/${chat.id}/picture/${chat.picture}`) : ''
  }

  /** Address of a file, or of a smaller picture of it. */
  fileAddress(fileId: string, size?: 'list' | 'screen'): string {
    const path = `/api/files/${encodeURIComponent(fileId)}`
    return addressesOf(this.base).api(size === undefined ? path : `${path}/preview?size=${size}`)
  }

  /** The opened chat, the same object each time while it is in use. */
  conversation(chatId: string): Conversation {
    return this.#stores().conversations.open(chatId)
  }

  /** Into the outbox of another chat than the one on screen; with the files of a message, where it has some. */
  forward(chatId: string, text: string, source?: PendingMessage['forward']): void {
    this.#stores().outbox.add(chatId, text, { forward: source })
  }

  /** Resolves when the first screen can be drawn. */
  start(): Promise<void> {
    return this.session.start()
  }

  /** Tries the hub now instead of waiting for the back-off: for a "Try now" button. */
  retryNow(): void {
    this.session.retryNow()
    this.#account.peek()?.connection.retryNow()
  }

  async close(): Promise<void> {
    this.session.close()
    await this.#close('everything')
  }

  #stores(): Stores {
    // An element that is about to go may draw once more after the logout: it gets what it had.
    const account = this.#account.value ?? this.#lastAccount
    if (!account) throw new Error('Nobody is logged in: look at session.status before you ask for stores.')
    return account.stores
  }

  async #open(hubId: string, me: User): Promise<void> {
    const { session } = this
    const account = await Account.open({
      base: this.base,
      hubId,
      myId: me.id,
      myUsername: () => session.me.peek()?.username ?? me.username,
      settings: () => session.settings.value,
      platform: this.#platform,
      credentials: () => session.credentials(),
      csrf: () => session.csrf,
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
