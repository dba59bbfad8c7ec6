// Searches the messages that this device keeps: the results are there while the user types, and while the hub is away. It finds
// words as the hub does, in the newest messages of each chat only.
import type { Message } from '../../shared/contract/messages.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { foldAccents } from '../../shared/text/name-search.ts'
import { parseQuery, type QueryTerm } from '../../shared/text/search.ts'
import type { CachedMessage } from './cached-message.ts'
import { isDeleted, type RecentMessages } from './recent-messages.ts'
import type { SearchChip, SearchQuery } from './search-query.ts'

const maxHits = 30
const contextLength = 240
/** Shorter terms match the beginning of a word only: anywhere, they are in most messages. */
const minInnerTermLength = 3
const wordPattern = /[\p{L}\p{N}\p{M}]+/gu
const spacelessScript =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u

export class KeptSearch {
  readonly #recentMessages: Pick<RecentMessages, 'chats'>
  /** Folding is most of the work, and most messages are searched again with the next key. */
  readonly #folded = new WeakMap<CachedMessage, string>()

  constructor(recentMessages: Pick<RecentMessages, 'chats'>) {
    this.#recentMessages = recentMessages
  }

  /** Returns the newest messages that fit, or undefined if only the hub can tell. */
  find({ text, chips }: SearchQuery): Hit[] | undefined {
    const { terms, filters } = parseQuery(text)
    if (filters.length > 0) return undefined
    if (chips.some(({ kind }) => kind === 'is')) return undefined
    const words = toWords(terms)
    if (!words || (words.wanted.length === 0 && chips.length === 0)) return undefined
    const found: Hit[] = []
    // The oldest of the hits, once there are enough: older messages are not looked at.
    let oldestAt = 0
    for (const [chatId, { messages }] of this.#recentMessages.chats()) {
      if (chips.some((chip) => chip.kind === 'in' && chip.chatId !== chatId)) continue
      for (let at = messages.length - 1; at >= 0; at -= 1) {
        const message = messages[at] as CachedMessage
        if (isDeleted(message)) continue
        if (message.at < oldestAt) break
        if (!this.#fits(message, words, chips)) continue
        found.push({ message, chatId, highlights: [], context: { text: '', start: 0 } })
        if (found.length % maxHits === 0) oldestAt = keepNewest(found)
      }
    }
    keepNewest(found)
    return found.map((hit) => ({ ...hit, ...highlight(hit.message.text, words.wanted.flat()) }))
  }

  #fits(message: Message, { wanted, excluded }: Words, chips: readonly SearchChip[]): boolean {
    if (!chips.every((chip) => fitsChip(message, chip))) return false
    if (wanted.length + excluded.length === 0) return true
    let folded = this.#folded.get(message)
    if (folded === undefined) this.#folded.set(message, (folded = foldAccents(message.text)))
    const has = (one: Matcher): boolean => one.test(folded)
    return wanted.every((any) => any.some(has)) && !excluded.some(has)
  }
}

interface Matcher {
  /** For a folded text. */
  test: (folded: string) => boolean
  /** For one folded word. */
  marks: (word: string) => boolean
}

interface Words {
  /** Each element is a list of alternatives. */
  wanted: readonly (readonly Matcher[])[]
  excluded: readonly Matcher[]
}

/** Undefined if one of the terms cannot be searched for. */
function toWords(terms: readonly QueryTerm[]): Words | undefined {
  const wanted: Matcher[][] = []
  const excluded: Matcher[] = []
  for (const term of terms) {
    const matcher = toMatcher(term)
    if (!matcher) return undefined
    const last = wanted.at(-1)
    if (term.isExcluded) excluded.push(matcher)
    else if (term.isAlternative && last) last.push(matcher)
    else wanted.push([matcher])
  }
  return { wanted, excluded }
}

/** Undefined if nothing of the term can be searched for. */
function toMatcher({ text, exact }: QueryTerm): Matcher | undefined {
  const term = foldAccents(text)
  const words = term.match(wordPattern)
  if (!words) return undefined
  const marks = (word: string): boolean => words.some((each) => word.includes(each))
  if (!exact && (term.length >= minInnerTermLength || spacelessScript.test(term)))
    return { test: (folded) => folded.includes(term), marks }
  return { test: (folded) => includesAtWordStart(folded, term, exact), marks }
}

function includesAtWordStart(folded: string, term: string, isWhole: boolean): boolean {
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
    const isStart = at === 0 || !isWordCharacter(folded.charAt(at - 1))
    if (isStart && !(isWhole && isWordCharacter(folded.charAt(at + term.length)))) return true
  }
  return false
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}\p{M}]/u.test(character) && !spacelessScript.test(character)
}

function fitsChip(message: Message, chip: SearchChip): boolean {
  switch (chip.kind) {
    // only the hub knows what is pinned or in a thread: such a query does not come here
    case 'is':
    case 'in':
      return true
    case 'from':
      return message.author === chip.userId
    case 'before':
      return message.at < chip.at
    case 'after':
      return message.at >= chip.at
    case 'has':
      if (chip.has === 'link') return /\bhttps?:\/\//i.test(message.text)
      return message.attachments.some(({ type }) => chip.has === 'file' || type.startsWith('image/'))
  }
}

/** Leaves the newest; returns the time of the oldest of them, or 0 if there is room for more. */
function keepNewest(hits: Hit[]): number {
  hits.sort((a, b) => b.message.at - a.message.at)
  hits.length = Math.min(hits.length, maxHits)
  return hits.length === maxHits ? (hits.at(-1)?.message.at ?? 0) : 0
}

function highlight(text: string, wanted: readonly Matcher[]): Pick<Hit, 'highlights' | 'context'> {
  const highlights: Hit['highlights'] = []
  for (const { 0: word, index } of text.matchAll(wordPattern)) {
    const folded = foldAccents(word)
    if (wanted.some((one) => one.marks(folded))) highlights.push({ start: index, end: index + word.length })
  }
  const start = Math.max(0, (highlights[0]?.start ?? 0) - contextLength / 4)
  return { highlights, context: { text: text.slice(start, start + contextLength), start } }
}
