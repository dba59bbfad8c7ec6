import { css, html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import type { Chosen } from '../state/uploads.ts'
import '../ui/hb-icon.ts'
import { bringsFiles, droppedOf, pastedOf } from './choosing.ts'

/** Takes files that are dropped on, or pasted into, an element; and keeps the window from opening those that miss it. */
export class FileDrop implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #take: (chosen: Chosen[]) => void
  readonly #mayTake: () => boolean
  #over = false

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    options: { take: (chosen: Chosen[]) => void; mayTake: () => boolean },
  ) {
    this.#host = host
    this.#take = options.take
    this.#mayTake = options.mayTake
    host.addController(this)
  }

  hostConnected(): void {
    this.#host.addEventListener('dragenter', this.#onOver)
    this.#host.addEventListener('dragover', this.#onOver)
    this.#host.addEventListener('dragleave', this.#onLeave)
    this.#host.addEventListener('drop', this.#onDrop)
    this.#host.addEventListener('paste', this.#onPaste)
    document.addEventListener('dragover', keepPage)
    document.addEventListener('drop', keepPage)
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('dragenter', this.#onOver)
    this.#host.removeEventListener('dragover', this.#onOver)
    this.#host.removeEventListener('dragleave', this.#onLeave)
    this.#host.removeEventListener('drop', this.#onDrop)
    this.#host.removeEventListener('paste', this.#onPaste)
    document.removeEventListener('dragover', keepPage)
    document.removeEventListener('drop', keepPage)
  }

  /** While files are held over it. */
  overlay(words: string): unknown {
    if (!this.#over) return nothing
    return html`<div class="drop">
      <p><hb-icon name="attach" .size=${22}></hb-icon><bdi>${words}</bdi></p>
    </div>`
  }

  #show(over: boolean): void {
    if (this.#over === over) return
    this.#over = over
    this.#host.requestUpdate()
  }

  #onOver = (event: DragEvent): void => {
    // a thread within the conversation takes what is held over it
    if (event.defaultPrevented) return this.#show(false)
    if (!bringsFiles(event) || !this.#mayTake()) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    this.#show(true)
  }

  #onLeave = (event: DragEvent): void => {
    // it also leaves each child it comes over
    const to = event.relatedTarget
    if (to instanceof Node && this.#host.contains(to)) return
    this.#show(false)
  }

  #onDrop = (event: DragEvent): void => {
    if (event.defaultPrevented) return this.#show(false)
    if (!bringsFiles(event) || !this.#mayTake()) return
    event.preventDefault()
    this.#show(false)
    void droppedOf(event).then((chosen) => chosen.length > 0 && this.#take(chosen))
  }

  #onPaste = (event: ClipboardEvent): void => {
    const pasted = this.#mayTake() && !event.defaultPrevented ? pastedOf(event) : []
    if (pasted.length === 0) return
    event.preventDefault()
    this.#take(pasted)
  }
}

/** A file that is dropped beside would take the place of the page. */
function keepPage(event: DragEvent): void {
  if (!bringsFiles(event)) return
  event.preventDefault()
  if (event.type === 'dragover' && event.dataTransfer && !event.composedPath().some(isTaking))
    event.dataTransfer.dropEffect = 'none'
}

function isTaking(target: EventTarget): boolean {
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
