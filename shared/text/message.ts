import { limits, type ChatRole } from '../contract/values.ts'
import { walkInlines, parseMarkdown } from './markdown.ts'
import type { ValidationProblem } from './names.ts'

/** Controls but tab and newline: they have no glyph and some of them command terminals. */
// eslint-disable-next-line no-control-regex -- controls are what this is about
const controlCharacters = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/
const blankText = /^[\s\p{DI}\p{Cf}]*$/u

/** Bytes of UTF-8, without needing an encoder in either world. */
export function countBytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1
    // a surrogate pair is four bytes for two units, and each of the two was counted as three
    if (unit >= 0xd800 && unit <= 0xdbff) bytes -= 2
  }
  return bytes
}

/** What is wrong with the text of a message, or nothing. Text is stored as sent, so this changes nothing. */
export function checkText(text: string, mayBeEmpty = false): ValidationProblem | undefined {
  if (countBytes(text) > limits.text) {
    return {
      code: 'too_large',
      message: 'This message is longer than 16 KiB. Send it in parts, or as a file.',
    }
  }
  if (!text.isWellFormed() || controlCharacters.test(text)) {
    return { code: 'invalid', message: 'This message holds characters that cannot be shown.' }
  }
  if (!mayBeEmpty && blankText.test(text)) return { code: 'invalid', message: 'This message is empty.' }
  return undefined
}

/** The first characters of a message for a list: whole code points, so that no emoji is cut in half. */
export function preview(text: string): string {
  if (text.length <= limits.preview) return text
  return [...text.slice(0, limits.preview * 2)].slice(0, limits.preview).join('')
}

/** What calls everybody in a group, and everybody who is here now. Nobody can take these as a name. */
export const broadcastMentions = ['everyone', 'here'] as const
export type BroadcastMention = (typeof broadcastMentions)[number]

/** Among few, anybody may call all; in a larger group it interrupts many, so those who run it do. */
export function mayMentionEveryone(role: ChatRole, memberCount: number): boolean {
  return role !== 'member' || memberCount <= limits.broadcastMentionMembers
}

/** Names after an @ and outside of code, as typed and with trailing punctuation also left off: "@ann." means ann as well as "ann.". */
export function mentionedNames(text: string): string[] {
  if (!text.includes('@')) return []
  const names = new Set<string>()
  for (const node of walkInlines(parseMarkdown(text))) {
    if (node.kind !== 'mention') continue
    for (const name of nameCandidates(node.name)) names.add(name)
  }
  return [...names].slice(0, 100)
}

/** What "ann.-" may stand for: the longest name first. */
export function nameCandidates(name: string): string[] {
  const bare = name.replace(/[._\-']+$/u, '')
  return [...new Set([name, bare])].filter((each) => each.length >= 2)
}
