// The text of a message without its marks: for lists, quotes, labels, notifications and search hits.
import type { Inline } from './inline.ts'
import { limits } from '../contract/values.ts'
import { parseMarkdown, type Block } from './markdown.ts'

/** Returns the text to show for `@name`, with the sign. */
export type MentionText = (sign: string, name: string) => string

const asTyped: MentionText = (sign, name) => sign + name

export function plainText(text: string, mentionText: MentionText = asTyped): string {
  return textOfBlocks(parseMarkdown(text), mentionText)
}

export function textOfBlocks(blocks: readonly Block[], mentionText: MentionText = asTyped): string {
  return shownText(partsOfBlocks(blocks, mentionText))
}

/** Marks that the end of a preview may have cut off, the longer ones first. */
const closingMarks = ['**', '__', '~~', '`', '*', '_']

/** Like `plainText`, for the first characters of a text: a mark whose end was cut off is no text. */
export function plainPreview(text: string, mentionText: MentionText = asTyped): string {
  const shown = plainText(text, mentionText)
  if (text.length < limits.preview) return shown
  return closingMarks.reduce((best, mark) => {
    const closed = plainText(text.trimEnd() + mark, mentionText)
    return closed.length < best.length ? closed : best
  }, shown)
}

export interface TextRange {
  readonly start: number
  readonly end: number
}

/** Returns the text without its marks, with the places there of ranges of the text as it was typed. Ranges within marks have none. */
export function plainTextWithRanges(
  text: string,
  ranges: readonly TextRange[],
  mentionText: MentionText = asTyped,
): { text: string; ranges: TextRange[] } {
  const found: TextRange[] = []
  let shown = ''
  let cursor = 0
  for (const part of partsOfBlocks(parseMarkdown(text), mentionText)) {
    const from = part.typed === '' ? -1 : text.indexOf(part.typed, cursor)
    if (from >= 0) {
      cursor = from + part.typed.length
      const isAsTyped = part.shown === part.typed
      for (const { start, end } of ranges) {
        if (start >= cursor || end <= from) continue
        const first = isAsTyped ? Math.max(start, from) - from : 0
        const last = isAsTyped ? Math.min(end, cursor) - from : part.shown.length
        found.push({ start: shown.length + first, end: shown.length + last })
      }
    }
    shown += part.shown
  }
  return { text: shown, ranges: found }
}

/** A piece of the plain text, and how it was typed in the message: '' if the parser added it. */
interface Part {
  readonly shown: string
  readonly typed: string
}

function shownText(parts: readonly Part[]): string {
  return parts.map(({ shown }) => shown).join('')
}

const addedPart = (shown: string): Part => ({ shown, typed: '' })

function partsOfBlocks(blocks: readonly Block[], mentionText: MentionText): Part[] {
  return joinLines(blocks.map((block) => partsOfBlock(block, mentionText)))
}

function joinLines(lines: readonly Part[][]): Part[] {
  return lines
    .filter((parts) => shownText(parts) !== '')
    .flatMap((parts, at) => (at === 0 ? parts : [addedPart('\n'), ...parts]))
}

function partsOfBlock(block: Block, mentionText: MentionText): Part[] {
  switch (block.kind) {
    case 'text':
    case 'heading':
      return partsOfInlines(block.children, mentionText)
    case 'code':
      return linesOf(block.text)
    case 'quote':
      return partsOfBlocks(block.children, mentionText)
    case 'list':
      return block.items.flatMap(({ number, children }, at) => [
        addedPart(`${at === 0 ? '' : '\n'}${number === undefined ? '•' : `${number}.`} `),
        ...partsOfBlocks(children, mentionText),
      ])
  }
}

function partsOfInlines(nodes: readonly Inline[], mentionText: MentionText): Part[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'text':
      case 'code':
        return linesOf(node.text)
      case 'mention':
        return { shown: mentionText(node.sign, node.name), typed: node.sign + node.name }
      case 'group':
        return { shown: (node.text[0] as string) + node.name, typed: node.text }
      default:
        return partsOfInlines(node.children, mentionText)
    }
  })
}

/** The lines of a quote or a list have marks between them. */
function linesOf(text: string): Part[] {
  return text
    .split('\n')
    .flatMap((line, at) => [...(at === 0 ? [] : [addedPart('\n')]), { shown: line, typed: line }])
}
