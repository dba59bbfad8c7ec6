import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import '../ui/hb-icon.ts'
import { clampView, fittedView, type PictureView, zoomAt } from './viewer-math.ts'

/** A picture with the author and the time of its message. */
export interface ViewedPicture {
  readonly file: File
  readonly author: string
  /** Unknown while the message is being sent. */
  readonly at: number | undefined
}

/** Above this scale the original is fetched, since the preview has too few pixels for the screen. */
const fullSizeThreshold = 1.2

/**
 * Pictures over the whole window: the arrows go from one to the next, + and − and the wheel zoom, the pointer drags,
 * 0 fits again, Escape closes.
 *
 * Events: `hb-close`.
 */
export class HbViewer extends LitElement {
  static override properties = {
    pictures: { attribute: false },
    at: { attribute: false },
    address: { attribute: false },
    nameOf: { attribute: false },
    view: { state: true },
    failed: { state: true },
    showsFullSize: { state: true },
  }
  static override styles = [
    baseStyles,
    css`
      dialog {
        box-sizing: border-box;
        inline-size: 100dvw;
        block-size: 100dvh;
        max-inline-size: none;
        max-block-size: none;
        margin: 0;
        padding: 0;
        border: 0;
        background: oklch(0.16 0.006 60);
        color: oklch(0.96 0.01 75);
        overflow: hidden;
        color-scheme: dark;
      }
      dialog[open] {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
      }
      dialog::backdrop {
        background: oklch(0.1 0.006 60);
      }
      header {
        display: flex;
        align-items: center;
        gap: var(--space-1);
        padding: var(--space-2) var(--space-3);
        min-inline-size: 0;
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      h2,
      header p {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font: var(--type-secondary);
      }
      h2 {
        font-weight: 500;
      }
      header p {
        color: oklch(0.8 0.01 75);
        font: var(--type-meta);
      }
      header time {
        margin-inline-start: var(--space-2);
      }
      .place {
        margin-inline-end: var(--space-2);
        font: var(--type-meta);
        color: oklch(0.8 0.01 75);
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      @media (forced-colors: active) {
        dialog,
        .place,
        header p {
          color: CanvasText;
        }
      }
      button,
      header a {
        all: unset;
        flex: none;
        display: grid;
        place-items: center;
        inline-size: 2.25rem;
        block-size: 2.25rem;
        border-radius: var(--radius-control);
        cursor: pointer;
      }
      button:hover,
      header a:hover {
        background: oklch(1 0 0 / 12%);
      }
      button:focus-visible,
      header a:focus-visible {
        outline: 2px solid oklch(0.77 0.14 48);
        outline-offset: -2px;
      }
      button[aria-disabled='true'] {
        opacity: 0.35;
        cursor: default;
        background: none;
      }
      .stage {
        position: relative;
        overflow: hidden;
        touch-action: none;
        cursor: zoom-in;
      }
      .stage.large {
        cursor: grab;
      }
      .stage.dragged {
        cursor: grabbing;
      }
      img {
        position: absolute;
        inset-block-start: 0;
        left: 0;
        transform-origin: 0 0;
        user-select: none;
        -webkit-user-drag: none;
      }
      .turn {
        position: absolute;
        inset-block-start: 50%;
        translate: 0 -50%;
        background: oklch(0.2 0.006 60 / 70%);
        inline-size: 2.75rem;
        block-size: 2.75rem;
        border-radius: var(--radius-pill);
      }
      .turn.back {
        inset-inline-start: var(--space-3);
      }
      .turn.on {
        inset-inline-end: var(--space-3);
      }
      .failed {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        margin: 0;
        font: var(--type-body);
      }
    `,
  ]

  declare pictures: readonly ViewedPicture[]
  declare at: number
  declare address: (fileId: string, size?: 'list' | 'screen') => string
  declare nameOf: (userId: string) => string
  declare view: PictureView
  declare failed: boolean
  declare showsFullSize: boolean

  #drag: { x: number; y: number; view: PictureView; moved: boolean } | undefined
  readonly #resizeObserver = new ResizeObserver(() => this.#fitToStage())

  constructor() {
    super()
    this.pictures = []
    this.at = 0
    this.view = { x: 0, y: 0, scale: 1 }
    this.failed = false
    this.showsFullSize = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resizeObserver.disconnect()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('at') && !changed.has('pictures')) return
    this.failed = false
    this.showsFullSize = this.#file?.moves === true
  }

  protected override render(): unknown {
    const picture = this.pictures[this.at]
    if (!picture) return nothing
    const { file } = picture
    const { width = 1, height = 1 } = file
    const count = this.pictures.length
    const place = t('viewer.place', { place: this.at + 1, count })
    return html`<dialog
      aria-label=${t('viewer.label')}
      @cancel=${this.#onCancel}
      @keydown=${this.#onKey}
      @close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      <header>
        <div class="words" aria-live="polite">
          <h2><bdi>${file.name}</bdi></h2>
          ${this.#renderSource(picture)}
        </div>
        ${count > 1 ? html`<span class="place">${place}</span>` : nothing}
        ${this.#renderTool('zoom-out', t('viewer.smaller'), () => this.#zoom(1 / 1.4))}
        ${this.#renderTool('zoom-in', t('viewer.larger'), () => this.#zoom(1.4))}
        ${this.#renderTool('fit', t('viewer.fit'), () => this.#fitToStage())}
        <a
          href=${this.address(file.id)}
          download=${file.name}
          aria-label=${t('files.download', { name: file.name })}
          data-tip=${t('files.downloadShort')}
          ><hb-icon name="download" .size=${18}></hb-icon
        ></a>
        ${this.#renderTool('close', t('viewer.close'), () => this.#close())}
      </header>
      <div
        class="stage ${this.#isLarge ? 'large' : ''} ${this.#drag?.moved ? 'dragged' : ''}"
        @wheel=${this.#onWheel}
        @pointerdown=${this.#onPointerDown}
        @pointermove=${this.#onPointerMove}
        @pointerup=${this.#onPointerUp}
        @pointercancel=${this.#onPointerUp}
      >
        <img
          src=${this.address(file.id, this.showsFullSize ? undefined : 'screen')}
          width=${width}
          height=${height}
          alt=${file.name}
          draggable="false"
          @error=${() => (this.failed = true)}
        />
        ${this.failed ? html`<p class="failed" role="alert">${t('viewer.failed')}</p>` : nothing}
        ${count > 1 ? this.#renderNavigation() : nothing}
      </div>
    </dialog>`
  }

  protected override firstUpdated(): void {
    this.#dialog?.showModal()
    if (this.#stage) this.#resizeObserver.observe(this.#stage)
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('at') || changed.has('pictures')) this.#fitToStage()
    const { x, y, scale } = this.view
    const picture = this.renderRoot.querySelector('img')
    // a property of the style, which the CSP allows
    if (picture) picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
  }

  get #file(): File | undefined {
    return this.pictures[this.at]?.file
  }
  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }
  get #stage(): HTMLElement | null {
    return this.renderRoot.querySelector('.stage')
  }
  get #isLarge(): boolean {
    return this.view.scale > this.#fittedView().scale * 1.01
  }

  #renderTool(icon: 'zoom-in' | 'zoom-out' | 'fit' | 'close', words: string, run: () => void): unknown {
    return html`<button type="button" aria-label=${words} data-tip=${words} @click=${run}>
      <hb-icon name=${icon} .size=${18}></hb-icon>
    </button>`
  }

  #renderSource({ author, at }: ViewedPicture): unknown {
    const name = this.nameOf(author)
    if (!name) return nothing
    return html`<p>
      <bdi>${name}</bdi
      >${at === undefined ? nothing : html`<time datetime=${new Date(at).toISOString()}>${exactTime(at)}</time>`}
    </p>`
  }

  #renderNavigation(): unknown {
    return html`
      <button
        type="button"
        class="turn back"
        aria-label=${t('viewer.previous')}
        aria-disabled=${this.at === 0}
        @pointerdown=${stopPropagation}
        @click=${() => this.#navigate(-1)}
      >
        <hb-icon name="chevron-left" .size=${22}></hb-icon>
      </button>
      <button
        type="button"
        class="turn on"
        aria-label=${t('viewer.next')}
        aria-disabled=${this.at === this.pictures.length - 1}
        @pointerdown=${stopPropagation}
        @click=${() => this.#navigate(1)}
      >
        <hb-icon name="chevron-right" .size=${22}></hb-icon>
      </button>
    `
  }

  #close(): void {
    this.#dialog?.close()
  }

  #navigate(by: -1 | 1): void {
    this.at = Math.min(this.pictures.length - 1, Math.max(0, this.at + by))
  }

  #pictureSize(): { width: number; height: number } {
    const { width = 1, height = 1 } = this.#file ?? {}
    return { width, height }
  }

  #stageSize(): { width: number; height: number } {
    const stage = this.#stage
    return { width: stage?.clientWidth ?? 1, height: stage?.clientHeight ?? 1 }
  }

  #fittedView(): PictureView {
    return fittedView(this.#pictureSize(), this.#stageSize())
  }

  #fitToStage(): void {
    this.view = this.#fittedView()
  }

  #zoom(by: number, around?: { x: number; y: number }): void {
    const room = this.#stageSize()
    const point = around ?? { x: room.width / 2, y: room.height / 2 }
    this.view = zoomAt(this.view, by, point, this.#pictureSize(), room)
    if (this.view.scale > this.#fittedView().scale * fullSizeThreshold) this.showsFullSize = true
  }

  #pan(x: number, y: number): void {
    this.view = clampView({ ...this.view, x, y }, this.#pictureSize(), this.#stageSize())
  }

  #onCancel = (event: Event): void => {
    event.preventDefault()
    this.#close()
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const rtl = getComputedStyle(this).direction === 'rtl'
    const { x, y } = this.view
    const panStepPx = 80
    switch (event.key) {
      case 'Escape':
        this.#close()
        break
      case 'ArrowLeft':
      case 'ArrowRight': {
        const right = event.key === 'ArrowRight'
        if (this.#isLarge && !event.shiftKey) this.#pan(x + (right ? -panStepPx : panStepPx), y)
        else this.#navigate(right !== rtl ? 1 : -1)
        break
      }
      case 'ArrowUp':
      case 'ArrowDown':
        this.#pan(x, y + (event.key === 'ArrowDown' ? -panStepPx : panStepPx))
        break
      case '+':
      case '=':
        this.#zoom(1.4)
        break
      case '-':
        this.#zoom(1 / 1.4)
        break
      case '0':
        this.#fitToStage()
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  #onWheel = (event: WheelEvent): void => {
    event.preventDefault()
    this.#zoom(Math.exp(-event.deltaY / 400), this.#pointInStage(event))
  }

  #onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return
    this.#drag = { x: event.clientX, y: event.clientY, view: this.view, moved: false }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  #onPointerMove = (event: PointerEvent): void => {
    const drag = this.#drag
    if (!drag) return
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y]
    if (Math.hypot(dx, dy) > 4) drag.moved = true
    if (drag.moved) this.#pan(drag.view.x + dx, drag.view.y + dy)
  }

  #onPointerUp = (event: PointerEvent): void => {
    const drag = this.#drag
    this.#drag = undefined
    if (!drag || drag.moved || event.type === 'pointercancel') return this.requestUpdate()
    // a click zooms in, or out again
    if (this.#isLarge) this.#fitToStage()
    else this.#zoom(2.5, this.#pointInStage(event))
  }

  #pointInStage(event: MouseEvent): { x: number; y: number } {
    const box = this.#stage?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }
}

customElements.define('hb-viewer', HbViewer)

declare global {
  interface HTMLElementTagNameMap {
    'hb-viewer': HbViewer
  }
}

function stopPropagation(event: Event): void {
  event.stopPropagation()
}
