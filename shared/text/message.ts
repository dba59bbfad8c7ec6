import { limits } from '../contract/values.ts'
import type { Problem } from './names.ts'

/** Controls but tab and newline: they have no glyph and some of them command terminals. */
// eslint-disable-next-line no-control-regex -- controls are what this is about
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/
const blank = /^[\s\p{DI}\p{Cf}]*$/u

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
export function checkText(text: string, mayBeEmpty = false): Problem | undefined {
  if (countBytes(text) > limits.text) {
    return {
      code: 'too_large',
      message: 'This message is longer than 16 KiB. Send it in parts, or as a file.',
    }
  }
  if (!text.isWellFormed() || controls.test(text)) {
    return { code: 'invalid', message: 'This message holds characters that cannot be shown.' }
  }
  if (!mayBeEmpty && blank.test(text)) return { code: 'invalid', message: 'This message is empty.' }
  return undefined
}

/** The first characters of a message for a list: whole code points, so that no emoji is cut in half. */
export function preview(text: string): string {
  if (text.length <= limits.preview) return text
  return [...text.slice(0, limits.preview * 2)].slice(0, limits.preview).join('')
}

const mention = /(?<![\p{L}\p{M}\p{Nd}._\-'@])@([\p{L}\p{M}\p{Nd}._\-']{2,64})/gu

/** Names after an @, as typed and with trailing punctuation also left off: "@ann." means ann as well as "ann.". */
export function mentionedNames(text: string): string[] {
  if (!text.includes('@')) return []
  const names = new Set<string>()
  for (const match of text.matchAll(mention)) {
    const name = match[1] as string
    names.add(name)
    names.add(name.replace(/[._\-']+$/u, ''))
  }
  return [...names].filter((name) => name.length >= 2).slice(0, 100)
}
