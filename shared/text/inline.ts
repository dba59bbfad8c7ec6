// Parses inline syntax of a message: emphasis, code, links, mentions, groups. The rules are those of chats, not of documents:
// characters that are not meant as marks come out as typed (`snake_case`, `2*3*4`, `*_*`, `C:\dir\`).
//
// Linear on any input: each character is visited a bounded number of times, open marks are held in stacks of at most
// `maxNesting`, and an address is searched over at most `maxUrlLength` characters. `StepCounter` counts it for the tests.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'em' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  /** `bare`: the address itself was written. It may be invalid; the renderer checks it. */
  | { kind: 'link'; address: string; bare: boolean; children: Inline[] }
  /** The text after the @, with trailing punctuation: "ann." can be a name, or "ann" at the end of a sentence. */
  | { kind: 'mention'; name: string }
  /** `text` is the group as typed, with the #. */
  | { kind: 'group'; name: string; text: string }

export interface StepCounter {
  steps: number
}

const maxNesting = 16
const maxUrlLength = 2048

const specialCharacter = /[\\`*_~[\]@#]/g
// Each alternative begins in one place only and has a bounded or unambiguous run.
const bareLinkPattern =
  /\b(?:https?:\/\/|www\.(?=[\p{L}\p{N}]))(?:(?!\]\()[^\s<>"“”«»`])+|\bmailto:(?:(?!\]\()[^\s<>"“”«»`])+|(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu
const mentionPattern = /(?<![\p{L}\p{M}\p{Nd}.\-'@]_?)@([\p{L}\p{M}\p{Nd}._\-']{2,64})/uy
const groupPattern =
  /(?<![\p{L}\p{M}\p{Nd}_&/#])#(?:\[([^[\]\n]{1,255})\]|([\p{L}\p{M}\p{Nd}][\p{L}\p{M}\p{Nd}._\-&'+]{0,63}))/uy
const urlStart = /(?:https?:\/\/|mailto:|www\.)/iy

const letterPattern = /[\p{L}\p{M}]/u
const wordCharacter = /[\p{L}\p{M}\p{N}]/u
/** Scripts written without spaces: there a mark between two letters is a mark. */
const unspacedScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** A mark after one of these characters is part of an emoticon, a path or a formula. */
const neverBeforeOpening = /[\\\-^;.=:@<>&%$#+/]/
const emphasizableCharacter = /[\p{L}\p{N}\p{Sc}\p{Extended_Pictographic}]/u

/** Parses one paragraph; marks open and close within it. */
export function parseInline(text: string, meter: StepCounter = { steps: 0 }): Inline[] {
  specialCharacter.lastIndex = 0
  if (!specialCharacter.test(text) && !mightContainLink(text))
    return text === '' ? [] : [{ kind: 'text', text }]
  return new InlineScanner(text, meter).scan()
}

interface EmphasisOpener {
  mark: string
  length: number
  /** Index of its own text among the nodes. */
  nodeIndex: number
  /** Index at which its content begins. */
  contentStart: number
}

interface OpenBracket {
  nodeIndex: number
  openerCount: number
}

class InlineScanner {
  readonly #text: string
  readonly #meter: StepCounter
  readonly #nodes: Inline[] = []
  readonly #openers: EmphasisOpener[] = []
  #brackets: OpenBracket[] = []
  /** Positions of backtick runs by length, collected at the first backtick. */
  #backtickPositions: Map<number, number[]> | undefined
  readonly #links: { from: number; to: number }[]

  constructor(text: string, meter: StepCounter) {
    this.#text = text
    this.#meter = meter
    this.#links = findBareLinks(text).reverse()
  }

  scan(): Inline[] {
    const text = this.#text
    for (let at = 0; at < text.length;) {
      this.#meter.steps += 1
      while (this.#links.length > 0 && (this.#links.at(-1)?.from as number) < at) this.#links.pop()
      specialCharacter.lastIndex = at
      const marked = specialCharacter.exec(text)?.index ?? text.length
      const link = this.#links.at(-1)
      const next = Math.min(marked, link?.from ?? text.length)
      if (next > at) this.#addText(text.slice(at, next))
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
        at = this.#scanSpecial(at)
      }
    }
    return mergeTextNodes(this.#nodes)
  }

  /** Parses what begins at this position and returns the position to continue at. */
  #scanSpecial(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return this.#scanEscape(at)
      case '`':
        return this.#scanCode(at)
      case '[':
        return this.#openBracket(at)
      case ']':
        return this.#closeBracket(at)
      case '@':
        return this.#scanMention(at)
      case '#':
        return this.#scanGroup(at)
      default:
        return this.#scanEmphasis(at)
    }
  }

  #addText(text: string): void {
    this.#nodes.push({ kind: 'text', text })
  }

  /** A character after a backslash is not a mark. The backslash itself is removed only if it had that effect. */
  #scanEscape(at: number): number {
    const next = this.#text[at + 1] ?? ''
    if (!/[*_~`[\]@#]/.test(next)) {
      this.#addText('\\')
      return at + 1
    }
    if (next === '`') {
      const length = runLength(this.#text, at + 1, '`')
      this.#addText('`'.repeat(length))
      return at + 1 + length
    }
    this.#addText(next === '_' && this.#isLiteralBackslash(at) ? '\\_' : next)
    return at + 2
  }

  /** `dir\_build` and `¯\_(ツ)_/¯` are no escapes, `\_not slanted\_` is two. */
  #isLiteralBackslash(at: number): boolean {
    const before = this.#characterBefore(at)
    const after = this.#characterAt(at + 2)
    if (before === '' || /[\s([{"'“‘*~]/u.test(before)) return false
    return !(wordCharacter.test(before) && (after === '' || /[\s)\]}"'”’.,!?*~]/u.test(after)))
  }

  #scanCode(at: number): number {
    const text = this.#text
    const length = runLength(text, at, '`')
    const positions = this.#findBacktickRuns().get(length) as number[]
    while ((positions.at(-1) ?? Infinity) <= at) {
      this.#meter.steps += 1
      positions.pop()
    }
    const end = positions.at(-1)
    if (end === undefined) {
      this.#addText('`'.repeat(length))
      return at + length
    }
    const inner = text.slice(at + length, end)
    const padded = inner.length > 2 && inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== ''
    this.#nodes.push({ kind: 'code', text: padded ? inner.slice(1, -1) : inner })
    return end + length
  }

  #findBacktickRuns(): Map<number, number[]> {
    if (this.#backtickPositions) return this.#backtickPositions
    this.#backtickPositions = new Map()
    for (const run of [...this.#text.matchAll(/`+/g)].reverse()) {
      const places = this.#backtickPositions.get(run[0].length)
      if (places) places.push(run.index)
      else this.#backtickPositions.set(run[0].length, [run.index])
    }
    return this.#backtickPositions
  }

  #openBracket(at: number): number {
    if (this.#brackets.length === maxNesting) this.#brackets.shift()
    this.#brackets.push({ nodeIndex: this.#nodes.length, openerCount: this.#openers.length })
    this.#addText('[')
    return at + 1
  }

  #closeBracket(at: number): number {
    const bracket = this.#brackets.pop()
    const target = bracket && this.#text[at + 1] === '(' ? this.#scanLinkTarget(at + 2) : undefined
    if (!bracket || !target) {
      this.#addText(']')
      return at + 1
    }
    const label = this.#nodes.splice(bracket.nodeIndex).slice(1)
    // an external picture becomes a link
    const before = this.#nodes.at(-1)
    if (before?.kind === 'text' && before.text.endsWith('!')) before.text = before.text.slice(0, -1)
    const children =
      label.length === 0 ? [{ kind: 'text' as const, text: target.address }] : unwrapLinks(label)
    this.#nodes.push({ kind: 'link', address: target.address, bare: false, children })
    this.#openers.length = Math.min(this.#openers.length, bracket.openerCount)
    this.#brackets = []
    return target.end
  }

  /** Parses the address in parentheses, with or without a title. */
  #scanLinkTarget(from: number): { address: string; end: number } | undefined {
    const text = this.#text
    const angle = text[from] === '<' ? 1 : 0
    urlStart.lastIndex = from + angle
    if (!urlStart.test(text)) return undefined
    let end = from + angle
    let depth = 0
    for (; end < text.length && end - from <= maxUrlLength; end += 1) {
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

  #scanMention(at: number): number {
    mentionPattern.lastIndex = at
    const match = mentionPattern.exec(this.#text)
    if (!match) {
      this.#addText('@')
      return at + 1
    }
    let name = match[1] as string
    // "_@ann_" is @ann in italics
    if (this.#openers.some(({ mark }) => mark === '_')) name = name.replace(/_+$/, '')
    if (name.length < 2) this.#addText(`@${name}`)
    else this.#nodes.push({ kind: 'mention', name })
    return at + 1 + name.length
  }

  #scanGroup(at: number): number {
    groupPattern.lastIndex = at
    const match = groupPattern.exec(this.#text)
    if (!match) {
      this.#addText('#')
      return at + 1
    }
    const bracketed = match[1]
    const name = bracketed ?? (match[2] as string).replace(/[._\-&'+]+$/, '')
    const text = bracketed === undefined ? `#${name}` : match[0]
    this.#nodes.push({ kind: 'group', name, text })
    return at + text.length
  }

  #scanEmphasis(at: number): number {
    const text = this.#text
    const mark = text[at] as string
    const length = runLength(text, at, mark)
    const end = at + length
    const fits = mark === '~' ? length === 2 : length <= 3
    const left =
      fits && this.#canClose(at, end, mark, length) ? this.#closeEmphasis(mark, length, at) : length
    if (left === 0) return end
    const place = this.#nodes.length
    this.#addText(mark.repeat(left))
    if (fits && this.#canOpen(at, end, mark, length)) {
      if (this.#openers.length === maxNesting) this.#openers.shift()
      this.#openers.push({ mark, length: left, nodeIndex: place, contentStart: end })
    }
    return end
  }

  #canOpen(at: number, end: number, mark: string, length: number): boolean {
    const after = this.#characterAt(end)
    const before = this.#characterBefore(at)
    if (after === '' || /\s/u.test(after) || neverBeforeOpening.test(before)) return false
    return !wordCharacter.test(before) || unspacedScript.test(before) || isIntraword(mark, length, before)
  }

  #canClose(at: number, end: number, mark: string, length: number): boolean {
    const before = this.#characterBefore(at)
    const after = this.#characterAt(end)
    if (before === '' || /\s/u.test(before)) return false
    return !wordCharacter.test(after) || unspacedScript.test(after) || isIntraword(mark, length, after)
  }

  /** Closes the marks that this run can close. Returns the number of its characters that remain. */
  #closeEmphasis(mark: string, length: number, at: number): number {
    let left = length
    while (left > 0) {
      const index = this.#openers.findLastIndex(
        (opener) => opener.mark === mark && isMatchingLength(opener.length, left),
      )
      this.#meter.steps += this.#openers.length + 1
      const opener = this.#openers[index]
      if (!opener) break
      const inner = this.#text.slice(opener.contentStart, at)
      this.#meter.steps += inner.length
      this.#openers.length = index + 1
      // an emoticon like *_*, or a name like __init__
      if (!emphasizableCharacter.test(inner) || (mark === '_' && left > 1 && !/\s/.test(inner))) {
        this.#openers.pop()
        break
      }
      const used = Math.min(opener.length, left)
      this.#wrapEmphasis(opener, used)
      left -= used
    }
    return left
  }

  #wrapEmphasis(opener: EmphasisOpener, used: number): void {
    const inner = this.#nodes.splice(opener.nodeIndex + 1)
    const remaining = opener.length - used
    if (remaining > 0) {
      this.#nodes[opener.nodeIndex] = { kind: 'text', text: opener.mark.repeat(remaining) }
      opener.length = remaining
    } else {
      this.#nodes.pop()
      this.#openers.pop()
    }
    while ((this.#brackets.at(-1)?.nodeIndex ?? -1) > opener.nodeIndex) this.#brackets.pop()
    if (opener.mark === '~') this.#nodes.push({ kind: 'strike', children: inner })
    else if (used === 1) this.#nodes.push({ kind: 'em', children: inner })
    else if (used === 2) this.#nodes.push({ kind: 'strong', children: inner })
    else this.#nodes.push({ kind: 'strong', children: [{ kind: 'em', children: inner }] })
  }

  #characterAt(index: number): string {
    const code = this.#text.codePointAt(index)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #characterBefore(index: number): string {
    if (index === 0) return ''
    const unit = this.#text.charCodeAt(index - 1)
    return this.#characterAt(unit >= 0xdc00 && unit <= 0xdfff && index > 1 ? index - 2 : index - 1)
  }
}

/** Two stars and two tildes are marks within a word too, but not between digits, where `**` is a power. */
function isIntraword(mark: string, length: number, neighbour: string): boolean {
  return length === 2 && mark !== '_' && letterPattern.test(neighbour)
}

function isMatchingLength(opener: number, closer: number): boolean {
  return opener === closer || opener === 3 || closer === 3
}

function runLength(text: string, at: number, char: string): number {
  let end = at + 1
  while (text[end] === char) end += 1
  return end - at
}

function mightContainLink(text: string): boolean {
  return text.includes('://') || /mailto:|www\./i.test(text)
}

/** Finds bare addresses in the text, without the punctuation of the surrounding sentence. */
export function findBareLinks(text: string): { from: number; to: number }[] {
  if (!text.includes('@') && !mightContainLink(text)) return []
  const found = []
  for (const match of text.matchAll(bareLinkPattern)) {
    if (match[0].length > maxUrlLength) continue
    const shown = trimTrailingPunctuation(match[0])
    if (/^(?:https?:\/\/|mailto:|www\.)?$/i.test(shown)) continue
    found.push({ from: match.index, to: match.index + shown.length })
  }
  return found
}

/** "(see https://example.org/a_(b))." is a link to …/a_(b): a closing bracket belongs to the sentence unless it was opened inside. */
function trimTrailingPunctuation(address: string): string {
  const opened = new Map(
    [')', ']', '}'].map((closing) => [closing, countUnmatchedClosings(address, closing)]),
  )
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

/** Returns how many more brackets close than open. */
function countUnmatchedClosings(address: string, closing: string): number {
  const opening = { ')': '(', ']': '[', '}': '{' }[closing] as string
  return address.split(closing).length - address.split(opening).length
}

function unwrapLinks(nodes: Inline[]): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    if (node.kind === 'link') return unwrapLinks(node.children)
    return 'children' in node ? [{ ...node, children: unwrapLinks(node.children) }] : [node]
  })
}

/** Merges adjacent text nodes. */
function mergeTextNodes(nodes: Inline[]): Inline[] {
  const tidied: Inline[] = []
  for (const node of nodes) {
    const last = tidied.at(-1)
    if (node.kind === 'text' && last?.kind === 'text') last.text += node.text
    else if ('children' in node) tidied.push({ ...node, children: mergeTextNodes(node.children) })
    else if (node.kind !== 'text' || node.text !== '') tidied.push({ ...node })
  }
  return tidied
}
