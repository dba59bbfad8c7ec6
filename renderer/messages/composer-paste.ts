// Decides what a paste into the composer inserts.
import { findBareLinks } from '../../shared/text/bare-links.ts'
import { parseMarkdown } from '../../shared/text/markdown.ts'
import { isInCode, insertLink, type EditorState, type TextEdit } from './markdown-editing.ts'
import { cleanPaste } from './text-utils.ts'

/** The browser lays the field out for minutes with megabytes, and the page does nothing else: a longer text becomes a file. */
export const maxInsertedLength = 256 * 1024

/** More HTML than a user means to paste. */
const maxHtmlLength = 1024 * 1024

export interface PastedText {
  plain: string
  rich: string
  /** Ctrl+Shift+V. */
  onlyWords: boolean
}

/** `html` is converted first, to its words alone if `onlyWords`; its `text` is inserted if that fails. */
export type PasteAction =
  { kind: 'edit'; edit: TextEdit } | { kind: 'html'; html: string; text: string; onlyWords: boolean }

export function planPaste(state: EditorState, { plain, rich, onlyWords }: PastedText): PasteAction {
  const text = cleanPaste(plain)
  const isPlain = onlyWords || isInCode(state.text, state.from)
  // Some programs put HTML on the clipboard alone, or with a blank text.
  if (text.trim() === '' && rich.trim() !== '' && rich.length <= maxHtmlLength)
    return { kind: 'html', html: rich, text, onlyWords: isPlain }
  if (!isPlain && state.from !== state.to && isUrl(text) && !touchesAddress(state)) {
    const edit = insertLink(state, text.trim())
    if (isLinkOfWords(edit.insert)) return { kind: 'edit', edit }
  }
  if (!isPlain && text !== '' && hasFormatting(rich))
    return { kind: 'html', html: rich, text, onlyWords: false }
  return { kind: 'edit', edit: insertion(state, text) }
}

export function insertion({ from, to }: EditorState, insert: string): TextEdit {
  return { from, to, insert, select: [from + insert.length, from + insert.length] }
}

function isUrl(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text.trim()) && URL.canParse(text.trim())
}

/** Paragraphs, list items, blanks and open brackets cannot be the words of a link: the address replaces them. */
function isLinkOfWords(markdown: string): boolean {
  const [block, ...others] = parseMarkdown(markdown)
  if (block?.kind !== 'text' || others.length > 0) return false
  const [link] = block.children
  return block.children.length === 1 && link?.kind === 'link' && !link.bare && !/^\[\s*\]/.test(markdown)
}

/** An address that is pasted over another replaces it. */
function touchesAddress({ text, from, to }: EditorState): boolean {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const end = text.indexOf('\n', to)
  const lines = text.slice(start, end === -1 ? text.length : end)
  return findBareLinks(lines).some((link) => start + link.from < to && start + link.to > from)
}

/** Code editors and plain pages put HTML on the clipboard too. Their plain text preserves the spaces. */
function hasFormatting(rich: string): boolean {
  return (
    rich.length <= maxHtmlLength &&
    /<(?:b|strong|em|i|a|ul|ol|blockquote|pre|code|h[1-6]|del|s|table)[\s>]/i.test(rich)
  )
}
