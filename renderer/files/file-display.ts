import type { File, FileSummary } from '../../shared/contract/files.ts'
import { t } from '../text/t.ts'

export type FileKind = 'picture' | 'video' | 'sound' | 'other'

/** Returns how a file is shown. A picture that the hub could not read is shown like any other file. */
export function fileKindOf(
  file: Pick<File, 'type' | 'width' | 'height' | 'preview' | 'previewPending'>,
): FileKind {
  if (file.type.startsWith('image/')) {
    const isPicture = file.preview ?? file.previewPending
    return file.width !== undefined && isPicture ? 'picture' : 'other'
  }
  if (file.type.startsWith('video/') && file.width !== undefined) return 'video'
  // Even the browser of the sender could not play it.
  if (file.type === 'video/quicktime') return 'other'
  if (file.type.startsWith('video/')) return 'sound'
  return file.type.startsWith('audio/') ? 'sound' : 'other'
}

/** Returns an icon by the file name. It is only decoration. */
export function fileIconOf(name: string): 'file' | 'file-text' | 'file-archive' | 'file-code' | 'file-sheet' {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  if (/^(zip|gz|tgz|bz2|xz|7z|rar|tar|zst)$/.test(ending)) return 'file-archive'
  if (/^(csv|tsv|xls|xlsx|ods|numbers)$/.test(ending)) return 'file-sheet'
  if (/^(txt|md|pdf|doc|docx|odt|rtf|pages|ppt|pptx|odp|key|epub)$/.test(ending)) return 'file-text'
  if (/^(js|ts|py|rb|go|rs|c|h|cpp|java|sh|json|xml|yaml|yml|toml|html|css|sql|svg)$/.test(ending))
    return 'file-code'
  return 'file'
}

/** For a row of the chat list or a screen reader, if a message has no text. */
export function filesSummary(files: FileSummary | undefined): string {
  if (!files) return ''
  const { count, pictures, name } = files
  if (pictures === count) return t('files.somePictures', { count })
  return count === 1 ? name : t('files.someFiles', { count })
}

/** A picture is at least this wide and high in a conversation, unless it is smaller itself. */
const minPictureSide = 120

/**
 * The room of a picture alone in its message. A very long or wide one, such as a screenshot of a whole page, is
 * cropped to its beginning; the viewer shows all of it.
 */
export function pictureSize(file: { width?: number | undefined; height?: number | undefined }): {
  width: number
  height: number
  isCropped: boolean
} {
  const whole = fitSize(file)
  const width = Math.max(whole.width, Math.min(file.width ?? 1, minPictureSide))
  const height = Math.max(whole.height, Math.min(file.height ?? 1, minPictureSide))
  return { width, height, isCropped: width !== whole.width || height !== whole.height }
}

/** The room a picture takes in a conversation, in CSS pixels; known before it is loaded. */
export function fitSize(
  file: { width?: number | undefined; height?: number | undefined },
  maxSize = { width: 420, height: 320 },
): { width: number; height: number } {
  const { width = 1, height = 1 } = file
  const scale = Math.min(1, maxSize.width / width, maxSize.height / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
