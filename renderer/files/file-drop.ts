import { css, html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import type { PickedFile } from '../state/upload.ts'
import '../ui/hb-icon.ts'
import { hasFiles, filesFromDrop, filesFromPaste } from './pick-files.ts'

/** Takes files that are dropped on, or pasted into, an element; and keeps the window from opening those that miss it. */
export class FileDrop implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #onFiles: (chosen: PickedFile[]) => void
  readonly #isEnabled: () => boolean
  #isDragOver = false

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    options: { take: (chosen: PickedFile[]) => void; mayTake: () => boolean },
  ) {
    this.#host = host
    this.#onFiles = options.take
    this.#isEnabled = options.mayTake
    host.addController(this)
  }

  hostConnected(): void {
    this.#host.addEventListener('dragenter', this.#onDragOver)
    this.#host.addEventListener('dragover', this.#onDragOver)
    this.#host.addEventListener('dragleave', this.#onDragLeave)
    this.#host.addEventListener('drop', this.#onDrop)
    this.#host.addEventListener('paste', this.#onPaste)
    document.addEventListener('dragover', preventNavigation)
    document.addEventListener('drop', preventNavigation)
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('dragenter', this.#onDragOver)
    this.#host.removeEventListener('dragover', this.#onDragOver)
    this.#host.removeEventListener('dragleave', this.#onDragLeave)
    this.#host.removeEventListener('drop', this.#onDrop)
    this.#host.removeEventListener('paste', this.#onPaste)
    document.removeEventListener('dragover', preventNavigation)
    document.removeEventListener('drop', preventNavigation)
  }

  /** While files are held over it. */
  renderOverlay(words: string): unknown {
    if (!this.#isDragOver) return nothing
    return html`<div class="drop">
      <p><hb-icon name="attach" .size=${22}></hb-icon><bdi>${words}</bdi></p>
    </div>`
  }

  #setDragOver(over: boolean): void {
    if (this.#isDragOver === over) return
    this.#isDragOver = over
    this.#host.requestUpdate()
  }

  #onDragOver = (event: DragEvent): void => {
    // a thread within the conversation takes what is held over it
    if (event.defaultPrevented) return this.#setDragOver(false)
    if (!hasFiles(event) || !this.#isEnabled()) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    this.#setDragOver(true)
  }

  #onDragLeave = (event: DragEvent): void => {
    // it also leaves each child it comes over
    const to = event.relatedTarget
    if (to instanceof Node && this.#host.contains(to)) return
    this.#setDragOver(false)
  }

  #onDrop = (event: DragEvent): void => {
    if (event.defaultPrevented) return this.#setDragOver(false)
    if (!hasFiles(event) || !this.#isEnabled()) return
    event.preventDefault()
    this.#setDragOver(false)
    void filesFromDrop(event).then((chosen) => chosen.length > 0 && this.#onFiles(chosen))
  }

  #onPaste = (event: ClipboardEvent): void => {
    const pasted = this.#isEnabled() && !event.defaultPrevented ? filesFromPaste(event) : []
    if (pasted.length === 0) return
    event.preventDefault()
    this.#onFiles(pasted)
  }
}

/** A file that is dropped beside would take the place of the page. */
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
