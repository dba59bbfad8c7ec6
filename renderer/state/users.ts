// The users of this hub that the page knows. On a small hub all: they are loaded as of a head of the hub's stream, and then
// the entries after that head are applied, so that no user who registers meanwhile is missed. On a large hub those that the
// state brings, that something on screen asks for, and that a search finds; entries change those.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { mentionKey, mentionReadings, resolveReading } from '../../shared/text/mentions.ts'
import { findByName } from '../../shared/text/name-search.ts'
import { plainPreview, plainText } from '../../shared/text/plain-text.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { Timer } from '../connection/timer.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { authorsOf } from './message-authors.ts'
import type { LiveState, MessageChange, Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import { UserLookup } from './user-lookup.ts'
import { UserSearch } from './user-search.ts'

/** The cached users, and the cursor of the hub's stream they correspond to. */
interface CachedUsers {
  cursor: number
  users: User[]
  /** There are others. */
  isPartial?: boolean
}

export interface UsersOptions {
  request: Request
  isLive: () => boolean
  clock: Clock
  cache: Pick<Cache, 'put'>
  content: CacheContent
  /** Of users whom the page shows without asking the hub: those of cached messages, for example. */
  neededIds: () => Iterable<string>
}

const pageSize = limits.page.users
const saveDelayMs = 1_000
/** More than these were collected over weeks: the page begins again with those that it needs. */
const maxKeptUsers = 3_000

export class Users implements Store {
  readonly #options: UsersOptions
  readonly #users = new SignalMap<User>()
  /** Without deactivated users. */
  readonly #byMentionKey = new SignalMap<User>()
  readonly #lookup: UserLookup
  readonly #search: UserSearch
  readonly #saveTimer: Timer
  #cursor: number | undefined
  readonly #isPartial = signal(false)
  #loadCount = 0
  /** Ids of users who may have changed since they were cached. */
  readonly #stale = new Set<string>()

  /** By display name, without deactivated users. On a large hub those that are known. */
  readonly list: ReadonlySignal<readonly User[]> = computed(() =>
    this.#users.values.value.filter((user) => user.deactivated !== true).sort(compareByName),
  )

  /** The user is the only one of this hub. */
  readonly isAlone: ReadonlySignal<boolean> = computed(
    () => !this.#isPartial.value && this.list.value.length === 1,
  )

  /** Users who came while the page was open, with who let them in; the latest last. */
  readonly arrivals: ReadonlySignal<readonly { user: User; by: string | undefined }[]>
  readonly #arrivals = signal<readonly { user: User; by: string | undefined }[]>([])

  constructor(options: UsersOptions) {
    this.#options = options
    const { request, isLive, clock } = options
    const mayAsk = (): boolean => this.#isPartial.value && isLive()
    const onFound = (users: readonly User[]): void => this.#addFound(users)
    this.#lookup = new UserLookup({ request, clock, mayAsk, onFound })
    this.#search = new UserSearch({ request, clock, mayAsk, onFound })
    this.#saveTimer = new Timer(clock)
    this.arrivals = this.#arrivals
    const cached = options.content.meta.get('users') as CachedUsers | undefined
    if (!cached) return
    this.#replace(cached.users)
    this.#cursor = cached.cursor
    this.#isPartial.value = cached.isPartial === true
  }

  /** The cursor of the hub's stream these users correspond to; undefined until all are loaded that are going to be. */
  get cursor(): number | undefined {
    return this.#cursor
  }

  /** True on a large hub, with users that are not known here. Watched. */
  get isPartial(): boolean {
    return this.#isPartial.value
  }

  /** Watched. Undefined for a user who is not known yet: show a placeholder. A large hub is asked for them. */
  get(userId: string): User | undefined {
    const user = this.#users.get(userId)
    if (!user && userId !== '' && this.#mayBeElsewhere) this.#lookup.want(userId)
    return user
  }

  /** As `get`, but waits for the hub. Returns undefined if it does not know the user, or is away. */
  async fetch(userId: string): Promise<User | undefined> {
    const known = this.#users.peek(userId)
    if (known || !this.#isPartial.peek() || !this.#options.isLive()) return known
    try {
      this.#addFound((await this.#options.request('users.find', { ids: userId })).users)
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
    return this.#users.peek(userId)
  }

  /** Watched. The active user with this name, in the form of `mentionKey`. */
  byMentionKey(key: string): User | undefined {
    const user = this.#byMentionKey.get(key)
    if (!user && this.#mayBeElsewhere) this.#lookup.want(`@${key}`)
    return user
  }

  /** True if a user has this name, in the form of `mentionKey`. Not watched. */
  hasName(key: string): boolean {
    return this.#byMentionKey.peek(key) !== undefined
  }

  /** The display name, or '' while it is not loaded. Watched. */
  nameOf(userId: string): string {
    return this.get(userId)?.displayName ?? ''
  }

  /** `@name` in a plain text: with the display name, as the message shows it, if it mentions a user. Watched. */
  readonly mentionText = (sign: string, name: string): string => {
    const mentioned = resolveReading(mentionReadings(name), (key) => this.byMentionKey(key))
    if (!mentioned) return sign + name
    return `@${mentioned.found.displayName}${name.slice(mentioned.name.length)}`
  }

  /** The text of a message without marks, with the display names of mentioned users. Watched. */
  plainText(text: string): string {
    return plainText(text, this.mentionText)
  }

  /** Like `plainText`, for the first characters of a text. Watched. */
  plainPreview(text: string): string {
    return plainPreview(text, this.mentionText)
  }

  /**
   * Users whose username or display name fits `query`, the closest first. A large hub adds as many behind them. Watched.
   */
  search(query: string, limit: number, isWanted: (user: User) => boolean = () => true): User[] {
    const wanted = this.list.value.filter(isWanted)
    const found = findByName(wanted, query, (user) => [user.displayName, user.username])
    const late = this.lateOf(query)
    if (late.size === 0) return found.slice(0, limit)
    const byId = new Map(found.map((user) => [user.id, user]))
    const added = [...late].flatMap((id) => byId.get(id) ?? [])
    return [...found.filter(({ id }) => !late.has(id)).slice(0, limit), ...added.slice(0, limit)]
  }

  /** Asks a large hub for a query. Returns the ids of users who became known since it was typed. Watched. */
  lateOf(query: string): ReadonlySet<string> {
    return new Set(this.#search.lateOf(query))
  }

  /** The hub has not answered yet, and may know others. Watched. */
  isSearching(query: string): boolean {
    return this.#search.isPending(query)
  }

  /** Resolves when a large hub has added what it finds for a query, to what `lateOf` returns then. */
  whenSearched(query: string): Promise<readonly string[]> {
    return this.#search.whenAnswered(query)
  }

  /** False if the next state must bring the users again. */
  canContinue(isLarge: boolean): boolean {
    if (this.#cursor === undefined) return false
    return isLarge === this.#isPartial.peek() && (!isLarge || this.#users.keys().length <= maxKeptUsers)
  }

  /** What is known is shown until the hub has brought it again. */
  startOver(): void {
    this.#loadCount += 1
    this.#cursor = undefined
  }

  applyState({ me: { settings: _, ...me }, heads, users = [], wants }: LiveState): void {
    batch(() => {
      this.#isPartial.value = wants?.includes('users') ?? false
      if (!this.#isPartial.peek()) return
      if (this.#cursor === undefined) this.#keepNeeded()
      for (const user of [...users, me]) this.put(user)
      this.#setCursor(this.#cursor ?? heads['hub'] ?? 0)
    })
  }

  onState(): void {
    if (!this.#isPartial.peek()) return this.#lookup.clear()
    this.#lookup.onState()
    this.need(this.#options.neededIds())
  }

  /** Asks a large hub for those that are not known: their names are shown without it, too. */
  need(userIds: Iterable<string>): void {
    if (!this.#isPartial.peek()) return
    for (const userId of userIds)
      if (!this.#users.peek(userId) || this.#stale.has(userId)) this.#lookup.want(userId)
  }

  applyMessage({ message }: MessageChange): void {
    this.need(authorsOf([message]))
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'user.added' || entry.type === 'user.updated') this.#applyUser(entry)
    else if (entry.type === 'member.added') this.addIfUnknown(entry.user)
  }

  #applyUser(entry: Extract<Entry, { type: 'user.added' | 'user.updated' }>): void {
    const { user, type, by } = entry
    const isKnown = this.#users.peek(user.id) !== undefined
    if (type === 'user.added' && !isKnown) this.#arrivals.value = [...this.#arrivals.peek(), { user, by }]
    const isWanted = this.#lookup.forget(user.id, `@${mentionKey(user.username)}`)
    // a response that is on its way may be older
    const isAsking = this.#lookup.isAsking || this.#search.isAsking
    if (isKnown || isWanted || isAsking || !this.#isPartial.peek()) this.put(user)
  }

  /** From the hub's stream, or from the response to the user's own request. */
  put(user: User): void {
    batch(() => {
      const before = this.#users.peek(user.id)
      if (before) this.#dropName(before)
      this.#stale.delete(user.id)
      this.#users.set(user.id, user)
      if (!user.deactivated) this.#byMentionKey.set(mentionKey(user.username), user)
      if (!before) this.#search.onAdded([user.id])
      if (this.#isPartial.peek()) this.#saveLater()
    })
  }

  /** A user from another source, such as a list of members: the hub's stream is more recent. */
  addIfUnknown(user: User): void {
    if (!this.#users.peek(user.id) || this.#stale.has(user.id)) this.put(user)
  }

  /** Loads all users as of `head` or later, or those that are known. Returns false if another call has overtaken it. */
  async load(head: number): Promise<boolean> {
    const mine = ++this.#loadCount
    this.#cursor = undefined
    const isCurrent = (): boolean => mine === this.#loadCount
    const users = this.#isPartial.peek() ? await this.#reload(isCurrent) : await this.#listAll(isCurrent)
    if (!users) return false
    this.#replace(users)
    this.#lookup.clear()
    this.#setCursor(head)
    return true
  }

  async #listAll(isCurrent: () => boolean): Promise<User[] | undefined> {
    const users: User[] = []
    for (let more = true, after: string | undefined; more;) {
      const page = await this.#options.request('users.list', {
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      })
      if (!isCurrent()) return undefined
      users.push(...page.users)
      after = page.users.at(-1)?.id
      more = page.more && after !== undefined
    }
    return users
  }

  async #reload(isCurrent: () => boolean): Promise<User[] | undefined> {
    const users: User[] = []
    const ids = this.#users.keys()
    for (let from = 0; from < ids.length; from += pageSize) {
      const some = ids.slice(from, from + pageSize).join(',')
      users.push(...(await this.#options.request('users.find', { ids: some })).users)
      if (!isCurrent()) return undefined
    }
    return users
  }

  onCursorMoved(stream: StreamId, cursor: number): void {
    if (stream === 'hub') this.#setCursor(cursor)
  }

  onHistoryReset(): void {
    this.startOver()
    this.#options.cache.put('meta', 'users', undefined)
  }

  close(): void {
    this.#lookup.close()
    this.#search.close()
    if (this.#saveTimer.isSet) this.#save()
    this.#saveTimer.clear()
  }

  /** Until all users are loaded it is not known if they are going to be. */
  get #mayBeElsewhere(): boolean {
    return this.#isPartial.value || this.#cursor === undefined
  }

  #addFound(users: readonly User[]): void {
    batch(() => {
      for (const user of users) this.addIfUnknown(user)
    })
  }

  #setCursor(cursor: number): void {
    if (cursor === this.#cursor) return
    this.#cursor = cursor
    if (this.#isPartial.peek()) this.#saveLater()
    else this.#save()
  }

  /** Users become known one after the other. */
  #saveLater(): void {
    this.#saveTimer.setIfUnset(saveDelayMs, () => this.#save())
  }

  #save(): void {
    if (this.#cursor === undefined) return
    const isPartial = this.#isPartial.peek()
    const users = [...this.#users.values.peek()]
    const cached: CachedUsers = { cursor: this.#cursor, users, ...(isPartial && { isPartial }) }
    this.#options.cache.put('meta', 'users', cached)
  }

  #replace(users: readonly User[]): void {
    batch(() => {
      this.#users.replace(users.map((user) => [user.id, user]))
      this.#stale.clear()
      const named = users.filter((user) => !user.deactivated)
      this.#byMentionKey.replace(named.map((user) => [mentionKey(user.username), user]))
    })
  }

  #keepNeeded(): void {
    const needed = new Set(this.#options.neededIds())
    const kept = this.#users.values.peek().filter(({ id }) => needed.has(id))
    this.#replace(kept)
    for (const { id } of kept) this.#stale.add(id)
  }

  #dropName(user: User): void {
    const key = mentionKey(user.username)
    if (this.#byMentionKey.peek(key)?.id === user.id) this.#byMentionKey.delete(key)
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

function compareByName(a: User, b: User): number {
  return collator.compare(a.displayName, b.displayName) || (a.id < b.id ? -1 : 1)
}
