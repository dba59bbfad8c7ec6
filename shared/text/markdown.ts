// Markdown as users type it in chats. The page renders the tree, the hub finds mentions in it, lists take their preview from
// it. docs/decisions/0019-markdown.md explains why we have our own parser.
//
// A line break is a line break. Syntax that would surprise in a chat is not supported: HTML, pictures, indented code,
// underlined headings, rules, tables. "1986. A great year" is a sentence.
import { parseInline, type Inline, type StepCounter } from './inline.ts'

export type Block =
  | { kind: 'text'; children: Inline[] }
  | { kind: 'heading'; level: 1 | 2 | 3; children: Inline[] }
  | { kind: 'code'; language: string | undefined; text: string }
  | { kind: 'quote'; children: Block[] }
  /** Numbers are shown as typed. */
  | { kind: 'list'; ordered: boolean; items: { number: number | undefined; children: Block[] }[] }

/** Of quotes and lists within each other. */
const maxNesting = 6

// A line may contain U+2028, at which a dot and the end of an expression would stop.
const fencePattern = /^ {0,3}(`{3,}|~{3,})([^]*)$/
const headingPattern = /^(#{1,6}) +(\S[^]*)$/
const quotePattern = /^>+(?: |$)/
const quoteStart = /^>+ +\S/
const bulletPattern = /^( {0,3})([-*])[ \t]+(\S[^]*)$/
const numberedPattern = /^( {0,3})(\d{1,3})[.)][ \t]+(\S[^]*)$/
/** A backslash at the start of a line, before what would begin a block. */
const lineEscapePattern = /^( {0,3}(?:\d{1,3}(?=\\[.)]))?)\\(?=[-*>#`~.)])/

export function parseMarkdown(text: string, meter: StepCounter = { steps: 0 }): Block[] {
  return parseBlocks(text.split('\n'), 0, meter)
}

function parseBlocks(lines: string[], depth: number, meter: StepCounter): Block[] {
  const blocks: Block[] = []
  const texts: TextLine[] = []
  const endText = () => {
    const block = parseTextBlock(texts, meter)
    if (block) blocks.push(block)
    texts.length = 0
  }
  for (let at = 0; at < lines.length;) {
    meter.steps += 1
    const parsed = parseBlockAt(lines, at, depth, meter)
    if (parsed) {
      endText()
      blocks.push(parsed.block)
      at = parsed.end
    } else {
      texts.push(parseTextLine(lines, at))
      at += 1
    }
  }
  endText()
  return blocks
}

interface TextLine {
  text: string
  /** Position of a backslash that keeps the line from beginning a block. */
  escape: number | undefined
}

/** At the start of a line a backslash is removed only if the rest would begin a block without it. */
function parseTextLine(lines: string[], at: number): TextLine {
  const text = lines[at] as string
  const match = lineEscapePattern.exec(text)
  if (!match || !beginsBlock(unescapeLine(text), lines, at)) return { text, escape: undefined }
  const escape = (match[1] as string).length
  // these characters have no meaning within a line
  if (/[->.)]/.test(text[escape + 1] as string)) return { text: unescapeLine(text), escape: undefined }
  return { text, escape }
}

/** Puts a backslash into each line of a text that would begin a block. */
export function escapeLines(text: string): string {
  const lines = text.split('\n')
  return lines
    .map((line, at) => {
      if (!/^ {0,3}[-*>#`~\d]/.test(line) || !beginsBlock(line, lines, at)) return line
      return line.replace(/^( {0,3}(?:\d{1,3})?)/, '$1\\')
    })
    .join('\n')
}

function unescapeLine(line: string): string {
  return line.replace(lineEscapePattern, '$1')
}

function beginsBlock(line: string, lines: string[], at: number): boolean {
  if (headingPattern.test(line) || quoteStart.test(line)) return true
  const fence = fencePattern.exec(line)
  if (fence) {
    const isClosedAtOnce = parseCodeAt([line], 0) !== undefined
    return isClosedAtOnce || (!fence[2]?.includes('`') && hasTextAfter(lines, at))
  }
  const item = parseListItem(line)
  if (!item) return false
  const before = parseListItem(unescapeLine(lines[at - 1] ?? ''))
  return (
    startsList(item, unescapeLine(lines[at + 1] ?? '')) ||
    (before?.ordered === true && startsList(before, line))
  )
}

function hasTextAfter(lines: string[], at: number): boolean {
  for (let next = at + 1; next < lines.length; next += 1) if (lines[next]?.trim()) return true
  return false
}

type ParsedBlock = { block: Block; end: number } | undefined

function parseBlockAt(lines: string[], at: number, depth: number, meter: StepCounter): ParsedBlock {
  const line = lines[at] as string
  // fast path: most lines begin with a letter
  if (!/^ {0,3}[`~#>\-*\d]/.test(line)) return undefined
  const code = parseCodeAt(lines, at)
  if (code) return code
  const title = headingPattern.exec(line)
  if (title) {
    const level = Math.min(3, (title[1] as string).length) as 1 | 2 | 3
    return {
      block: { kind: 'heading', level, children: parseInline(title[2] as string, meter) },
      end: at + 1,
    }
  }
  if (depth >= maxNesting) return undefined
  return parseQuoteAt(lines, at, depth, meter) ?? parseListAt(lines, at, depth, meter)
}

function parseTextBlock(lines: TextLine[], meter: StepCounter): Block | undefined {
  const first = lines.findIndex(({ text }) => text.trim() !== '')
  if (first === -1) return undefined
  const last = lines.findLastIndex(({ text }) => text.trim() !== '')
  const shown = lines.slice(first, last + 1)
  const escapes: number[] = []
  let offset = 0
  for (const { text, escape } of shown) {
    if (escape !== undefined) escapes.push(offset + escape)
    offset += text.length + 1
  }
  const text = shown.map((line) => line.text).join('\n')
  return { kind: 'text', children: parseParagraphs(text, escapes.reverse(), meter) }
}

/**
 * Marks open and close within a paragraph. Empty lines between paragraphs are preserved.
 *
 * @param escapes of lines, the last one first
 */
function parseParagraphs(text: string, escapes: number[], meter: StepCounter): Inline[] {
  const children: Inline[] = []
  let start = 0
  for (const part of text.split(/(\n(?:[ \t]*\n)+)/)) {
    const here = new Set<number>()
    while (escapes.length > 0 && (escapes.at(-1) as number) < start + part.length)
      here.add((escapes.pop() as number) - start)
    if (part.startsWith('\n') && part.trim() === '') children.push({ kind: 'text', text: part })
    else children.push(...parseInline(part, meter, here))
    start += part.length
  }
  return children
}

function parseCodeAt(lines: string[], at: number): ParsedBlock {
  const opening = fencePattern.exec(lines[at] as string)
  if (!opening) return undefined
  const mark = opening[1] as string
  const rest = (opening[2] as string).trim()
  if (mark.startsWith('`') && rest.includes('`')) {
    const inner = rest.slice(0, -mark.length)
    if (!rest.endsWith(mark) || inner === '' || inner.includes(mark)) return undefined
    return { block: { kind: 'code', language: undefined, text: inner }, end: at + 1 }
  }
  const language = /^[\w+#.-]{1,30}$/.test(rest) ? rest : undefined
  const content = language === undefined && rest !== '' ? [rest] : []
  for (let line = at + 1; line < lines.length; line += 1) {
    const text = lines[line] as string
    const closing = parseClosingFence(text, mark)
    if (!closing) {
      content.push(text)
      continue
    }
    if (closing.before !== '') content.push(closing.before)
    const block: Block = { kind: 'code', language, text: content.join('\n') }
    if (closing.after === '') return { block, end: line + 1 }
    // text after the closing fence becomes a separate line
    lines[line] = closing.after
    return { block, end: line }
  }
  if (content.join('').trim() === '') return undefined
  return { block: { kind: 'code', language, text: content.join('\n') }, end: lines.length }
}

function parseClosingFence(line: string, mark: string): { before: string; after: string } | undefined {
  const trimmed = line.trim()
  if (trimmed.startsWith(mark)) {
    const after = trimmed.replace(mark.startsWith('`') ? /^`+/ : /^~+/, '')
    if (after === '') return { before: '', after }
    return /^\s/.test(after) && trimmed[mark.length] === after[0]
      ? { before: '', after: after.trim() }
      : undefined
  }
  const ends = mark.startsWith('`') && trimmed.endsWith(mark) && trimmed.at(-mark.length - 1) !== '`'
  return ends ? { before: line.trimEnd().slice(0, -mark.length), after: '' } : undefined
}

function parseQuoteAt(lines: string[], at: number, depth: number, meter: StepCounter): ParsedBlock {
  if (!quoteStart.test(lines[at] as string)) return undefined
  let end = at
  while (end < lines.length && quotePattern.test(lines[end] as string)) end += 1
  const inner = lines.slice(at, end).map((line) => line.replace(/^> ?/, ''))
  return { block: { kind: 'quote', children: parseBlocks(inner, depth + 1, meter) }, end }
}

interface ListItemLine {
  ordered: boolean
  indent: number
  number: number | undefined
  text: string
}

function parseListItem(line: string | undefined): ListItemLine | undefined {
  const dotted = bulletPattern.exec(line ?? '')
  if (dotted) {
    // "* waves *" is an action, not a list
    if (dotted[2] === '*' && / \*\s*$/.test(line as string)) return undefined
    return {
      ordered: false,
      indent: (dotted[1] as string).length,
      number: undefined,
      text: dotted[3] as string,
    }
  }
  const counted = numberedPattern.exec(line ?? '')
  if (!counted) return undefined
  const [, indent, number, text] = counted as unknown as [string, string, string, string]
  return { ordered: true, indent: indent.length, number: Number(number), text }
}

function parseListAt(lines: string[], at: number, depth: number, meter: StepCounter): ParsedBlock {
  const first = parseListItem(lines[at])
  if (!first || !startsList(first, lines[at + 1])) return undefined
  const items: { number: number | undefined; lines: string[]; inset: number }[] = []
  let end = at
  for (let line = at; line < lines.length; line += 1) {
    meter.steps += 1
    const text = lines[line] as string
    const item = parseListItem(text)
    if (item && item.indent <= first.indent) {
      if (item.ordered !== first.ordered) break
      items.push({ number: item.number, lines: [item.text], inset: 0 })
    } else if (text.trim() !== '' && indentWidth(text) > first.indent) {
      const last = items.at(-1) as (typeof items)[number]
      // the second line of an item sets the indentation of its content
      last.inset ||= Math.min(4, indentWidth(text))
      last.lines.push(text.replace(/^\t/, '    ').slice(Math.min(last.inset, indentWidth(text))))
    } else if (text.trim() !== '') {
      break
    } else {
      // an empty line belongs to the list only if the list continues after it
      items.at(-1)?.lines.push('')
      continue
    }
    end = line + 1
  }
  const block: Block = {
    kind: 'list',
    ordered: first.ordered,
    items: items.map((item) => ({
      number: item.number,
      children: parseBlocks(item.lines, depth + 1, meter),
    })),
  }
  return { block, end }
}

/** A number begins a list if it is 1 or if the next line continues the count. Otherwise it is a year, a date or a price. */
function startsList(item: ListItemLine, nextLine: string | undefined): boolean {
  if (!item.ordered || item.number === 1) return true
  const next = parseListItem(nextLine)
  return next?.ordered === true && next.number === (item.number as number) + 1
}

function indentWidth(line: string): number {
  return line.startsWith('\t') ? 4 : line.length - line.trimStart().length
}

export function textOfInlines(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case 'text':
        case 'code':
          return node.text
        case 'mention':
          return node.sign + node.name
        case 'group':
          return (node.text[0] as string) + node.name
        default:
          return textOfInlines(node.children)
      }
    })
    .join('')
}

/** Yields all inline nodes in order, except code. */
export function* walkInlines(blocks: readonly Block[]): Generator<Inline> {
  for (const block of blocks) {
    if (block.kind === 'text' || block.kind === 'heading') yield* walkNestedInlines(block.children)
    else if (block.kind === 'quote') yield* walkInlines(block.children)
    else if (block.kind === 'list') for (const item of block.items) yield* walkInlines(item.children)
  }
}

function* walkNestedInlines(nodes: readonly Inline[]): Generator<Inline> {
  for (const node of nodes) {
    yield node
    if ('children' in node) yield* walkNestedInlines(node.children)
  }
}
