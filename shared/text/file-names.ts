/** File names, with the same rules on the page and on the hub. A name is only displayed and offered for saving, never opened. */

const maxFileNameLength = 120
/** Characters with a meaning on some system, control characters, direction marks and invisible characters. */
const forbiddenCharacters =
  // eslint-disable-next-line no-control-regex -- matches control characters on purpose
  /[\u0000-\u001F\u007F-\u009F"*:<>?|\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu
/** Names that Windows treats as devices, with any extension. */
const windowsDeviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?=\.|$)/i

/** Returns the name to store: the last part of a path, at most 120 characters with the extension preserved. Never empty. */
export function sanitizeFileName(name: string): string {
  const last = name.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last.replace(forbiddenCharacters, '').replace(/\s+/gu, ' ').trim()
  // a leading dot hides the file; Windows drops trailing dots and spaces, so that the file gets another name
  const bare = plain.replace(/^\.+/, '').replace(/[. ]+$/, '')
  if (bare === '') return 'file'
  return truncateFileName(bare.replace(windowsDeviceName, (found) => `${found}_`))
}

function truncateFileName(name: string): string {
  const characters = [...name]
  if (characters.length <= maxFileNameLength) return name
  const ending = [...fileExtension(name)]
  return [...characters.slice(0, maxFileNameLength - ending.length), ...ending].join('')
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
