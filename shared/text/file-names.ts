/** Names of files, the same on the page and at the door. A name is shown and offered for saving; it opens nothing. */

const maxFileNameLength = 120
/** Characters some system gives a meaning, all controls, and what turns the direction of text or is not seen at all. */
const forbiddenCharacters =
  // eslint-disable-next-line no-control-regex -- controls are what this is about
  /[\u0000-\u001F\u007F-\u009F"*:<>?|\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu
/** What Windows takes for a device, whatever stands behind the dot. */
const windowsDeviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?=\.|$)/i

/** The name as it is kept: the last part of a path, at most 120 characters, its ending saved. Never empty. */
export function sanitizeFileName(name: string): string {
  const last = name.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last.replace(forbiddenCharacters, '').replace(/\s+/gu, ' ').trim()
  // neither hidden nor, on Windows, another name than it seems
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

/** `.tar`, `.jpeg`; empty where there is none worth the name. */
export function fileExtension(name: string): string {
  return /\.[\p{L}\p{Nd}_-]{1,16}$/u.exec(name)?.[0] ?? ''
}

/** What a list of chats says of the files of a message; nothing where there are none. */
export function summarizeFiles(files: readonly { name: string; type: string }[]): {
  files?: { count: number; pictures: number; name: string }
} {
  const [first] = files
  if (!first) return {}
  const pictures = files.filter(({ type }) => type.startsWith('image/')).length
  return { files: { count: files.length, pictures, name: first.name } }
}

/** What a quote shows of the files of a message, besides its words. */
export function summarizeQuotedFiles(
  files: readonly { id: string; name: string; type: string; preview?: true }[],
): ReturnType<typeof summarizeFiles> & { picture?: string } {
  const picture = files.find(({ preview }) => preview)
  return { ...summarizeFiles(files), ...(picture ? { picture: picture.id } : {}) }
}
