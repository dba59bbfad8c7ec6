import type { HubMeta } from '../../shared/contract/hub.ts'
import type { User } from '../../shared/contract/users.ts'
import { addressesOf } from '../link/addresses.ts'
import type { LinkState } from '../link/link.ts'
import { makeRequest, type Request } from '../link/request.ts'
import { browserSurroundings, type Surroundings } from '../link/surroundings.ts'
import { Account } from './account.ts'
import type { ChatList } from './chat-list.ts'
import type { Chats } from './chats.ts'
import type { Conversation } from './conversation.ts'
import type { Outgoing } from '../sync/outbox.ts'
import type { Edits } from '../sync/edits.ts'
import type { Drafts } from './drafts.ts'
import type { EditDrafts } from './edit-drafts.ts'
import type { Groups } from './groups.ts'
import type { People } from './people.ts'
import type { Pins } from './pins.ts'
import type { Touched } from './touched.ts'
import type { Presences } from './presence.ts'
import { Remembered } from './remembered.ts'
import type { Saved } from './saved.ts'
import type { Search } from './search.ts'
import { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { computed, signal, type ReadonlySignal } from './signal.ts'
import type { Threads } from './threads.ts'
import type { Typing } from './typing.ts'
import type { Uploads } from './uploads.ts'

export interface HubOptions {
  /** '' in a browser, '/hub/<hubId>' on the desktop. */
  base: string
  /** The browser's own unless a test brings others. */
  surroundings?: Surroundings
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
  readonly linkState: ReadonlySignal<LinkState>
  /** While `waiting`: when it is tried again, milliseconds since 1970. */
  readonly nextTryAt: ReadonlySignal<number | undefined>
  /** The hub's computer sleeps, as it has said itself. */
  readonly asleep: ReadonlySignal<boolean>
  /** The page cannot keep anything here (a private window): what is unsent is lost with the window. */
  readonly memoryOnly: ReadonlySignal<boolean>
  /** Asks the hub; throws RequestError. */
  readonly request: Request

  readonly #surroundings: Surroundings
  readonly #origins: () => readonly string[]
  readonly #account = signal<Account | undefined>(undefined)
  #last: Account | undefined

  constructor({ base, surroundings = browserSurroundings(), origins = () => [location.origin] }: HubOptions) {
    this.base = base
    this.#origins = origins
    this.#surroundings = surroundings
    this.request = makeRequest({
      base,
      surroundings,
      link: () => this.#account.peek()?.link,
      csrf: () => this.session.csrf,
    })
    this.session = new Session({
      request: this.request,
      surroundings,
      remembered: new Remembered(surroundings.storage, base),
      open: (hubId, me) => this.#open(hubId, me),
      close: (keep) => this.#close(keep),
    })
    this.meta = this.session.meta
    this.linkState = computed(() => this.#account.value?.link.state.value ?? 'stopped')
    this.nextTryAt = computed(() => this.#account.value?.link.nextTryAt.value)
    this.asleep = computed(() => this.#account.value?.link.asleep.value ?? false)
    this.memoryOnly = computed(() => this.#account.value?.cache.memoryOnly.value ?? false)
  }

  get chats(): Chats {
    return this.#mine().chats
  }

  get chatList(): ChatList {
    return this.#mine().chatList
  }

  get people(): People {
    return this.#mine().people
  }

  get presences(): Presences {
    return this.#mine().presences
  }

  get typing(): Typing {
    return this.#mine().typing
  }

  get drafts(): Drafts {
    return this.#mine().drafts
  }

  get edits(): Edits {
    return this.#mine().edits
  }

  get editDrafts(): EditDrafts {
    return this.#mine().editDrafts
  }

  get search(): Search {
    return this.#mine().search
  }

  get uploads(): Uploads {
    return this.#mine().uploads
  }

  get sessions(): Sessions {
    return this.#mine().sessions
  }

  get threads(): Threads {
    return this.#mine().threads
  }

  get pins(): Pins {
    return this.#mine().pins
  }

  get touched(): Touched {
    return this.#mine().touched
  }

  get saved(): Saved {
    return this.#mine().saved
  }

  get groups(): Groups {
    return this.#mine().groups
  }

  /** `https://team.local:7788`: what a link to this hub begins with, wherever it is opened. */
  get origin(): string {
    return this.#origins()[0] ?? location.origin
  }

  /** Whether this is an address of this very hub. */
  isAt(origin: string): boolean {
    return this.#origins().includes(origin)
  }

  /** Address of the picture of a person, or '' while they have none. Watched. */
  pictureOf(userId: string): string {
    const avatar = this.#mine().people.get(userId)?.avatar
    return avatar ? addressesOf(this.base).api(`/api/users/${userId}/avatar/${avatar}`) : ''
  }

  /** Of a chat: of the other person, or of the group. Watched. */
  pictureOfChat(chat: { id: string; peer?: string; picture?: string }): string {
    if (chat.peer !== undefined) return this.pictureOf(chat.peer)
    return chat.picture ? addressesOf(this.base).api(`/api/chats/${chat.id}/picture/${chat.picture}`) : ''
  }

  /** Address of a file, or of a smaller picture of it. */
  fileAddress(fileId: string, size?: 'list' | 'screen'): string {
    const path = `/api/files/${encodeURIComponent(fileId)}`
    return addressesOf(this.base).api(size === undefined ? path : `${path}/preview?size=${size}`)
  }

  /** The opened chat, the same object each time while it is in use. */
  conversation(chatId: string): Conversation {
    return this.#mine().conversations.open(chatId)
  }

  /** Into the outbox of another chat than the one on screen; with the files of a message, where it has some. */
  forward(chatId: string, text: string, source?: Outgoing['forward']): void {
    this.#mine().forward(chatId, text, source)
  }

  /** Resolves when the first screen can be drawn. */
  start(): Promise<void> {
    return this.session.start()
  }

  /** Tries the hub now instead of waiting for the back-off: for a "Try now" button. */
  retryNow(): void {
    this.session.retryNow()
    this.#account.peek()?.link.retryNow()
  }

  async close(): Promise<void> {
    this.session.close()
    await this.#close('everything')
  }

  #mine(): Account {
    // An element that is about to go may draw once more after the logout: it gets what it had.
    const account = this.#account.value ?? this.#last
    if (!account) throw new Error('Nobody is logged in: look at session.status before you ask for stores.')
    return account
  }

  async #open(hubId: string, me: User): Promise<void> {
    const { session } = this
    const account = await Account.open({
      base: this.base,
      hubId,
      myId: me.id,
      myUsername: () => session.me.peek()?.username ?? me.username,
      settings: () => session.settings.value,
      surroundings: this.#surroundings,
      credentials: () => session.credentials(),
      csrf: () => session.csrf,
      meChanged: (changed) => session.meChanged(changed),
      iChanged: (changes) => session.iChanged(changes),
      hubChanged: (changes) => session.hubChanged(changes),
      ended: () => session.ended(),
      strange: () => session.strange(),
    })
    this.#last = account
    this.#account.value = account
    account.start()
  }

  async #close(keep: 'everything' | 'unsent' | 'drafts'): Promise<void> {
    const account = this.#account.peek()
    this.#account.value = undefined
    await account?.close(keep)
  }
}
