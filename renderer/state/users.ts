// Everybody on this hub. The head of the hub's stream is taken first, then the list is fetched, then the entries after
// that head are applied, so nobody who comes meanwhile is missed.
import type { User } from '../../shared/contract/users.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, type ReadonlySignal } from '../signals/signal.ts'

/** As it is kept: people and the place in the hub's stream up to which they are right. */
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

export class Users {
  readonly #options: UsersOptions
  readonly #users = new SignalMap<User>()
  #cursor: number | undefined
  #loadCount = 0

  /** By display name, without those who were deactivated. */
  readonly list: ReadonlySignal<readonly User[]> = computed(() =>
    this.#users.values.value.filter((user) => user.deactivated !== true).sort(compareByName),
  )

  constructor(options: UsersOptions) {
    this.#options = options
    const kept = options.content.meta.get('people') as CachedUsers | undefined
    if (!kept) return
    this.#users.replace(kept.users.map((user) => [user.id, user]))
    this.#cursor = kept.cursor
  }

  /** The place in the hub's stream up to which everybody is known; undefined until they were all fetched. */
  get cursor(): number | undefined {
    return this.#cursor
  }

  /** Watched. Undefined for somebody not known yet: show a shape, it comes. */
  get(userId: string): User | undefined {
    return this.#users.get(userId)
  }

  /** The display name, or '' while not known. Watched. */
  nameOf(userId: string): string {
    return this.get(userId)?.displayName ?? ''
  }

  /** Those whose name or display name has `query` in it, in any case. Watched. */
  search(query: string): readonly User[] {
    const part = foldCase(query.trim())
    if (part === '') return this.list.value
    return this.list.value.filter(
      (user) => foldCase(user.displayName).includes(part) || foldCase(user.username).includes(part),
    )
  }

  /** An entry of the hub's stream. */
  put(user: User): void {
    this.#users.set(user.id, user)
  }

  /** Somebody met elsewhere, in a list of members: what the hub's stream said of them counts more. */
  addIfUnknown(user: User): void {
    if (!this.#users.peek(user.id)) this.#users.set(user.id, user)
  }

  /** Fetches everybody as of `head` or later; answers whether it is done, false when another call overtook it. */
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
    this.setCursor(head)
    return true
  }

  setCursor(cursor: number): void {
    if (cursor === this.#cursor) return
    this.#cursor = cursor
    const kept: CachedUsers = { cursor, users: [...this.#users.values.peek()] }
    this.#options.cache.put('meta', 'people', kept)
  }

  /** What is known belongs to another epoch. */
  reset(): void {
    this.#loadCount += 1
    this.#cursor = undefined
    this.#options.cache.put('meta', 'people', undefined)
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

function compareByName(a: User, b: User): number {
  return collator.compare(a.displayName, b.displayName) || (a.id < b.id ? -1 : 1)
}
