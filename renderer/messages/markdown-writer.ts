// Writes blocks of text as Markdown that shows exactly their text. The parser itself says which characters it takes for marks:
// those of the text get a backslash, and a format that it does not recognize is left out. The result is read again, and if
// its text differs, the format is given up before the text is.
import { findEffectiveMarks } from '../../shared/text/inline.ts'
import { escapeLines, parseMarkdown } from '../../shared/text/markdown.ts'
import { textOfBlocks } from '../../shared/text/plain-text.ts'
import type { Mark, PastedBlock, Span } from './pasted-blocks.ts'

export function writeMarkdown(blocks: readonly PastedBlock[]): string {
  return writeBlocks(joinLines(blocks))
}

function writeBlocks(blocks: readonly PastedBlock[]): string {
  let text = ''
  let last = ''
  let before: PastedBlock | undefined
  for (const block of blocks) {
    const written = writeBlock(block)
    if (written === '') continue
    text += before?.kind === 'text' ? escapeOpenFence(last) : last
    if (before) text += isApart(before) || isApart(block) || isTextAfterList(before, block) ? '\n\n' : '\n'
    last = written
    before = block
  }
  return text + last
}

/** A fence at the end of a text opens a code block only if something follows. */
function escapeOpenFence(text: string): string {
  return text.replace(/^( {0,3})(?=`{3,}[^`\n]*(?![^])|~{3,}[^\n]*(?![^]))/m, '$1\\')
}

/** Lines without an empty line between them are one paragraph, in which marks pair up. */
function joinLines(blocks: readonly PastedBlock[], isTight = false): PastedBlock[] {
  const joined: PastedBlock[] = []
  for (const block of blocks) {
    const last = joined.at(-1)
    if (last?.kind === 'text' && block.kind === 'text' && (isTight || (!isApart(last) && !isApart(block)))) {
      last.spans.push({ text: '\n', marks: new Set() }, ...block.spans)
    } else if (block.kind === 'text') {
      joined.push({ ...block, isApart: block.isApart && !isTight, spans: [...block.spans] })
    } else {
      joined.push(block)
    }
  }
  return joined
}

/** Paragraphs are separated by an empty line. Lines, and blocks with a mark of their own, need none. */
function isApart(block: PastedBlock): boolean {
  return block.kind === 'text' && block.isApart
}

function isTextAfterList(before: PastedBlock, block: PastedBlock): boolean {
  const isBlock = (each: PastedBlock) => each.kind === 'list' || each.kind === 'quote'
  return (isBlock(before) && block.kind === 'text') || (before.kind === 'quote' && block.kind === 'quote')
}

function writeBlock(block: PastedBlock): string {
  switch (block.kind) {
    case 'text':
      return writeSpans(block.spans)
    case 'heading': {
      const mark = `${'#'.repeat(block.level)} `
      return mark + writeSpans(block.spans, mark)
    }
    case 'code':
      return writeCode(block.text, block.language)
    case 'quote':
      return prefixLines(writeMarkdown(block.blocks), '> ', '> ')
    case 'list':
      return block.items
        .map((item, at) => {
          const mark = block.start === undefined ? '- ' : `${block.start + at}. `
          // an item of paragraphs is an item of lines
          return prefixLines(writeBlocks(joinLines(item, true)), mark, '  ')
        })
        .join('\n')
  }
}

function writeCode(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function prefixLines(text: string, first: string, next: string): string {
  return text
    .split('\n')
    .map((line, at) => (at === 0 ? first : next) + line)
    .join('\n')
}

/** A piece of Markdown: text that has to be shown, or one of a pair of marks around text. */
interface Piece {
  text: string
  /** The pair; undefined for text. */
  pair: number | undefined
}

/** Often enough for nested formats; a text that needs more is no text of a user. */
const maxAttempts = 6

/** @param before the text before it in its line */
function writeSpans(spans: readonly Span[], before = ''): string {
  const plain = spans.map(({ text }) => text).join('')
  // fast path: nothing is marked, and nothing looks like a mark
  if (!spans.some(hasFormat) && !/[\\*_~`[\]]|^ {0,3}[->#\d]/m.test(plain)) return plain
  const dropped = new Set<number>()
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const pieces = linesOf(spans).flatMap((line, at) => {
      const written = writeLine(line, at)
      return at === 0 ? written : [textPiece('\n'), ...written]
    })
    const kept = pieces.filter(({ pair }) => pair === undefined || !dropped.has(pair))
    const { text: inline, failed } = escapePieces(kept)
    const text = before === '' ? escapeLines(inline) : inline
    if (failed.size === 0 && showsText(before + text, plain)) return text
    if (failed.size === 0) break
    for (const pair of failed) dropped.add(pair)
  }
  const { text: inline } = escapePieces([textPiece(plain)])
  const text = before === '' ? escapeLines(inline) : inline
  return showsText(before + text, plain) ? text : quoteWords(plain, before)
}

function hasFormat({ marks, href }: Span): boolean {
  return marks.size > 0 || href !== undefined
}

function textPiece(text: string): Piece {
  return { text, pair: undefined }
}

function showsText(markdown: string, plain: string): boolean {
  const blocks = parseMarkdown(markdown)
  if (blocks.length > 1 || (blocks[0] && blocks[0].kind !== 'text' && blocks[0].kind !== 'heading'))
    return false
  return trimLines(textOfBlocks(blocks)) === trimLines(plain)
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Words that no backslash can protect become code, and at last the whole text. */
function quoteWords(plain: string, before: string): string {
  const text = plain.replace(/\S+/g, (word) => (/[\\*_~`[\]]/.test(word) ? writeInlineCode(word) : word))
  const escaped = before === '' ? escapeLines(text) : text
  return showsText(before + escaped, plain) || before !== '' ? escaped : writeCode(plain, '')
}

function linesOf(spans: readonly Span[]): Span[][] {
  const lines: Span[][] = [[]]
  for (const span of spans) {
    span.text.split('\n').forEach((text, at) => {
      if (at > 0) lines.push([])
      if (text !== '') lines.at(-1)?.push({ ...span, text })
    })
  }
  return lines
}

type Level = (span: Span) => string | undefined
const signs: Record<Exclude<Mark, 'code'>, string> = { strong: '**', em: '*', strike: '~~' }
const levels: Level[] = [
  ({ href }) => href,
  ...(['strong', 'em', 'strike'] as const).map(
    (mark): Level =>
      ({ marks }) =>
        marks.has(mark) ? signs[mark] : undefined,
  ),
  ({ marks }) => (marks.has('code') ? '`' : undefined),
]

/** Pairs are numbered by their place, so that a pair has the same number in each attempt. */
function writeLine(line: readonly Span[], lineNo: number): Piece[] {
  let count = lineNo * 10_000
  const write = (spans: readonly Span[], depth: number): Piece[] => {
    const level = levels[depth]
    if (!level) return [textPiece(spans.map(({ text }) => text).join(''))]
    const pieces: Piece[] = []
    for (let at = 0; at < spans.length;) {
      const format = level(spans[at] as Span)
      let end = at + 1
      while (end < spans.length && level(spans[end] as Span) === format) end += 1
      const run = spans.slice(at, end)
      if (format === undefined) pieces.push(...write(run, depth + 1))
      else pieces.push(...wrap(run, format, depth, ++count, write))
      at = end
    }
    return pieces
  }
  return write(line, 0)
}

type Write = (spans: readonly Span[], depth: number) => Piece[]

/** Spaces stay outside of the marks; otherwise they would not be marks. */
function wrap(run: readonly Span[], format: string, depth: number, pair: number, write: Write): Piece[] {
  const text = run.map((span) => span.text).join('')
  const words = text.trim()
  if (words === '') return [textPiece(text)]
  const start = text.indexOf(words)
  const pieces: Piece[] = [textPiece(text.slice(0, start))]
  const inner = cut(run, start, start + words.length)
  if (format === '`') {
    pieces.push({ text: writeInlineCode(words), pair })
  } else if (depth === 0) {
    if (isSameAddress(words, format)) pieces.push(textPiece(words))
    else pieces.push({ text: '[', pair }, ...write(inner, 1), { text: `](${escapeAddress(format)})`, pair })
  } else {
    pieces.push({ text: format, pair }, ...write(inner, depth + 1), { text: format, pair })
  }
  return [...pieces, textPiece(text.slice(start + words.length))]
}

function cut(spans: readonly Span[], from: number, to: number): Span[] {
  let at = 0
  return spans.flatMap((span) => {
    const text = span.text.slice(Math.max(0, from - at), Math.max(0, to - at))
    at += span.text.length
    return text === '' ? [] : [{ ...span, text }]
  })
}

function isSameAddress(words: string, url: string): boolean {
  const bare = (text: string) => text.replace(/^mailto:/i, '').replace(/\/$/, '')
  return bare(words) === bare(url)
}

/** An unbalanced parenthesis would end the address. */
function escapeAddress(url: string): string {
  return url.split('(').length === url.split(')').length
    ? url
    : url.replaceAll('(', '%28').replaceAll(')', '%29')
}

/** The shortest run of backticks that the text does not contain. */
function writeInlineCode(text: string): string {
  const runs = new Set([...text.matchAll(/`+/g)].map(([run]) => run.length))
  let length = 1
  while (runs.has(length)) length += 1
  const fence = '`'.repeat(length)
  return runs.size === 0 && text.trim() === text ? fence + text + fence : `${fence} ${text} ${fence}`
}

/** Puts a backslash before each character of the text that is a mark. Returns the pairs that are no marks. */
function escapePieces(pieces: readonly Piece[]): { text: string; failed: Set<number> } {
  const bare = pieces.map(({ text }) => text).join('')
  const live = findEffectiveMarks(bare)
  let escaped = ''
  const places: { at: number; length: number; pair: number }[] = []
  let at = 0
  for (const { text, pair } of pieces) {
    if (pair === undefined) {
      for (const character of text) {
        if (live.has(at) && /[*_~`[\]]/.test(character)) escaped += '\\'
        escaped += character
        at += character.length
      }
    } else {
      places.push({ at: escaped.length, length: text.length, pair })
      escaped += text
      at += text.length
    }
  }
  const marks = findEffectiveMarks(escaped)
  const failed = new Set(places.filter((place) => !isEffective(place, marks)).map(({ pair }) => pair))
  return { text: escaped, failed }
}

function isEffective({ at, length }: { at: number; length: number }, marks: ReadonlySet<number>): boolean {
  return marks.has(at) && (length > 2 || marks.has(at + length - 1))
}
