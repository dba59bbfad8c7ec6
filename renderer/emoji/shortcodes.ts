// Finds `:tada:` in a text. Never in code, in an address or in a path: `https://example.com/users/:id:/posts` stays as typed.
import type { Inline } from '../../shared/text/inline.ts'
import { parseMarkdown, type Block } from '../../shared/text/markdown.ts'
import { wordBefore } from '../../shared/text/scripts.ts'

export interface Shortcode {
  from: number
  to: number
  /** Without the colons. */
  code: string
}

/** Signs of addresses, paths, queries and programs: next to one of them a colon belongs to it. */
const technical = String.raw`[:\/\\=&#%@$|<>^]`
const shortcodePattern = new RegExp(
  String.raw`(?<!${technical}|${wordBefore}):([\p{L}\p{N}_+-]{1,64}):(?!${technical}|${wordBefore})`,
  'gu',
)
/** `[:alpha:]` is a class of characters. */
const characterClass = /^\[:[\p{L}\p{N}_+-]+:\]$/u
/** Marks the places that are looked for in the parsed text; no text contains this plane. */
const firstPlaceholder = 0xf0000
const placeholder = /[\u{F0000}-\u{FFFFD}]/gu

export function hasShortcode(text: string): boolean {
  return text.search(shortcodePattern) !== -1
}

export function findShortcodes(text: string): Shortcode[] {
  const candidates = findCandidates(text)
  if (candidates.length === 0 || text.search(placeholder) !== -1) return []
  let marked = ''
  let done = 0
  candidates.forEach(({ from }, index) => {
    marked += text.slice(done, from) + String.fromCodePoint(firstPlaceholder + index)
    done = from
  })
  const shown = new Set<number>()
  collectShown(parseMarkdown(marked + text.slice(done)), shown)
  return candidates.filter((_, index) => shown.has(firstPlaceholder + index))
}

function findCandidates(text: string): Shortcode[] {
  const found: Shortcode[] = []
  for (const word of text.matchAll(/\S+/g)) {
    if (!word[0].includes(':') || /[/\\]/.test(word[0])) continue
    for (const match of word[0].matchAll(shortcodePattern)) {
      const from = match.index
      const to = from + match[0].length
      if (characterClass.test(word[0].slice(Math.max(0, from - 1), to + 1))) continue
      found.push({ from: word.index + from, to: word.index + to, code: match[1] as string })
    }
  }
  return found
}

/** Collects the placeholders in the text of blocks, not those in code or in addresses. */
function collectShown(blocks: readonly Block[], shown: Set<number>): void {
  for (const block of blocks) {
    if (block.kind === 'text' || block.kind === 'heading') collectFromInlines(block.children, shown)
    else if (block.kind === 'quote') collectShown(block.children, shown)
    else if (block.kind === 'list') for (const item of block.items) collectShown(item.children, shown)
  }
}

function collectFromInlines(nodes: readonly Inline[], shown: Set<number>): void {
  for (const node of nodes) {
    if (node.kind === 'text') {
      for (const [character] of node.text.matchAll(placeholder)) shown.add(character.codePointAt(0) as number)
    } else if ('children' in node && !(node.kind === 'link' && node.bare)) {
      collectFromInlines(node.children, shown)
    }
  }
}
