// All users of this hub. The list is loaded as of a head of the hub's stream, and then the entries after that head are
// applied, so that no user who registers meanwhile is missed.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { User } from '../../shared/contract/users.ts'
import { mentionKey, mentionReadings, resolveReading } from '../../shared/text/mentions.ts'
import { findByName } from '../../shared/text/name-search.ts'
import { plainPreview, plainText } from '../../shared/text/plain-text.ts'
import type { Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, signal, type ReadonlySignal } from '../signals/signal.ts'

/** The cached users, and the cursor of the hub's stream they correspond to. */
interface CachedUsers {
  cursor: number
  users: User[]
}

export interface UsersOptions {
  request: Request
  cache: Pick<Cache, 'put'>
  content: CacheContent
}

const pageSize = 200

export class Users implements Store {
  readonly #options: UsersOptions
  readonly #users = new SignalMap<User>()
  #cursor: number | undefined
  #loadCount = 0

  /** By display name, without deactivated users. */
  readonly list: ReadonlySignal<readonly User[]> = computed(() =>
    this.#users.values.value.filter((user) => user.deactivated !== true).sort(compareByName),
  )

  /** Users who came while the page was open, with who let them in; the latest last. */
  readonly arrivals: ReadonlySignal<readonly { user: User; by: string | undefined }[]>
  readonly #arrivals = signal<readonly { user: User; by: string | undefined }[]>([])

  readonly #byMentionKey = computed(
    () => new Map(this.list.value.map((user) => [mentionKey(user.username), user])),
  )

  constructor(options: UsersOptions) {
    this.#options = options
    this.arrivals = this.#arrivals
    const cached = options.content.meta.get('users') as CachedUsers | undefined
    if (!cached) return
    this.#users.replace(cached.users.map((user) => [user.id, user]))
    this.#cursor = cached.cursor
  }

  /** The cursor of the hub's stream these users correspond to; undefined until all are loaded. */
  get cursor(): number | undefined {
    return this.#cursor
  }

  /** Watched. Undefined for a user who is not loaded yet: show a placeholder. */
  get(userId: string): User | undefined {
    return this.#users.get(userId)
  }

  /** True if a user has this name, in the form of `mentionKey`. Not watched. */
  hasName(key: string): boolean {
    return this.#byMentionKey.peek().has(key)
  }

  /** The display name, or '' while it is not loaded. Watched. */
  nameOf(userId: string): string {
    return this.get(userId)?.displayName ?? ''
  }

  /** `@name` in a plain text: with the display name, as the message shows it, if it mentions a user. Watched. */
  readonly mentionText = (sign: string, name: string): string => {
    const mentioned = resolveReading(mentionReadings(name), (key) => this.#byMentionKey.value.get(key))
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

  /** Users whose username or display name fits `query`, the closest first. Watched. */
  search(query: string): readonly User[] {
    return findByName(this.list.value, query, (user) => [user.displayName, user.username])
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'user.added' && !this.#users.peek(entry.user.id))
      this.#arrivals.value = [...this.#arrivals.peek(), { user: entry.user, by: entry.by }]
    if (entry.type === 'user.added' || entry.type === 'user.updated') this.put(entry.user)
    else if (entry.type === 'member.added') this.addIfUnknown(entry.user)
  }

  /** From the hub's stream, or from the response to the user's own request. */
  put(user: User): void {
    this.#users.set(user.id, user)
  }

  /** A user from another source, such as a list of members: the hub's stream is more recent. */
  addIfUnknown(user: User): void {
    if (!this.#users.peek(user.id)) this.#users.set(user.id, user)
  }

  /** Loads all users as of `head` or later. Returns false if another call has overtaken it. */
  async load(head: number): Promise<boolean> {
    const mine = ++this.#loadCount
    this.#cursor = undefined
    const users: User[] = []
    for (let more = true, after: string | undefined; more;) {
      const page = await this.#options.request('users.list', {
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      })
      if (mine !== this.#loadCount) return false
      users.push(...page.users)
      after = page.users.at(-1)?.id
      more = page.more && after !== undefined
    }
    this.#users.replace(users.map((user) => [user.id, user]))
    this.#setCursor(head)
    return true
  }

  onCursorMoved(stream: StreamId, cursor: number): void {
    if (stream === 'hub') this.#setCursor(cursor)
  }

  #setCursor(cursor: number): void {
    if (cursor === this.#cursor) return
    this.#cursor = cursor
    const cached: CachedUsers = { cursor, users: [...this.#users.values.peek()] }
    this.#options.cache.put('meta', 'users', cached)
  }

  onHistoryReset(): void {
    this.#loadCount += 1
    this.#cursor = undefined
    this.#options.cache.put('meta', 'users', undefined)
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

function compareByName(a: User, b: User): number {
  return collator.compare(a.displayName, b.displayName) || (a.id < b.id ? -1 : 1)
}
