import type { PickedFile } from '../state/upload.ts'
import { withoutIsolates } from '../text/direction.ts'
import { t } from '../text/t.ts'

/** The files the user chose with the button: several at once. */
export function filesFromInput(input: HTMLInputElement): PickedFile[] {
  const chosen = [...(input.files ?? [])].map((content) => ({ content, name: content.name }))
  // Choosing the same file again must fire `change` too.
  input.value = ''
  return chosen
}

export interface PastedParts {
  text: string
  html: string
  files: PickedFile[]
}

/**
 * Returns what a paste brings. A file manager adds the names of its files as text, an office program a picture of its text:
 * both are left out.
 */
export function readPaste(data: DataTransfer): PastedParts {
  const text = data.getData('text/plain')
  const html = data.getData('text/html')
  const files = [...data.files]
  const hasText = text.trim() !== '' && (files.length === 0 || !isListOfFiles(text, files))
  if (!hasText && files.length > 0) return { text: '', html: '', files: toPicked(files) }
  const isPictureOfText = html.trim() !== '' && files.every(({ type }) => type.startsWith('image/'))
  return { text, html, files: isPictureOfText ? [] : toPicked(files) }
}

/** One name or path of each file on each line. */
function isListOfFiles(text: string, files: readonly File[]): boolean {
  const names = new Set(files.map(({ name }) => name.normalize('NFC')))
  return text
    .trim()
    .split(/[\r\n]+/)
    .every((line) => names.has(baseName(line.trim()).normalize('NFC')))
}

function baseName(path: string): string {
  const name = path.replace(/^"|"$/g, '').split(/[/\\]/).at(-1) as string
  if (!/^file:/i.test(path)) return name
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function toPicked(files: readonly File[]): PickedFile[] {
  return files.map((content) => ({ content, name: pastedFileName(content) }))
}

/** A screenshot is called “image.png” by every browser, each time. */
function pastedFileName(content: File): string {
  if (!/^image\.(png|jpe?g|webp|gif)$/i.test(content.name)) return content.name
  const now = new Date()
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`
  return `${withoutIsolates(t('files.pasted', { time }))}${/\.[a-z]+$/i.exec(content.name)?.[0] ?? ''}`
}

export function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

/** Returns dropped files, without folders. Call it before the first `await`. */
export async function filesFromDrop(event: DragEvent): Promise<{ files: PickedFile[]; hasFolders: boolean }> {
  const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file')
  const found = items.map((item) => ({
    isFolder: item.webkitGetAsEntry()?.isDirectory ?? false,
    content: item.getAsFile(),
    handle: fileHandleOf(item),
  }))
  const chosen: PickedFile[] = []
  for (const { isFolder, content, handle } of found) {
    if (content && !isFolder) chosen.push({ content, name: content.name, handle: await handle })
  }
  return { files: chosen, hasFolders: found.some(({ isFolder }) => isFolder) }
}

/** With a handle, a large file can be read again after a restart. Not every browser gives a handle. */
async function fileHandleOf(item: DataTransferItem): Promise<FileSystemFileHandle | undefined> {
  interface Giving {
    getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>
  }
  try {
    const handle = await (item as unknown as Giving).getAsFileSystemHandle?.()
    return handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined
  } catch {
    return undefined
  }
}
