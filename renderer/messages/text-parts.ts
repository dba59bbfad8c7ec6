/** What a message's text is made of. It becomes text nodes and links, never a string of HTML. */
export type TextPart = { text: string } | { text: string; href: string }

// Each alternative begins in one place only and has a bounded or unambiguous run: what somebody sends must not be able to
// keep the page of everybody else busy.
const candidate =
  /\bhttps?:\/\/[^\s<>"“”«»]+|\bmailto:[^\s<>"“”«»]+|(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu
const longestAddress = 2048
const schemes = new Set(['http:', 'https:', 'mailto:'])

export function textParts(text: string): TextPart[] {
  if (!text.includes('://') && !text.includes('@') && !/mailto:/i.test(text)) return [{ text }]
  const parts: TextPart[] = []
  let done = 0
  for (const match of text.matchAll(candidate)) {
    if (match[0].length > longestAddress) continue
    const shown = withoutTrailingPunctuation(match[0])
    const href = addressOf(shown)
    if (href === undefined) continue
    if (match.index > done) parts.push({ text: text.slice(done, match.index) })
    parts.push({ text: shown, href })
    done = match.index + shown.length
  }
  if (done < text.length) parts.push({ text: text.slice(done) })
  return parts
}

function addressOf(shown: string): string | undefined {
  const address = /^(https?|mailto):/i.test(shown) ? shown : `mailto:${shown}`
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return schemes.has(url.protocol) && (url.host !== '' || url.pathname !== '') ? url.href : undefined
}

/** "(see https://example.org/a_(b))." is a link to …/a_(b): what closes belongs to the sentence unless it was opened inside. */
function withoutTrailingPunctuation(address: string): string {
  let end = address.length
  while (end > 0) {
    const last = address[end - 1] as string
    if (/[.,:;!?'’*_~…。、，]/u.test(last)) end -= 1
    else if (')]}'.includes(last) && !isOpenedIn(address.slice(0, end), last)) end -= 1
    else break
  }
  return address.slice(0, end)
}

function isOpenedIn(address: string, closing: string): boolean {
  const opening = { ')': '(', ']': '[', '}': '{' }[closing] as string
  return address.split(opening).length >= address.split(closing).length
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
// Not \p{RGI_Emoji}: making that expression takes a browser most of a second.
const emoji =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]|\p{RI}{2}|[0-9#*]\uFE0F?\u20E3)/u

/** One to three emoji and nothing else: shown larger, as they are the whole message. */
export function isOnlyEmoji(text: string): boolean {
  if (text.length > 64 || /[A-Za-z]/.test(text)) return false
  let count = 0
  for (const { segment } of graphemes.segment(text)) {
    if (segment.trim() === '') continue
    count += 1
    if (count > 3 || !emoji.test(segment)) return false
  }
  return count > 0
}

const foldedLines = 18
const foldedCharacters = 1600

/** A wall of text is folded, or one pasted log would push a day of conversation away. */
export function isLong(text: string): boolean {
  if (text.length > foldedCharacters) return true
  let lines = 1
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) {
    lines += 1
    if (lines > foldedLines) return true
  }
  return false
}

/** What is pasted may come from anywhere: one kind of line break, and none of the controls that the hub refuses. */
export function cleanPaste(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      .replaceAll('\u2028', '\n')
      .replaceAll('\u2029', '\n')
      // eslint-disable-next-line no-control-regex -- controls are what this is about
      .replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')
      .toWellFormed()
  )
}
