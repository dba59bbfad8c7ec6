// Reads copied HTML as blocks of text. Browsers, office programs, mail and editors each write their own HTML: what counts is
// the text, its lines, and the few formats that a message has. Pictures, scripts and styles are left out.
import type { Element, ElementContent, Root, RootContent } from 'hast'
import { fromHtml } from 'hast-util-from-html'

export type Mark = 'strong' | 'em' | 'strike' | 'code'

/** A piece of text with one format. */
export interface Span {
  text: string
  marks: ReadonlySet<Mark>
  href?: string
}

export type PastedBlock =
  /** `isApart`: with an empty line around it. */
  | { kind: 'text'; isApart: boolean; spans: Span[] }
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; blocks: PastedBlock[] }
  | { kind: 'list'; start: number | undefined; items: PastedBlock[][] }

interface Format {
  marks: ReadonlySet<Mark>
  href?: string
  keepsSpaces: boolean
  /** The quotes and lists around it. */
  nesting: number
}

/** A message shows no more, and each level of a list indents all lines in it. */
const maxNesting = 6

const leftOut = new Set([
  ...['script', 'style', 'head', 'title', 'meta', 'link', 'template', 'svg', 'video', 'audio', 'iframe', 'object', 'input'],
  ...['picture', 'hr', 'select', 'textarea', 'canvas', 'rt', 'rp', 'xml', 'noscript'],
]) // prettier-ignore
const blockElements = new Set([
  ...['address', 'article', 'aside', 'body', 'center', 'dd', 'details', 'dialog', 'dir', 'div', 'dl', 'dt', 'fieldset'],
  ...['figcaption', 'figure', 'footer', 'form', 'header', 'hgroup', 'html', 'legend', 'li', 'main', 'menu', 'nav', 'ol', 'p'],
  ...['blockquote', 'section', 'summary', 'tbody', 'thead', 'tfoot', 'caption', 'tr', 'td', 'th', 'ul'],
]) // prettier-ignore
const markOf: Record<string, Mark> = {
  ...{ b: 'strong', strong: 'strong', i: 'em', em: 'em', cite: 'em', dfn: 'em', var: 'em' },
  ...{ del: 'strike', s: 'strike', strike: 'strike', code: 'code', tt: 'code', kbd: 'code', samp: 'code' },
}

export function parsePastedHtml(html: string): PastedBlock[] {
  const reader = new BlockReader()
  reader.readAll(fromHtml(html).children, { marks: new Set(), keepsSpaces: false, nesting: 0 })
  return reader.finish()
}

class BlockReader {
  readonly #blocks: PastedBlock[] = []
  #spans: Span[] = []
  #isApart = false
  /** The list of Word paragraphs that is open, by level. */
  #wordLists: { level: number; items: PastedBlock[][] }[] = []

  finish(): PastedBlock[] {
    this.#endText()
    return this.#blocks
  }

  readAll(nodes: readonly (RootContent | ElementContent)[] | Root['children'], format: Format): void {
    for (const node of nodes) {
      if (node.type === 'text') this.#addText(node.value, format)
      else if (node.type === 'element') this.#readElement(node, format)
    }
  }

  #readElement(element: Element, format: Format): void {
    const { tagName } = element
    const style = styleOf(element)
    if (!isShown(element)) return
    if (tagName === 'br') return this.#addSpan('\n', format)
    if (tagName === 'img') return this.#addText(emojiName(element), format)
    const inner = formatWithin(element, style, format)
    if (tagName === 'pre') return this.#readPre(element, inner)
    if (/^h[1-6]$/.test(tagName)) return this.#readHeading(element, inner)
    if (format.nesting < maxNesting) {
      const nested = { ...inner, nesting: format.nesting + 1 }
      if (tagName === 'blockquote')
        return this.#addBlock({ kind: 'quote', blocks: readBlocks(element, nested) })
      if (tagName === 'ul' || tagName === 'ol') return this.#readList(element, nested)
    }
    if (tagName === 'table') return this.#readTable(element, inner)
    if (/mso-list:(?!\s*ignore)/i.test(style) && this.#readWordItem(element, style, inner)) return
    if (!blockElements.has(tagName)) return this.readAll(element.children, inner)
    const isApart = tagName === 'p' && !/margin(?:-bottom)?:\s*0/.test(style)
    this.#endText(isApart)
    this.readAll(element.children, inner)
    this.#endText(isApart)
  }

  /** White space collapses across the spans of a line, as a browser shows it. */
  #addText(value: string, format: Format): void {
    if (format.keepsSpaces) return this.#addSpan(value.replace(/\r\n?/g, '\n'), format)
    let text = value.replace(/[ \t\r\n\f]+/g, ' ')
    const before = this.#spans.at(-1)?.text.at(-1)
    if (text.startsWith(' ') && (before === undefined || before === ' ' || before === '\n'))
      text = text.slice(1)
    if (text !== '') this.#addSpan(text, format)
  }

  #addSpan(text: string, { marks, href }: Pick<Format, 'marks' | 'href'>): void {
    const last = this.#spans.at(-1)
    if (last && last.marks === marks && last.href === href) last.text += text
    else this.#spans.push({ text, marks, ...(href === undefined ? {} : { href }) })
  }

  /** Ends the line. An empty paragraph is an empty line. */
  #endText(isApart = false): void {
    const spans = trimSpans(this.#spans)
    const isEmptyLine = this.#spans.length > 0
    this.#spans = []
    if (spans.length > 0) {
      this.#wordLists = []
      this.#blocks.push({ kind: 'text', isApart: isApart || this.#isApart, spans })
      this.#isApart = false
    } else if (isApart || isEmptyLine) {
      this.#isApart = true
    }
  }

  #addBlock(block: PastedBlock): void {
    this.#endText()
    this.#wordLists = []
    this.#isApart = false
    const isEmpty =
      (block.kind === 'quote' && block.blocks.length === 0) ||
      (block.kind === 'list' && block.items.length === 0)
    if (!isEmpty) this.#blocks.push(block)
  }

  #readHeading(element: Element, format: Format): void {
    const spans = readSpans(element, { ...format, marks: without(format.marks, 'strong') })
    const text = spans.map((span) => ({ ...span, text: span.text.replaceAll('\n', ' ') }))
    if (text.length > 0)
      this.#addBlock({ kind: 'heading', level: Math.min(3, Number(element.tagName[1])), spans: text })
  }

  /** A single line is code within a line: one copied word is no block. */
  #readPre(element: Element, format: Format): void {
    const text = textOf(element).replace(/\r\n?/g, '\n').replace(/^\n/, '').trimEnd()
    if (text.trim() === '') return
    if (text.includes('\n')) return this.#addBlock({ kind: 'code', language: languageOf(element), text })
    this.#endText()
    this.#addSpan(text, { ...format, marks: new Set<Mark>(['code']) })
    this.#endText()
  }

  #readList(element: Element, format: Format): void {
    const items: PastedBlock[][] = []
    for (const child of element.children) {
      if (child.type === 'element' && !isShown(child)) continue
      const isItem = child.type === 'element' && child.tagName === 'li'
      const blocks = isItem
        ? readBlocks(child, formatWithin(child, styleOf(child), format))
        : readNodes([child], format)
      // what is directly in a list, as another list, belongs to the item before it
      const last = items.at(-1)
      if (!isItem && last) last.push(...blocks)
      else if (blocks.length > 0) items.push(blocks)
    }
    this.#addBlock({ kind: 'list', start: element.tagName === 'ol' ? startOf(element) : undefined, items })
  }

  /** Word writes the items of a list as paragraphs with a level. */
  #readWordItem(element: Element, style: string, format: Format): boolean {
    const level = Math.min(maxNesting, Number(/level(\d+)/.exec(style)?.[1] ?? 1))
    const marker = textOf(element, true).trim()
    const spans = readSpans(element, format)
    if (spans.length === 0 || marker === '') return false
    const item: PastedBlock[] = [{ kind: 'text', isApart: false, spans }]
    const open = this.#wordLists.filter((list) => list.level <= level)
    this.#endText()
    const same = open.find((list) => list.level === level)
    if (same) {
      same.items.push(item)
    } else {
      const start = /^\(?(\d{1,3})[.)]$/.exec(marker)?.[1]
      const items = [item]
      const list: PastedBlock = {
        kind: 'list',
        start: start === undefined ? undefined : Number(start),
        items,
      }
      const parent = open.at(-1)?.items.at(-1)
      if (parent) parent.push(list)
      else this.#addBlock(list)
      open.push({ level, items })
    }
    this.#wordLists = open
    return true
  }

  /** A row is a line. A table with one cell in each row only sets the page. */
  #readTable(element: Element, format: Format): void {
    this.#endText()
    for (const row of rowsOf(element)) {
      const cells = row.children.filter((cell) => cell.type === 'element').filter(isShown)
      const inner = formatWithin(row, styleOf(row), format)
      if (row.tagName === 'caption') {
        this.readAll(row.children, inner)
        this.#endText()
        continue
      }
      const filled = cells.filter((cell) => textOf(cell).trim() !== '')
      if (filled.length === 0) continue
      if (filled.length === 1 && cells.length === 1) {
        this.readAll(cells, inner)
        this.#endText()
        continue
      }
      cells.forEach((cell, at) => {
        if (at > 0) this.#addSpan(' | ', { marks: noMarks })
        for (const span of readSpans(cell, formatWithin(cell, styleOf(cell), inner)))
          this.#addSpan(span.text.replace(/\s*\n\s*/g, ' '), span)
      })
      this.#endText()
    }
  }
}

const noMarks: ReadonlySet<Mark> = new Set()

function readBlocks(element: Element, format: Format): PastedBlock[] {
  return readNodes(element.children, format)
}

function readNodes(nodes: readonly ElementContent[], format: Format): PastedBlock[] {
  const reader = new BlockReader()
  reader.readAll(nodes, format)
  return reader.finish()
}

/** Returns the text of an element as one paragraph. */
function readSpans(element: Element, format: Format): Span[] {
  const spans: Span[] = []
  for (const block of readBlocks(element, format)) {
    if (spans.length > 0) spans.push({ text: '\n', marks: noMarks })
    spans.push(...spansOf(block))
  }
  return spans
}

function spansOf(block: PastedBlock): Span[] {
  switch (block.kind) {
    case 'text':
    case 'heading':
      return block.spans
    case 'code':
      return [{ text: block.text, marks: noMarks }]
    case 'quote':
      return joinSpans(block.blocks)
    case 'list':
      return joinSpans(block.items.flat())
  }
}

function joinSpans(blocks: readonly PastedBlock[]): Span[] {
  return blocks.flatMap((block, at) =>
    at === 0 ? spansOf(block) : [{ text: '\n', marks: noMarks }, ...spansOf(block)],
  )
}

/** Without empty lines around the text. Spaces that only set the text apart become ordinary ones. */
function trimSpans(spans: readonly Span[]): Span[] {
  const trimmed = spans.map((span) => ({
    ...span,
    text: span.text.replace(/\u00A0(?=[ \u00A0])|(?<=[ \u00A0])\u00A0/g, ' '),
  }))
  for (let last = trimmed.at(-1); last; last = trimmed.at(-1)) {
    last.text = last.text.trimEnd()
    if (last.text !== '') break
    trimmed.pop()
  }
  for (let first = trimmed[0]; first; first = trimmed[0]) {
    first.text = first.text.replace(/^(?:[^\S\n]*\n)+/, '').replace(/^\u00A0/, ' ')
    if (first.text !== '') break
    trimmed.shift()
  }
  return trimmed
}

function formatWithin({ tagName, properties }: Element, style: string, format: Format): Format {
  const marks = new Set(format.marks)
  const mark = markOf[tagName]
  if (mark) marks.add(mark)
  const weight = /font-weight:\s*(\w+)/.exec(style)?.[1]
  // Google Docs puts a <b> of normal weight around everything
  if (weight !== undefined) setMark(marks, 'strong', /^(?:bold|bolder|[6-9]00)$/.test(weight))
  const slant = /font-style:\s*(\w+)/.exec(style)?.[1]
  if (slant !== undefined) setMark(marks, 'em', slant === 'italic' || slant === 'oblique')
  if (/text-decoration[\w-]*:[^;]*line-through/.test(style)) marks.add('strike')
  const whiteSpace = /white-space(?:-collapse)?:\s*([\w-]+)/.exec(style)?.[1]
  const href = tagName === 'a' ? linkAddress(properties.href) : format.href
  const isSame = marks.size === format.marks.size && [...marks].every((each) => format.marks.has(each))
  return {
    marks: isSame ? format.marks : marks,
    ...(href === undefined ? {} : { href }),
    nesting: format.nesting,
    keepsSpaces:
      whiteSpace === undefined
        ? format.keepsSpaces || tagName === 'pre'
        : /^(?:pre|break-spaces|preserve)/.test(whiteSpace),
  }
}

function setMark(marks: Set<Mark>, mark: Mark, isOn: boolean): void {
  if (isOn) marks.add(mark)
  else marks.delete(mark)
}

function without(marks: ReadonlySet<Mark>, mark: Mark): ReadonlySet<Mark> {
  return new Set([...marks].filter((each) => each !== mark))
}

function linkAddress(href: unknown): string | undefined {
  const url = typeof href === 'string' ? href.trim() : ''
  return /^(?:https?:\/\/|mailto:)/i.test(url) && !/[\s<>]/.test(url) ? url : undefined
}

function styleOf({ properties }: Element): string {
  const { style } = properties
  return typeof style === 'string' ? style.toLowerCase() : ''
}

function isShown(element: Element): boolean {
  if (leftOut.has(element.tagName) || 'hidden' in element.properties) return false
  return !/display:\s*none|mso-list:\s*ignore|mso-hide:\s*all/.test(styleOf(element))
}

/** Other chats and mail show emoji as pictures. */
function emojiName({ properties }: Element): string {
  const { alt } = properties
  if (typeof alt !== 'string' || alt.length > 40) return ''
  return /^:[\w+-]+:$/.test(alt) || /^[\p{Emoji_Component}\p{Extended_Pictographic}]+$/u.test(alt) ? alt : ''
}

function languageOf(element: Element): string {
  const inner = element.children.find(
    (child): child is Element => child.type === 'element' && child.tagName === 'code',
  )
  for (const { properties } of inner ? [inner, element] : [element]) {
    const names = Array.isArray(properties.className) ? properties.className : []
    const language = /(?:^|\s)(?:lang(?:uage)?-|highlight-source-|brush:\s*)([\w+#.-]{1,30})/.exec(
      names.join(' '),
    )?.[1]
    if (language !== undefined) return language
  }
  return ''
}

/** The number of the first item, which may be set at the list or at the item. */
function startOf(list: Element): number {
  const first = list.children.find((child) => child.type === 'element')
  const number = Number(first?.properties.value ?? list.properties.start ?? 1)
  return Number.isInteger(number) ? number : 1
}

function rowsOf(element: Element): Element[] {
  return element.children.flatMap((child) => {
    if (child.type !== 'element') return []
    if (/^(?:tbody|thead|tfoot)$/.test(child.tagName)) return rowsOf(child)
    return ['tr', 'caption'].includes(child.tagName) ? [child] : []
  })
}

/** @param isMarker only what Word puts before an item */
function textOf(element: Element, isMarker = false): string {
  return element.children
    .map((child): string => {
      if (child.type === 'text') return isMarker ? '' : child.value
      if (child.type !== 'element') return ''
      if (child.tagName === 'br') return isMarker ? '' : '\n'
      const isIgnored = /mso-list:\s*ignore/.test(styleOf(child))
      if (isMarker) return isIgnored ? textOf(child) : textOf(child, true)
      return leftOut.has(child.tagName) ? '' : textOf(child)
    })
    .join('')
}
