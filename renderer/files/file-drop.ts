import { css, html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import type { PickedFile } from '../state/upload.ts'
import '../ui/hb-icon.ts'
import { hasFiles, filesFromDrop, readPaste } from './pick-files.ts'

export interface FileDropOptions {
  /** The element that files are dropped on, or pasted into. Read when the host is connected. */
  area: () => HTMLElement
  onFiles: (files: PickedFile[]) => void
  /** A browser reads no folder: the user has to drop its files. */
  onFolders: () => void
  isEnabled: () => boolean
}

/** Takes files that are dropped on, or pasted into, an element. Keeps the browser from opening files that miss it. */
export class FileDrop implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #options: FileDropOptions
  #area: HTMLElement | undefined
  #isDragOver = false

  constructor(host: ReactiveControllerHost, options: FileDropOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  hostConnected(): void {
    this.#area = this.#options.area()
    this.#area.addEventListener('dragenter', this.#onDragOver)
    this.#area.addEventListener('dragover', this.#onDragOver)
    this.#area.addEventListener('dragleave', this.#onDragLeave)
    this.#area.addEventListener('drop', this.#onDrop)
    this.#area.addEventListener('paste', this.#onPaste)
    document.addEventListener('dragover', preventNavigation)
    document.addEventListener('drop', preventNavigation)
  }

  hostDisconnected(): void {
    this.#area?.removeEventListener('dragenter', this.#onDragOver)
    this.#area?.removeEventListener('dragover', this.#onDragOver)
    this.#area?.removeEventListener('dragleave', this.#onDragLeave)
    this.#area?.removeEventListener('drop', this.#onDrop)
    this.#area?.removeEventListener('paste', this.#onPaste)
    document.removeEventListener('dragover', preventNavigation)
    document.removeEventListener('drop', preventNavigation)
  }

  /** Visible while files are dragged over the area. */
  renderOverlay(text: string): unknown {
    if (!this.#isDragOver) return nothing
    return html`<div class="drop">
      <p><hb-icon name="attach" .size=${22}></hb-icon><bdi>${text}</bdi></p>
    </div>`
  }

  #setDragOver(over: boolean): void {
    if (this.#isDragOver === over) return
    this.#isDragOver = over
    this.#host.requestUpdate()
  }

  #onDragOver = (event: DragEvent): void => {
    // A thread panel within the conversation takes files that are dragged over it.
    if (event.defaultPrevented) return this.#setDragOver(false)
    if (!hasFiles(event) || !this.#options.isEnabled()) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    this.#setDragOver(true)
  }

  #onDragLeave = (event: DragEvent): void => {
    // The event also fires for each child that the pointer leaves.
    const to = event.relatedTarget
    if (to instanceof Node && this.#area?.contains(to)) return
    this.#setDragOver(false)
  }

  #onDrop = (event: DragEvent): void => {
    if (event.defaultPrevented) return this.#setDragOver(false)
    if (!hasFiles(event) || !this.#options.isEnabled()) return
    event.preventDefault()
    this.#setDragOver(false)
    void filesFromDrop(event).then(({ files, hasFolders }) => {
      if (files.length > 0) this.#options.onFiles(files)
      if (hasFolders) this.#options.onFolders()
    })
  }

  /** The field that is pasted into has inserted the text already; a thread panel within the conversation takes the files. */
  #onPaste = (event: ClipboardEvent): void => {
    if (!this.#options.isEnabled() || !event.clipboardData || takenPastes.has(event)) return
    const { files } = readPaste(event.clipboardData)
    if (files.length === 0) return
    takenPastes.add(event)
    event.preventDefault()
    this.#options.onFiles(files)
  }
}

const takenPastes = new WeakSet<Event>()

/** The browser would replace the page by a file that is dropped elsewhere. */
function preventNavigation(event: DragEvent): void {
  if (!hasFiles(event)) return
  event.preventDefault()
  if (event.type === 'dragover' && event.dataTransfer && !event.composedPath().some(isDropTarget))
    event.dataTransfer.dropEffect = 'none'
}

function isDropTarget(target: EventTarget): boolean {
  return target instanceof Element && target.localName === 'hb-conversation'
}

export const fileDropStyles = css`
  .drop {
    position: absolute;
    z-index: 3;
    inset: var(--space-2);
    display: grid;
    place-items: center;
    border: 2px dashed var(--color-accent);
    border-radius: var(--radius-card);
    background: color-mix(in oklab, var(--color-surface) 88%, transparent);
    pointer-events: none;
  }
  .drop p {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    max-inline-size: 80%;
    margin: 0;
    padding: var(--space-3) var(--space-4);
    border-radius: var(--radius-card);
    background: var(--color-surface-floating);
    box-shadow: var(--shadow-floating);
    font: var(--type-name);
    overflow-wrap: anywhere;
  }
`
