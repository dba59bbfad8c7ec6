// Parses inline syntax of a message: emphasis, code, links, mentions, groups. The rules are those of chats, not of documents:
// characters that are not meant as marks come out as typed (`snake_case`, `2*3*4`, `*_*`, `C:\dir\`).
//
// Linear on any input: each character is visited a bounded number of times, and open marks are held in stacks of at most
// `maxNesting`. `StepCounter` counts it for the tests.
import { findBareLinks, mightContainLink, trimPunctuation, type BareLink } from './bare-links.ts'
import { canClose, canOpen, isEmphasizable, isMatchingLength } from './emphasis.ts'
import { findEscapes } from './escapes.ts'
import { wordBefore } from './scripts.ts'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'em' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  /** `bare`: the address itself was written. It may be invalid; the renderer checks it. */
  | { kind: 'link'; address: string; bare: boolean; children: Inline[] }
  /** `name`: the text after the @, which `mentionReadings` reads. `sign`: the @ as typed, which may be full-width. */
  | { kind: 'mention'; sign: string; name: string }
  /** `text` is the group as typed, with the #. */
  | { kind: 'group'; name: string; text: string }

export interface StepCounter {
  steps: number
}

const maxNesting = 16

const specialCharacter = /[\\`*_~[\]@＠#＃]/g
const mentionPattern = new RegExp(
  String.raw`(?<!(?:[@＠]|${wordBefore}[.\-']?)_?)[@＠]([\p{L}\p{M}\p{Nd}._\-'’]{2,64})`,
  'uy',
)
const groupPattern = new RegExp(
  String.raw`(?<![_&/#＃\\]|${wordBefore})[#＃](?:\[([^[\]\n]{1,255})\]|([\p{L}\p{M}\p{Nd}][\p{L}\p{M}\p{Nd}._\-&'’+]{0,63}))`,
  'uy',
)
const urlStart = /(?:https?:\/\/|mailto:|www\.)/iy

const noEscapes: ReadonlySet<number> = new Set()

/**
 * Parses one paragraph; marks open and close within it.
 *
 * `lineEscapes` are the positions of backslashes that keep a line from beginning a block.
 */
export function parseInline(
  text: string,
  meter: StepCounter = { steps: 0 },
  lineEscapes: ReadonlySet<number> = noEscapes,
): Inline[] {
  specialCharacter.lastIndex = 0
  if (!specialCharacter.test(text) && !mightContainLink(text))
    return text === '' ? [] : [{ kind: 'text', text }]
  return new InlineScanner(text, meter, effectiveEscapes(text, meter, lineEscapes)).scan()
}

/** A backslash is removed only if the character after it would be a mark without it. */
function effectiveEscapes(
  text: string,
  meter: StepCounter,
  lineEscapes: ReadonlySet<number>,
): ReadonlySet<number> {
  const candidates = findEscapes(text)
  if (!candidates) return lineEscapes
  const marks = findMarks(candidates.unescaped, meter)
  const escapes = new Set(lineEscapes)
  candidates.positions.forEach((at, index) => {
    if (marks.has(at - index)) escapes.add(at)
  })
  return escapes
}

function findMarks(text: string, meter: StepCounter): ReadonlySet<number> {
  const marks = new Set<number>()
  new InlineScanner(text, meter, undefined, marks).scan()
  return marks
}

/** Returns the positions of the characters of a text that are marks, and of the backslashes that are removed. */
export function findEffectiveMarks(text: string): ReadonlySet<number> {
  const meter = { steps: 0 }
  const escapes = effectiveEscapes(text, meter, noEscapes)
  const marks = new Set(escapes)
  new InlineScanner(text, meter, escapes, marks).scan()
  return marks
}

interface EmphasisOpener {
  mark: string
  start: number
  length: number
  /** Index of its own text among the nodes. */
  nodeIndex: number
  /** Index at which its content begins. */
  contentStart: number
}

interface OpenBracket {
  start: number
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
  /** Where the parenthesis of a link ends, collected at the first of them. */
  #parentheses: Map<number, number> | undefined
  readonly #links: BareLink[]
  /** Backslashes to remove; undefined if none has a meaning. */
  readonly #escapes: ReadonlySet<number> | undefined
  /** Collects the positions of marks. */
  readonly #marks: Set<number> | undefined

  constructor(
    text: string,
    meter: StepCounter,
    escapes: ReadonlySet<number> | undefined,
    marks?: Set<number>,
  ) {
    this.#text = text
    this.#meter = meter
    this.#links = findBareLinks(text).reverse()
    this.#escapes = escapes
    this.#marks = marks
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
        at = this.#addLink(link)
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
      case '＠':
        return this.#scanMention(at)
      case '#':
      case '＃':
        return this.#scanGroup(at)
      default:
        return this.#scanEmphasis(at)
    }
  }

  #addText(text: string): void {
    this.#nodes.push({ kind: 'text', text })
  }

  #markPositions(from: number, to: number): void {
    if (this.#marks) for (let at = from; at < to; at += 1) this.#marks.add(at)
  }

  /** "**https://example.org/**" is a link in bold: marks that end an address belong to it unless they close something. */
  #addLink({ from, to }: BareLink): number {
    let end = to
    while (/[*_~]/.test(this.#text[end - 1] as string) && this.#isOpen(this.#text[end - 1] as string))
      end -= 1
    if (end < to) end = trimPunctuation(this.#text, from, end)
    const shown = this.#text.slice(from, end)
    const children: Inline[] = [{ kind: 'text', text: shown }]
    this.#nodes.push({ kind: 'link', address: shown, bare: true, children })
    return end
  }

  #isOpen(mark: string): boolean {
    return this.#openers.some((opener) => opener.mark === mark)
  }

  /** A character after a backslash is not a mark, and neither is the rest of its run if the backslash stays. */
  #scanEscape(at: number): number {
    const next = this.#text[at + 1] ?? ''
    if (!this.#escapes || !/[*_~`[\]@＠#＃]/.test(next)) {
      this.#addText('\\')
      return at + 1
    }
    const isEscape = this.#escapes.has(at)
    const length = isEscape && next !== '`' ? 1 : runLength(this.#text, at + 1, next)
    const end = at + 1 + length
    this.#addText(this.#text.slice(isEscape ? at + 1 : at, end))
    return end
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
    this.#markPositions(at, at + length)
    this.#markPositions(end, end + length)
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
    this.#brackets.push({ start: at, nodeIndex: this.#nodes.length, openerCount: this.#openers.length })
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
    this.#markPositions(bracket.start, bracket.start + 1)
    this.#markPositions(at, at + 1)
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
    const end = angle === 1 ? this.#findAngleEnd(from + 1) : this.#findParentheses().get(from - 1)
    const address = text.slice(from + angle, end)
    const rest = /(?:[ \t]+"[^"\n]{0,200}")?\)/y
    rest.lastIndex = (end as number) + angle
    if ((angle === 1 && text[end as number] !== '>') || !rest.test(text)) return undefined
    return { address, end: rest.lastIndex }
  }

  #findAngleEnd(from: number): number {
    let end = from
    while (end < this.#text.length && !/[\s<>]/.test(this.#text[end] as string)) end += 1
    this.#meter.steps += end - from
    return end
  }

  /** For each opening parenthesis the position of the one that closes it, or of the white space before that. */
  #findParentheses(): Map<number, number> {
    if (this.#parentheses) return this.#parentheses
    this.#parentheses = new Map()
    const open: number[] = []
    const text = `${this.#text} `
    for (let at = 0; at < text.length; at += 1) {
      this.#meter.steps += 1
      const character = text[at] as string
      if (character === '(') open.push(at)
      else if (character === ')') {
        const opening = open.pop()
        if (opening !== undefined) this.#parentheses.set(opening, at)
      } else if (/[\s<>]/.test(character)) {
        for (const opening of open.splice(0)) this.#parentheses.set(opening, at)
      }
    }
    return this.#parentheses
  }

  #scanMention(at: number): number {
    const sign = this.#text[at] as string
    mentionPattern.lastIndex = at
    const match = mentionPattern.exec(this.#text)
    if (!match) {
      this.#addText(sign)
      return at + 1
    }
    let name = match[1] as string
    // "_@ann_" is @ann in italics
    if (this.#isOpen('_')) name = name.replace(/_+$/, '')
    if (name.length < 2) {
      this.#addText(sign + name)
    } else {
      this.#nodes.push({ kind: 'mention', sign, name })
      this.#markPositions(at, at + 1)
    }
    return at + 1 + name.length
  }

  #scanGroup(at: number): number {
    groupPattern.lastIndex = at
    const match = groupPattern.exec(this.#text)
    if (!match) {
      this.#addText(this.#text[at] as string)
      return at + 1
    }
    const bracketed = match[1]
    const name = bracketed ?? (match[2] as string).replace(/[._\-&'’+]+$/, '')
    const text = bracketed === undefined ? this.#text.slice(at, at + 1 + name.length) : match[0]
    this.#nodes.push({ kind: 'group', name, text })
    this.#markPositions(at, at + 1)
    return at + text.length
  }

  #scanEmphasis(at: number): number {
    const text = this.#text
    const mark = text[at] as string
    const length = runLength(text, at, mark)
    const end = at + length
    const fits = mark === '~' ? length === 2 : length <= 3
    const left = fits && canClose(text, at, end) ? this.#closeEmphasis(mark, length, at) : length
    if (left === 0) return end
    const place = this.#nodes.length
    this.#addText(mark.repeat(left))
    if (fits && canOpen(text, at, end)) {
      if (this.#openers.length === maxNesting) this.#openers.shift()
      this.#openers.push({ mark, start: at, length: left, nodeIndex: place, contentStart: end })
    }
    return end
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
      if (!isEmphasizable(inner, mark, left)) {
        this.#openers.pop()
        break
      }
      const used = Math.min(opener.length, left)
      this.#markPositions(opener.start, opener.contentStart)
      this.#markPositions(at, at + length)
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
}

function runLength(text: string, at: number, char: string): number {
  let end = at + 1
  while (text[end] === char) end += 1
  return end - at
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
