import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import './hb-dialog.ts'
import './hb-icon.ts'

/** The side of the square that is sent, in pixels. */
const outputSizePx = 256
const maxZoom = 8

/**
 * Crops a picture to a square by dragging, zooming or the keyboard, and makes it small. Emits `hb-cropped` with the
 * bytes in `detail`, and `hb-close`. The original never leaves this page, nor does its data about place and camera.
 */
export class HbCrop extends LitElement {
  static override properties = {
    file: { attribute: false },
    heading: { attribute: false },
    round: { type: Boolean },
    busy: { type: Boolean },
    problem: { attribute: false },
    zoom: { state: true },
    ready: { state: true },
    unreadable: { state: true },
  }
  declare file: File
  declare heading: string
  /** The shape of the result: users are round, groups are not. */
  declare round: boolean
  /** The cropped picture is being uploaded. */
  declare busy: boolean
  /** Why the upload failed. */
  declare problem: string
  declare zoom: number
  declare ready: boolean
  declare unreadable: boolean

  #picture: ImageBitmap | undefined
  /** The middle of the square, in pixels of the picture. */
  #x = 0
  #y = 0
  readonly #pointers = new Map<number, { x: number; y: number }>()

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      .stage {
        position: relative;
        inline-size: min(288px, 100%);
        aspect-ratio: 1;
        margin-inline: auto;
        border-radius: var(--radius-card);
        background: var(--color-paper);
        overflow: hidden;
      }
      canvas {
        display: block;
        inline-size: 100%;
        block-size: 100%;
        cursor: grab;
        touch-action: none;
        border-radius: var(--radius-card);
      }
      canvas:active {
        cursor: grabbing;
      }
      canvas:focus-visible {
        outline-offset: -2px;
      }
      .round::after {
        content: '';
        position: absolute;
        inset: 0;
        border-radius: var(--radius-pill);
        box-shadow: 0 0 0 200px var(--color-scrim);
        pointer-events: none;
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        inline-size: min(288px, 100%);
        margin: var(--space-4) auto 0;
        color: var(--color-text-muted);
        font: var(--type-label);
      }
      input {
        flex: 1;
        min-inline-size: 0;
        accent-color: var(--color-accent-fill);
      }
      .hint {
        inline-size: min(288px, 100%);
        margin: var(--space-2) auto 0;
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .problem {
        display: flex;
        gap: var(--space-2);
        margin-block-start: var(--space-4);
        padding: 10px var(--space-3);
        border-radius: var(--radius-control);
        background: var(--color-danger-tint);
        color: var(--color-danger);
        font: var(--type-secondary);
      }
    `,
  ]

  constructor() {
    super()
    this.heading = ''
    this.round = false
    this.busy = false
    this.problem = ''
    this.zoom = 1
    this.ready = false
    this.unreadable = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#picture?.close()
    this.#picture = undefined
  }

  protected override firstUpdated(): void {
    void this.#loadPicture()
  }

  async #loadPicture() {
    try {
      const picture = await createImageBitmap(this.file)
      if (!this.isConnected) {
        picture.close()
        return
      }
      this.#picture = picture
      this.#x = picture.width / 2
      this.#y = picture.height / 2
      this.ready = true
      await this.updateComplete
      this.#canvas.focus()
    } catch {
      this.unreadable = true
    }
  }

  protected override updated(_: PropertyValues<this>): void {
    if (this.ready) this.#draw()
  }

  override render() {
    const problem = this.unreadable ? t('crop.unreadable') : this.problem
    return html`<hb-dialog .heading=${this.heading} .busy=${this.busy} @hb-close=${this.#close}>
      ${
        this.unreadable
          ? nothing
          : html`<div class="stage ${this.round ? 'round' : ''}">
                <canvas
                  width="576"
                  height="576"
                  tabindex="0"
                  role="img"
                  aria-label=${t('crop.label')}
                  aria-describedby="hint"
                  @pointerdown=${this.#onPointerDown}
                  @pointermove=${this.#onPointerMove}
                  @pointerup=${this.#onPointerUp}
                  @pointercancel=${this.#onPointerUp}
                  @wheel=${this.#onWheel}
                  @keydown=${this.#onKey}
                ></canvas>
              </div>
              <label
                >${t('crop.zoom')}
                <input
                  type="range"
                  min="1"
                  max=${maxZoom}
                  step="0.01"
                  .value=${String(this.zoom)}
                  @input=${(event: Event) => this.#zoomTo(Number((event.target as HTMLInputElement).value))}
              /></label>
              <p class="hint" id="hint">${t('crop.hint')}</p>`
      }
      ${problem ? html`<p class="problem" role="alert"><hb-icon name="alert"></hb-icon><span>${problem}</span></p>` : nothing}
      <button slot="actions" class="button" ?disabled=${this.busy} @click=${this.#close}>
        ${t('common.cancel')}
      </button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy || !this.ready}
        @click=${() => void this.#emitCropped()}
      >
        ${this.busy ? t('crop.using') : t('crop.use')}
      </button>
    </hb-dialog>`
  }

  get #canvas(): HTMLCanvasElement {
    return this.renderRoot.querySelector('canvas') as HTMLCanvasElement
  }

  /** The side of the square, in pixels of the picture. */
  #cropSize(): number {
    const { width, height } = this.#picture as ImageBitmap
    return Math.min(width, height) / this.zoom
  }

  /** Keeps the square within the picture. */
  #moveTo(x: number, y: number) {
    const { width, height } = this.#picture as ImageBitmap
    const half = this.#cropSize() / 2
    this.#x = Math.min(Math.max(x, half), width - half)
    this.#y = Math.min(Math.max(y, half), height - half)
    this.#draw()
  }

  #zoomTo(zoom: number) {
    if (!this.ready) return
    this.zoom = Math.min(maxZoom, Math.max(1, zoom))
    this.#moveTo(this.#x, this.#y)
  }

  #draw(canvas = this.#canvas) {
    const context = canvas.getContext('2d')
    if (!context || !this.#picture) return
    const span = this.#cropSize()
    // Transparent parts would show the initials behind the picture.
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.imageSmoothingQuality = 'high'
    context.drawImage(
      this.#picture,
      this.#x - span / 2,
      this.#y - span / 2,
      span,
      span,
      0,
      0,
      canvas.width,
      canvas.height,
    )
  }

  #onPointerDown = (event: PointerEvent) => {
    this.#canvas.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
  }

  #onPointerMove = (event: PointerEvent) => {
    const before = this.#pointers.get(event.pointerId)
    if (!before || !this.ready) return
    const now = { x: event.clientX, y: event.clientY }
    const [other] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place)
    this.#pointers.set(event.pointerId, now)
    if (other) {
      const apart = (one: { x: number; y: number }) => Math.hypot(one.x - other.x, one.y - other.y)
      this.#zoomTo(this.zoom * (apart(now) / Math.max(1, apart(before))))
      return
    }
    const perPixel = this.#cropSize() / this.#canvas.clientWidth
    this.#moveTo(this.#x - (now.x - before.x) * perPixel, this.#y - (now.y - before.y) * perPixel)
  }

  #onPointerUp = (event: PointerEvent) => {
    this.#pointers.delete(event.pointerId)
  }

  #onWheel = (event: WheelEvent) => {
    event.preventDefault()
    this.#zoomTo(this.zoom * Math.exp(-event.deltaY / 400))
  }

  #onKey = (event: KeyboardEvent) => {
    if (!this.ready || event.ctrlKey || event.metaKey || event.altKey) return
    const step = this.#cropSize() * (event.shiftKey ? 0.005 : 0.04)
    const moves: Record<string, [number, number] | undefined> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    }
    const move = moves[event.key]
    if (move) this.#moveTo(this.#x + move[0], this.#y + move[1])
    else if (event.key === '+' || event.key === '=') this.#zoomTo(this.zoom * 1.1)
    else if (event.key === '-') this.#zoomTo(this.zoom / 1.1)
    else return
    event.preventDefault()
  }

  async #emitCropped() {
    const canvas = document.createElement('canvas')
    canvas.width = outputSizePx
    canvas.height = outputSizePx
    this.#draw(canvas)
    const blob = (await encode(canvas, 'image/webp')) ?? (await encode(canvas, 'image/jpeg'))
    if (!blob) {
      this.unreadable = true
      return
    }
    const detail = new Uint8Array(await blob.arrayBuffer())
    this.dispatchEvent(new CustomEvent('hb-cropped', { detail }))
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

/** A browser that cannot write this type writes a PNG instead, which is too large for a photo. */
async function encode(canvas: HTMLCanvasElement, type: string): Promise<Blob | undefined> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.86))
  return blob?.type === type ? blob : undefined
}

customElements.define('hb-crop', HbCrop)

declare global {
  interface HTMLElementTagNameMap {
    'hb-crop': HbCrop
  }
  interface HTMLElementEventMap {
    'hb-cropped': CustomEvent<Uint8Array<ArrayBuffer>>
  }
}
