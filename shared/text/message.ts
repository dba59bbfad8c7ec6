import { limits, type ChatRole } from '../contract/values.ts'
import { walkInlines, parseMarkdown } from './markdown.ts'
import { mentionReadings } from './mentions.ts'
import type { ValidationProblem } from './names.ts'

/** Control characters except tab and newline: they have no glyph, and some control terminals. */
// eslint-disable-next-line no-control-regex -- matches control characters on purpose
const controlCharacters = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/
/** Escape sequences of terminals: colours, links, titles. Each begins with ESC, or with its form of one character. */
const terminalCodes =
  // eslint-disable-next-line no-control-regex -- matches control characters on purpose
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)|\u001B(?:[ -/]*[0-~])?/g
const blankText = /^[\s\p{DI}\p{Cf}]*$/u

/** Returns the number of UTF-8 bytes, without an encoder: `shared` has neither Node nor DOM. */
export function countBytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1
    // A surrogate pair is four bytes. Its two units were counted as three bytes each: subtract two here.
    if (unit >= 0xd800 && unit <= 0xdbff) bytes -= 2
  }
  return bytes
}

/**
 * Returns the text as it is stored: line breaks of any system become newlines, and codes that only a terminal understands
 * go, so that the output of a program can be sent. Everything else stays as sent.
 */
export function normalizeText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(terminalCodes, '')
}

/** Returns the text without the control characters that `checkText` refuses. For programs that cannot ask their user. */
export function dropControls(text: string): string {
  return normalizeText(text).replace(new RegExp(controlCharacters, 'g'), '').toWellFormed()
}

/** Returns the problem of a message text, or undefined. */
export function checkText(text: string, mayBeEmpty = false): ValidationProblem | undefined {
  if (countBytes(text) > limits.text) {
    return {
      code: 'too_large',
      message: 'This message is longer than 16 KiB. Send it in parts, or as a file.',
    }
  }
  if (!text.isWellFormed() || controlCharacters.test(text)) {
    return { code: 'invalid', message: 'This message contains characters that cannot be shown.' }
  }
  if (!mayBeEmpty && blankText.test(text)) return { code: 'invalid', message: 'This message is empty.' }
  return undefined
}

/** Returns the first characters of a text for lists. Cuts between code points, so that no surrogate pair is split. */
export function preview(text: string): string {
  if (text.length <= limits.preview) return text
  return [...text.slice(0, limits.preview * 2)].slice(0, limits.preview).join('')
}

/** `everyone` mentions all members, `here` those who are connected. Users cannot register these names. */
export const broadcastMentions = ['everyone', 'here'] as const

/** Every member of a small group can use broadcast mentions. In a larger group they interrupt many, so only owner and admins can. */
export function mayMentionEveryone(role: ChatRole, memberCount: number): boolean {
  return role !== 'member' || memberCount <= limits.broadcastMentionMembers
}

/** The mentions of a text that are read; a text with more of them is no text. */
const maxMentions = 100

/** Returns the readings of each mention in a text, outside code. */
export function findMentionReadings(text: string): string[][] {
  if (!/[@＠]/.test(text)) return []
  const runs = new Set<string>()
  for (const node of walkInlines(parseMarkdown(text))) {
    if (node.kind === 'mention') runs.add(node.name)
    if (runs.size === maxMentions) break
  }
  return [...runs].map(mentionReadings)
}

/** Returns all names that the mentions in a text can stand for: "@ann." can be "ann." or "ann". */
export function mentionedNames(text: string): string[] {
  return [...new Set(findMentionReadings(text).flat())]
}
