import type { ListedGroup } from '../../shared/contract/chats.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Request } from '../connection/request.ts'
import type { Chats } from './chats.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'

export interface GroupsOptions {
  request: Request
  chats: Pick<Chats, 'get'>
}

/** Public groups I am not in, kept live while they are looked at. Join with `chats.join`. */
export class Groups {
  readonly #options: GroupsOptions
  readonly #groups = new SignalMap<ListedGroup>()
  readonly #ready = signal(false)
  #loadCount = 0

  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** A part of the name, in any case; `list` follows. The hub answers 200 at most: for more, load again. */
  readonly query: Signal<string> = signal('')
  /** By name. */
  readonly list: ReadonlySignal<readonly ListedGroup[]> = computed(() => {
    const part = foldCase(this.query.value.trim())
    return this.#groups.values.value
      .filter((group) => !this.#options.chats.get(group.id) && foldCase(group.name).includes(part))
      .sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
  })

  constructor(options: GroupsOptions) {
    this.#options = options
  }

  /** Call when the list is opened, and when `query` changed in a hub of very many groups. Throws RequestError. */
  async load(): Promise<void> {
    const mine = ++this.#loadCount
    const query = this.query.peek().trim()
    const { chats } = await this.#options.request('chats.discover', query === '' ? {} : { query })
    if (mine !== this.#loadCount) return
    this.#groups.replace(chats.map((group) => [group.id, group]))
    this.#ready.value = true
  }

  /** Also for one that I have left. */
  add(group: ListedGroup): void {
    if (this.#ready.peek()) this.#groups.set(group.id, group)
  }

  remove(groupId: string): void {
    this.#groups.delete(groupId)
  }

  /** What is known may be of another time: those who look at it load again. */
  reset(): void {
    this.#loadCount += 1
    this.#ready.value = false
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
