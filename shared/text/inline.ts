// What stands within a line of a message: emphasis, code, links, mentions, groups. The rules are those of chats, not of
// documents: what people type without meaning a mark comes out as typed (`snake_case`, `2*3*4`, `*_*`, `C:\dir\`).
//
// Linear on any input: each character is looked at a bounded number of times, what is open is held in stacks of at most
// `deepest`, and an address is looked for over at most `longestAddress` characters. `Meter` counts it for the tests.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'em' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  /** `bare`: the address itself was written. It may be no valid address; who shows it checks that. */
  | { kind: 'link'; address: string; bare: boolean; children: Inline[] }
  /** What follows the @, with the punctuation after it: "ann." may be a name, or Ann at the end of a sentence. */
  | { kind: 'mention'; name: string }
  /** `text` is how it was typed. */
  | { kind: 'group'; name: string; text: string }

export interface Meter {
  steps: number
}

const deepest = 16
const longestAddress = 2048

const special = /[\\`*_~[\]@#]/g
// Each alternative begins in one place only and has a bounded or unambiguous run.
const bareLink =
  /\b(?:https?:\/\/|www\.(?=[\p{L}\p{N}]))(?:(?!\]\()[^\s<>"“”«»`])+|\bmailto:(?:(?!\]\()[^\s<>"“”«»`])+|(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu
const mention = /(?<![\p{L}\p{M}\p{Nd}.\-'@]_?)@([\p{L}\p{M}\p{Nd}._\-']{2,64})/uy
const group =
  /(?<![\p{L}\p{M}\p{Nd}_&/#])#(?:\[([^[\]\n]{1,255})\]|([\p{L}\p{M}\p{Nd}][\p{L}\p{M}\p{Nd}._\-&'+]{0,63}))/uy
const addressStart = /(?:https?:\/\/|mailto:|www\.)/iy

const letter = /[\p{L}\p{M}]/u
const word = /[\p{L}\p{M}\p{N}]/u
/** Written without spaces, so that a mark between two letters is a mark. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** A mark after one of these is part of a face, a path or a formula. */
const noOpening = /[\\\-^;.=:@<>&%$#+/]/
const worthMarking = /[\p{L}\p{N}\p{Sc}\p{Extended_Pictographic}]/u

/** One paragraph: marks open and close within it. */
export function parseInline(text: string, meter: Meter = { steps: 0 }): Inline[] {
  special.lastIndex = 0
  if (!special.test(text) && !mayLink(text)) return text === '' ? [] : [{ kind: 'text', text }]
  return new Scanner(text, meter).scan()
}

interface Opener {
  mark: string
  length: number
  /** Place of its own text among the nodes. */
  at: number
  /** Where what it holds begins. */
  from: number
}

interface Bracket {
  at: number
  openers: number
}

class Scanner {
  readonly #text: string
  readonly #meter: Meter
  readonly #nodes: Inline[] = []
  readonly #openers: Opener[] = []
  #brackets: Bracket[] = []
  /** Where each length of a run of backticks stands, found when the first one is met. */
  #ticks: Map<number, number[]> | undefined
  readonly #links: { from: number; to: number }[]

  constructor(text: string, meter: Meter) {
    this.#text = text
    this.#meter = meter
    this.#links = bareLinks(text).reverse()
  }

  scan(): Inline[] {
    const text = this.#text
    for (let at = 0; at < text.length;) {
      this.#meter.steps += 1
      while (this.#links.length > 0 && (this.#links.at(-1)?.from as number) < at) this.#links.pop()
      special.lastIndex = at
      const marked = special.exec(text)?.index ?? text.length
      const link = this.#links.at(-1)
      const next = Math.min(marked, link?.from ?? text.length)
      if (next > at) this.#put(text.slice(at, next))
      at = next
      if (link && link.from === at) {
        const shown = text.slice(at, link.to)
        this.#nodes.push({
          kind: 'link',
          address: shown,
          bare: true,
          children: [{ kind: 'text', text: shown }],
        })
        at = link.to
      } else if (at < text.length) {
        at = this.#special(at)
      }
    }
    return tidy(this.#nodes)
  }

  /** Takes what begins here and answers where to go on. */
  #special(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return this.#backslash(at)
      case '`':
        return this.#code(at)
      case '[':
        return this.#open(at)
      case ']':
        return this.#close(at)
      case '@':
        return this.#mention(at)
      case '#':
        return this.#group(at)
      default:
        return this.#emphasis(at)
    }
  }

  #put(text: string): void {
    this.#nodes.push({ kind: 'text', text })
  }

  /** What follows a backslash marks nothing. The backslash itself goes only where it was needed for that. */
  #backslash(at: number): number {
    const next = this.#text[at + 1] ?? ''
    if (!/[*_~`[\]@#]/.test(next)) {
      this.#put('\\')
      return at + 1
    }
    if (next === '`') {
      const length = runOf(this.#text, at + 1, '`')
      this.#put('`'.repeat(length))
      return at + 1 + length
    }
    this.#put(next === '_' && this.#isPath(at) ? '\\_' : next)
    return at + 2
  }

  /** `dir\_build` and `¯\_(ツ)_/¯` are no escapes, `\_not slanted\_` is two. */
  #isPath(at: number): boolean {
    const before = this.#before(at)
    const after = this.#at(at + 2)
    if (before === '' || /[\s([{"'“‘*~]/u.test(before)) return false
    return !(word.test(before) && (after === '' || /[\s)\]}"'”’.,!?*~]/u.test(after)))
  }

  #code(at: number): number {
    const text = this.#text
    const length = runOf(text, at, '`')
    const places = this.#placesOfTicks().get(length) as number[]
    while ((places.at(-1) ?? Infinity) <= at) {
      this.#meter.steps += 1
      places.pop()
    }
    const end = places.at(-1)
    if (end === undefined) {
      this.#put('`'.repeat(length))
      return at + length
    }
    const inner = text.slice(at + length, end)
    const padded = inner.length > 2 && inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== ''
    this.#nodes.push({ kind: 'code', text: padded ? inner.slice(1, -1) : inner })
    return end + length
  }

  #placesOfTicks(): Map<number, number[]> {
    if (this.#ticks) return this.#ticks
    this.#ticks = new Map()
    for (const run of [...this.#text.matchAll(/`+/g)].reverse()) {
      const places = this.#ticks.get(run[0].length)
      if (places) places.push(run.index)
      else this.#ticks.set(run[0].length, [run.index])
    }
    return this.#ticks
  }

  #open(at: number): number {
    if (this.#brackets.length === deepest) this.#brackets.shift()
    this.#brackets.push({ at: this.#nodes.length, openers: this.#openers.length })
    this.#put('[')
    return at + 1
  }

  #close(at: number): number {
    const bracket = this.#brackets.pop()
    const target = bracket && this.#text[at + 1] === '(' ? this.#target(at + 2) : undefined
    if (!bracket || !target) {
      this.#put(']')
      return at + 1
    }
    const label = this.#nodes.splice(bracket.at).slice(1)
    // a picture elsewhere is a link like any other
    const before = this.#nodes.at(-1)
    if (before?.kind === 'text' && before.text.endsWith('!')) before.text = before.text.slice(0, -1)
    const children =
      label.length === 0 ? [{ kind: 'text' as const, text: target.address }] : withoutLinks(label)
    this.#nodes.push({ kind: 'link', address: target.address, bare: false, children })
    this.#openers.length = Math.min(this.#openers.length, bracket.openers)
    this.#brackets = []
    return target.end
  }

  /** The address in parentheses, with or without a title after it. */
  #target(from: number): { address: string; end: number } | undefined {
    const text = this.#text
    const angle = text[from] === '<' ? 1 : 0
    addressStart.lastIndex = from + angle
    if (!addressStart.test(text)) return undefined
    let end = from + angle
    let depth = 0
    for (; end < text.length && end - from <= longestAddress; end += 1) {
      this.#meter.steps += 1
      const char = text[end] as string
      if (/[\s<>]/.test(char)) break
      if (char === '(') depth += 1
      else if (char === ')' && angle === 0) {
        if (depth === 0) break
        depth -= 1
      }
    }
    const address = text.slice(from + angle, end)
    const rest = /(?:[ \t]+"[^"\n]{0,200}")?\)/y
    rest.lastIndex = end + angle
    if ((angle === 1 && text[end] !== '>') || !rest.test(text)) return undefined
    return { address, end: rest.lastIndex }
  }

  #mention(at: number): number {
    mention.lastIndex = at
    const match = mention.exec(this.#text)
    if (!match) {
      this.#put('@')
      return at + 1
    }
    let name = match[1] as string
    // "_@ann_" is a slanted @ann
    if (this.#openers.some(({ mark }) => mark === '_')) name = name.replace(/_+$/, '')
    if (name.length < 2) this.#put(`@${name}`)
    else this.#nodes.push({ kind: 'mention', name })
    return at + 1 + name.length
  }

  #group(at: number): number {
    group.lastIndex = at
    const match = group.exec(this.#text)
    if (!match) {
      this.#put('#')
      return at + 1
    }
    const bracketed = match[1]
    const name = bracketed ?? (match[2] as string).replace(/[._\-&'+]+$/, '')
    const text = bracketed === undefined ? `#${name}` : match[0]
    this.#nodes.push({ kind: 'group', name, text })
    return at + text.length
  }

  #emphasis(at: number): number {
    const text = this.#text
    const mark = text[at] as string
    const length = runOf(text, at, mark)
    const end = at + length
    const fits = mark === '~' ? length === 2 : length <= 3
    const left = fits && this.#closes(at, end, mark, length) ? this.#match(mark, length, at) : length
    if (left === 0) return end
    const place = this.#nodes.length
    this.#put(mark.repeat(left))
    if (fits && this.#opens(at, end, mark, length)) {
      if (this.#openers.length === deepest) this.#openers.shift()
      this.#openers.push({ mark, length: left, at: place, from: end })
    }
    return end
  }

  #opens(at: number, end: number, mark: string, length: number): boolean {
    const after = this.#at(end)
    const before = this.#before(at)
    if (after === '' || /\s/u.test(after) || noOpening.test(before)) return false
    return !word.test(before) || spaceless.test(before) || joins(mark, length, before)
  }

  #closes(at: number, end: number, mark: string, length: number): boolean {
    const before = this.#before(at)
    const after = this.#at(end)
    if (before === '' || /\s/u.test(before)) return false
    return !word.test(after) || spaceless.test(after) || joins(mark, length, after)
  }

  /** Closes what this run can close; answers how many of its characters are left. */
  #match(mark: string, length: number, at: number): number {
    let left = length
    while (left > 0) {
      const index = this.#openers.findLastIndex(
        (opener) => opener.mark === mark && fitting(opener.length, left),
      )
      this.#meter.steps += this.#openers.length + 1
      const opener = this.#openers[index]
      if (!opener) break
      const inner = this.#text.slice(opener.from, at)
      this.#meter.steps += inner.length
      this.#openers.length = index + 1
      // a face like *_*, or a name like __init__
      if (!worthMarking.test(inner) || (mark === '_' && left > 1 && !/\s/.test(inner))) {
        this.#openers.pop()
        break
      }
      const used = Math.min(opener.length, left)
      this.#wrap(opener, used)
      left -= used
    }
    return left
  }

  #wrap(opener: Opener, used: number): void {
    const inner = this.#nodes.splice(opener.at + 1)
    const kept = opener.length - used
    if (kept > 0) {
      this.#nodes[opener.at] = { kind: 'text', text: opener.mark.repeat(kept) }
      opener.length = kept
    } else {
      this.#nodes.pop()
      this.#openers.pop()
    }
    while ((this.#brackets.at(-1)?.at ?? -1) > opener.at) this.#brackets.pop()
    if (opener.mark === '~') this.#nodes.push({ kind: 'strike', children: inner })
    else if (used === 1) this.#nodes.push({ kind: 'em', children: inner })
    else if (used === 2) this.#nodes.push({ kind: 'strong', children: inner })
    else this.#nodes.push({ kind: 'strong', children: [{ kind: 'em', children: inner }] })
  }

  #at(index: number): string {
    const code = this.#text.codePointAt(index)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #before(index: number): string {
    if (index === 0) return ''
    const unit = this.#text.charCodeAt(index - 1)
    return this.#at(unit >= 0xdc00 && unit <= 0xdfff && index > 1 ? index - 2 : index - 1)
  }
}

/** Two stars and two tildes may stand within a word; not between digits, where they are a power. */
function joins(mark: string, length: number, neighbour: string): boolean {
  return length === 2 && mark !== '_' && letter.test(neighbour)
}

function fitting(opener: number, closer: number): boolean {
  return opener === closer || opener === 3 || closer === 3
}

function runOf(text: string, at: number, char: string): number {
  let end = at + 1
  while (text[end] === char) end += 1
  return end - at
}

function mayLink(text: string): boolean {
  return text.includes('://') || /mailto:|www\./i.test(text)
}

/** Addresses as they stand in the text, without the punctuation of the sentence around them. */
export function bareLinks(text: string): { from: number; to: number }[] {
  if (!text.includes('@') && !mayLink(text)) return []
  const found = []
  for (const match of text.matchAll(bareLink)) {
    if (match[0].length > longestAddress) continue
    const shown = withoutTrailingPunctuation(match[0])
    if (/^(?:https?:\/\/|mailto:|www\.)?$/i.test(shown)) continue
    found.push({ from: match.index, to: match.index + shown.length })
  }
  return found
}

/** "(see https://example.org/a_(b))." is a link to …/a_(b): what closes belongs to the sentence unless it was opened inside. */
function withoutTrailingPunctuation(address: string): string {
  const opened = new Map([')', ']', '}'].map((closing) => [closing, surplus(address, closing)]))
  let end = address.length
  while (end > 0) {
    const last = address[end - 1] as string
    const over = opened.get(last)
    if (/[.,:;!?'’*_~…。、，]/u.test(last)) end -= 1
    else if (over !== undefined && over > 0) {
      opened.set(last, over - 1)
      end -= 1
    } else break
  }
  return address.slice(0, end)
}

/** How many more of them close than open. */
function surplus(address: string, closing: string): number {
  const opening = { ')': '(', ']': '[', '}': '{' }[closing] as string
  return address.split(closing).length - address.split(opening).length
}

function withoutLinks(nodes: Inline[]): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    if (node.kind === 'link') return withoutLinks(node.children)
    return 'children' in node ? [{ ...node, children: withoutLinks(node.children) }] : [node]
  })
}

/** Neighbouring texts become one. */
function tidy(nodes: Inline[]): Inline[] {
  const tidied: Inline[] = []
  for (const node of nodes) {
    const last = tidied.at(-1)
    if (node.kind === 'text' && last?.kind === 'text') last.text += node.text
    else if ('children' in node) tidied.push({ ...node, children: tidy(node.children) })
    else if (node.kind !== 'text' || node.text !== '') tidied.push({ ...node })
  }
  return tidied
}
