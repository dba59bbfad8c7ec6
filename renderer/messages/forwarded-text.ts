// The text of a forwarded message: who wrote it, and a quote. It shows what the message shows, and mentions nobody: those whom
// the message names were called where it was written.
import { findEffectiveMarks } from '../../shared/text/inline.ts'
import { mentionedNames } from '../../shared/text/message.ts'
import { escapeLines } from '../../shared/text/markdown.ts'
import { t } from '../text/t.ts'
import { isInCode } from './markdown-editing.ts'

const mentionSign = /[@＠]/
const anyMark = /[*_~`[\]@＠#＃]/

/** @param name the display name of the author */
export function forwardedText(name: string, text: string): string {
  const author = escapeLines(escapeMarks(name, anyMark))
  if (text === '') return t('forward.from', { name: author })
  const quoted = withoutMentions(text)
    .split('\n')
    .map((line) => `> ${line}`)
  return [t('forward.by', { name: author }), ...quoted].join('\n')
}

function withoutMentions(text: string): string {
  if (!mentionSign.test(text)) return text
  const escaped = escapeByLine(text)
  // backticks can belong together over lines: then it is better to show a backslash than to mention
  return mentionedNames(escaped).length === 0 ? escaped : escaped.replace(/(?<!\\)[@＠]/g, '\\$&')
}

function escapeByLine(text: string): string {
  let start = 0
  return text
    .split('\n')
    .map((line) => {
      const at = start
      start += line.length + 1
      return !mentionSign.test(line) || isInCode(text, at) ? line : escapeMarks(line, mentionSign)
    })
    .join('\n')
}

/** Puts a backslash before each of these signs that takes effect. */
function escapeMarks(line: string, signs: RegExp): string {
  const marks = findEffectiveMarks(line)
  return [...line.matchAll(/[^]/gu)]
    .map(({ 0: character, index }) =>
      marks.has(index) && signs.test(character) ? `\\${character}` : character,
    )
    .join('')
}
