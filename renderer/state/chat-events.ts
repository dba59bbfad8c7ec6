// What happened to a chat besides its messages: members who came and went, its name, topic and picture.
//
// The events are entries of the stream of the chat. They are fetched for the range of messages that is on screen, and
// live ones are added as they arrive. A range is fetched once; entries never change.
import type { Entry } from '../../shared/contract/entries.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import { type ChatEvent, isChatEvent } from './chat-event.ts'
import type { KeptEvents } from './kept-events.ts'
import type { Users } from './users.ts'

export interface ChatEventsOptions {
  chatId: string
  request: Request
  users: Pick<Users, 'addIfUnknown'>
  keptEvents: Pick<KeptEvents, 'get' | 'add'>
}

/** Both ends belong to the range. */
interface SeqRange {
  readonly from: number
  readonly to: number
}

/** A team of thousands that was added at once: more lines than these, nobody reads. */
const maxPages = 5

export class ChatEvents {
  readonly #options: ChatEventsOptions
  readonly #all = signal<readonly ChatEvent[]>([])
  #fetched: readonly SeqRange[] = []
  #resetCount = 0

  /** Ascending by `seq`. */
  readonly all: ReadonlySignal<readonly ChatEvent[]> = this.#all

  constructor(options: ChatEventsOptions) {
    this.#options = options
    this.#all.value = options.keptEvents.get(options.chatId)
  }

  /** Fetches what is missing in a range. @throws RequestError */
  async ensure(from: number, to: number): Promise<void> {
    const gaps = findGaps(this.#fetched, { from, to })
    const resetCount = this.#resetCount
    this.#fetched = [...this.#fetched, ...gaps]
    try {
      for (const gap of gaps) await this.#fetch(gap)
    } catch (error) {
      if (resetCount === this.#resetCount)
        this.#fetched = this.#fetched.filter((each) => !gaps.includes(each))
      throw error
    }
  }

  /** Like `ensure`; without the hub the lines are missing until the next time. */
  ensureQuietly(from: number, to: number): void {
    this.ensure(from, to).catch((error: unknown) => {
      if (!isRequestError(error)) throw error
    })
  }

  applyEntry(entry: Entry): void {
    if (isChatEvent(entry)) this.#add([entry])
  }

  reset(): void {
    this.#resetCount += 1
    this.#fetched = []
    this.#all.value = []
  }

  async #fetch({ from, to }: SeqRange): Promise<void> {
    const { chatId, request, users } = this.#options
    const resetCount = this.#resetCount
    for (let before = to + 1, pages = 0; pages < maxPages; pages += 1) {
      const { entries, more } = await request('chats.events', {
        chatId,
        after: Math.max(0, from - 1),
        before,
      })
      if (resetCount !== this.#resetCount) return
      const events = entries.filter(isChatEvent)
      for (const event of events) if ('user' in event) users.addIfUnknown(event.user)
      this.#add(events)
      this.#options.keptEvents.add(chatId, events)
      const [first] = events
      if (!more || !first) return
      before = first.seq
    }
  }

  #add(events: readonly ChatEvent[]): void {
    const known = new Set(this.#all.peek().map(({ seq }) => seq))
    const added = events.filter(({ seq }) => !known.has(seq))
    if (added.length > 0) this.#all.value = [...this.#all.peek(), ...added].sort((a, b) => a.seq - b.seq)
  }
}

function findGaps(known: readonly SeqRange[], wanted: SeqRange): SeqRange[] {
  let gaps = wanted.from <= wanted.to ? [wanted] : []
  for (const range of known) {
    gaps = gaps.flatMap(({ from, to }) => {
      if (range.to < from || range.from > to) return [{ from, to }]
      return [
        ...(from < range.from ? [{ from, to: range.from - 1 }] : []),
        ...(to > range.to ? [{ from: range.to + 1, to }] : []),
      ]
    })
  }
  return gaps
}
