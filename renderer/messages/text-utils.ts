const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
// Not \p{RGI_Emoji}: making that expression takes a browser most of a second.
const emojiPattern =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]|\p{RI}{2}|[0-9#*]\uFE0F?\u20E3)/u

/** One to three emoji and nothing else: shown larger, as they are the whole message. */
export function isOnlyEmoji(text: string): boolean {
  if (text.length > 64 || /[A-Za-z]/.test(text)) return false
  let count = 0
  for (const { segment } of graphemes.segment(text)) {
    if (segment.trim() === '') continue
    count += 1
    if (count > 3 || !emojiPattern.test(segment)) return false
  }
  return count > 0
}

const maxLines = 18
const maxCharacters = 1600

/** True for text that is folded. Otherwise one pasted log would push a day of conversation away. */
export function isLong(text: string): boolean {
  if (text.length > maxCharacters) return true
  let lines = 1
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) {
    lines += 1
    if (lines > maxLines) return true
  }
  return false
}

/** Cleans pasted text from any source: one kind of line break, and no control characters that the hub refuses. */
export function cleanPaste(text: string): string {
  return removeControls(text.replace(/\r\n?|\u2028|\u2029/g, '\n'))
}

export function removeControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- controls are what this is about
  return text.replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '').toWellFormed()
}

/** For browsers that do not size a field by its content. Sets a style property, which the CSP allows. */
export function fitToContent(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight}px`
}
