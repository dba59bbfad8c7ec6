// Finds addresses that are written in a text, and where they end: before white space, invisible characters, punctuation of
// any script, and brackets that the address does not open and close itself. One pass, without a limit of the length.
import { unspacedLetters, unspacedScript } from './scripts.ts'

export interface BareLink {
  from: number
  to: number
}

const notUnspaced = `(?![${unspacedLetters}])`
/** Each alternative begins in one place only and has a bounded or unambiguous run. */
const startPattern = new RegExp(
  [
    String.raw`(?<!${notUnspaced}[\p{L}\p{N}])(?:https?:\/\/|www\.(?=[\p{L}\p{N}])|mailto:)`,
    // a mail address: its last label is a name of letters, so that lit@3.2.1 is none
    String.raw`(?<!${notUnspaced}[\p{L}\p{N}._%+-])(?:${notUnspaced}[\p{L}\p{N}._%+-]){1,64}@(?!v?\d+\.\d)(?:[\p{L}\p{M}\p{N}-]+\.)+(?:[a-z]{2,}|xn--[a-z\d-]+|(?:(?![a-z])\p{L}\p{M}*){2,})(?!${notUnspaced}-*[\p{L}\p{N}_]|:[\p{L}\p{N}/~.])`,
  ].join('|'),
  'giu',
)

/** Ends an address. A full stop, a comma and the like of ASCII end it only at its end. */
const endPattern =
  /[\s<>"`\p{Cc}]|(?!\u200C|\u200D|\uFE0F)[\p{Cf}\p{DI}]|(?!\p{ASCII})\p{P}|[\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]/u
const joiner = /\u200C|\u200D|\uFE0F/
/** A joiner belongs to an address only between the letters or emoji that it joins. */
const joinable = String.raw`(?!\p{ASCII})(?:[\p{L}\p{M}\p{Extended_Pictographic}]|\u200D)`
const endsJoinable = new RegExp(`${joinable}$`, 'u')
const beginsJoinable = new RegExp(`^${joinable}`, 'u')

const closingOf: Record<string, string> = { '(': ')', '[': ']', '{': '}' }
/** Bounds how much of a text is read again when a bracket turns out to stay open. */
const maxOpenBrackets = 8

export function mightContainLink(text: string): boolean {
  return text.includes('://') || /mailto:|www\./i.test(text)
}

/** Finds bare addresses in the text, without the punctuation of the surrounding sentence. */
export function findBareLinks(text: string): BareLink[] {
  if (!text.includes('@') && !mightContainLink(text)) return []
  const found: BareLink[] = []
  startPattern.lastIndex = 0
  for (let match = startPattern.exec(text); match; match = startPattern.exec(text)) {
    const from = match.index
    const start = from + match[0].length
    // a mail address is matched as a whole
    const isMail = !/^(?:https?:\/\/|www\.|mailto:)$/i.test(match[0])
    const to = isMail ? start : trimPunctuation(text, start, findEnd(text, start))
    if (isMail || to > start) found.push({ from, to })
    startPattern.lastIndex = Math.max(to, start)
  }
  return found
}

/** Returns where the run of characters of an address ends. */
function findEnd(text: string, from: number): number {
  const opened: { closing: string; at: number }[] = []
  let inHost = true
  let at = from
  while (at < text.length) {
    // fast path: most characters are these
    if (/[A-Za-z\d]/.test(text[at] as string)) {
      at += 1
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(at) as number)
    if (endPattern.test(character) || isLooseJoiner(text, at, character) || isNextAddress(text, at)) break
    if (inHost && /[/?#]/.test(character)) inHost = false
    if (inHost && endsHost(text, from, at, character)) break
    if (/[)\]}]/.test(character)) {
      // "](" is the end of the label of a link
      if (opened.at(-1)?.closing !== character || (character === ']' && text[at + 1] === '(')) break
      opened.pop()
    }
    const closing = closingOf[character]
    if (closing !== undefined) {
      if (opened.length === maxOpenBrackets) break
      opened.push({ closing, at })
    }
    at += character.length
  }
  return opened[0]?.at ?? at
}

function isLooseJoiner(text: string, at: number, character: string): boolean {
  if (!joiner.test(character)) return false
  if (!endsJoinable.test(text.slice(Math.max(0, at - 2), at))) return true
  return character !== '\uFE0F' && !beginsJoinable.test(text.slice(at + 1, at + 3))
}

/** Two addresses with a comma between them are two. */
function isNextAddress(text: string, at: number): boolean {
  return /[,;|]/.test(text[at] as string) && /^https?:\/\//i.test(text.slice(at + 1, at + 9))
}

/** `example.comです`: a label of ASCII letters does not continue in a script without spaces. */
function endsHost(text: string, from: number, at: number, character: string): boolean {
  return at > from && /[a-z\d]/i.test(text[at - 1] as string) && unspacedScript.test(character)
}

/** Marks of emphasis stay: only the parser knows whether they close any. */
export function trimPunctuation(text: string, from: number, to: number): number {
  let end = to
  while (end > from && /[.,:;!?']|\u200C|\u200D/.test(text[end - 1] as string)) end -= 1
  return end
}
