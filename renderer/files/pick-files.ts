import type { PickedFile } from '../state/upload.ts'
import { t } from '../text/t.ts'

/** The files the user chose with the button: several at once. */
export function filesFromInput(input: HTMLInputElement): PickedFile[] {
  const chosen = [...(input.files ?? [])].map((content) => ({ content, name: content.name }))
  // Choosing the same file again must fire `change` too.
  input.value = ''
  return chosen
}

/** Returns pasted files. Pasted text that brings a picture along counts as text. */
export function filesFromPaste(event: ClipboardEvent): PickedFile[] {
  const data = event.clipboardData
  if (!data || data.files.length === 0 || data.types.includes('text/plain')) return []
  return [...data.files].map((content) => ({ content, name: pastedFileName(content) }))
}

/** A screenshot is called “image.png” by every browser, each time. */
function pastedFileName(content: File): string {
  if (!/^image\.(png|jpe?g|webp|gif)$/i.test(content.name)) return content.name
  const now = new Date()
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`
  return `${t('files.pasted', { time })}${/\.[a-z]+$/i.exec(content.name)?.[0] ?? ''}`
}

export function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

/** Returns dropped files. Folders are left out, since they cannot be read. Call it before the first `await`. */
export async function filesFromDrop(event: DragEvent): Promise<PickedFile[]> {
  const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file')
  const found = items.map((item) => ({
    content: item.webkitGetAsEntry()?.isDirectory ? null : item.getAsFile(),
    handle: fileHandleOf(item),
  }))
  const chosen: PickedFile[] = []
  for (const { content, handle } of found) {
    if (content) chosen.push({ content, name: content.name, handle: await handle })
  }
  return chosen
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
