/** File names, with the same rules on the page and on the hub. A name is only displayed and offered for saving, never opened. */

import { normalizeText } from './names.ts'

const maxFileNameLength = 120
/** Characters with a meaning on some system, control characters, direction marks and invisible characters. */
const forbiddenCharacters =
  // eslint-disable-next-line no-control-regex -- matches control characters on purpose
  /[\u0000-\u001F\u007F-\u009F"*:<>?|\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu
/**
 * The joiners of the scripts whose spelling needs them, as Persian and the scripts of India, and of emoji. Elsewhere they are
 * invisible: two names would look the same.
 */
const joiners = /[\u200C\u200D]+/gu
const maxJoinRounds = 3
const joiningLetter =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Nkoo}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}' +
  '\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Mymr}\\p{scx=Khmr}\\p{scx=Tibt}]'
const joiningBefore = new RegExp(`(?=[\\p{L}\\p{M}])${joiningLetter}$`, 'u')
const joiningAfter = new RegExp(`^(?=[\\p{L}\\p{M}])${joiningLetter}`, 'u')
/** At the end of a word too the joiner changes how these look: an Arabic letter, and the virama of the scripts of India. */
const shapedBefore =
  /(?:(?=\p{L})\p{scx=Arab}|[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA])$/u
const emojiBefore = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]$/u
const emojiAfter = /^\p{Extended_Pictographic}/u
/** Names that Windows treats as devices, with any extension. */
const windowsDeviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?=\.|$)/i

/** Returns the name to store: the last part of a path, at most 120 characters with the extension preserved. Never empty. */
export function sanitizeFileName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const plain = composeJoined(last.replace(forbiddenCharacters, '')).replace(/\s+/gu, ' ').trim()
  // one leading dot is a part of names such as .env, two are a step up; Windows drops dots and spaces at the end, so that
  // the file gets another name
  const bare = trimEndOf(plain.replace(/^[. ]*\.(?=[^. ])/, '.'), '. ')
  if (bare === '') return 'file'
  const short = truncateFileName(bare.replace(windowsDeviceName, (found) => `${found}_`))
  // of a long name of dots and spaces nothing may be left
  return trimEndOf(short, '. ') || 'file'
}

/** A pattern with `$` would try each run of these characters again. */
function trimEndOf(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1] as string)) end -= 1
  return text.slice(0, end)
}

/**
 * Composes characters with their marks, and removes joiners that join nothing. Without a joiner characters that were apart may be
 * one, with which the next joiner joins nothing. A name that is made to go on like that loses them all.
 */
function composeJoined(name: string): string {
  let joined = name
  for (let round = 0; round < maxJoinRounds; round += 1) {
    const composed = normalizeText(joined, 'NFC')
    joined = keepJoining(composed)
    if (joined === composed) return joined
  }
  return normalizeText(joined.replace(joiners, ''), 'NFC')
}

/** Removes joiners that join nothing. Of several in a row one stays. */
function keepJoining(name: string): string {
  return name.replace(joiners, (found, at: number) => {
    const [before, after] = [
      name.slice(Math.max(0, at - 2), at),
      name.slice(at + found.length, at + found.length + 2),
    ]
    const joins =
      (joiningBefore.test(before) && joiningAfter.test(after)) ||
      (found.startsWith('\u200D') && shapedBefore.test(before)) ||
      (found.includes('\u200D') && emojiBefore.test(before) && emojiAfter.test(after))
    if (!joins) return ''
    return found.includes('\u200D') && emojiBefore.test(before) ? '\u200D' : (found[0] ?? '')
  })
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Cuts between what users see as characters. */
function truncateFileName(name: string): string {
  const characters = [...name]
  if (characters.length <= maxFileNameLength) return name
  const ending = fileExtension(name)
  const room = maxFileNameLength - [...ending].length
  let start = ''
  let length = 0
  for (const { segment } of graphemes.segment(characters.slice(0, room + 20).join(''))) {
    length += [...segment].length
    if (length > room) break
    start += segment
  }
  // one character of more than a hundred marks
  return `${start || characters.slice(0, room).join('')}${ending}`
}

/** Returns `.tar`, `.jpeg`, or '' if there is no plausible extension. */
export function fileExtension(name: string): string {
  return /\.[\p{L}\p{Nd}_-]{1,16}$/u.exec(name)?.[0] ?? ''
}

/** Returns the summary of the files of a message for the chat list, or {} without files. */
export function summarizeFiles(files: readonly { name: string; type: string }[]): {
  files?: { count: number; pictures: number; name: string }
} {
  const [first] = files
  if (!first) return {}
  const pictures = files.filter(({ type }) => type.startsWith('image/')).length
  return { files: { count: files.length, pictures, name: first.name } }
}

/** Returns the summary of the files of a message for a quote. */
export function summarizeQuotedFiles(
  files: readonly { id: string; name: string; type: string; preview?: true }[],
): ReturnType<typeof summarizeFiles> & { picture?: string } {
  const picture = files.find(({ preview }) => preview)
  return { ...summarizeFiles(files), ...(picture ? { picture: picture.id } : {}) }
}
