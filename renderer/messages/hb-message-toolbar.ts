import { css, html, LitElement, type PropertyValues } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import { isTouchMenu, LongPress } from '../ui/long-press.ts'
import type { HbMenu, MenuGroup } from '../ui/hb-menu.ts'
import type { BoundAction } from './message-actions.ts'
import { SwipeToReply } from './swipe-to-reply.ts'

export interface ToolbarRows {
  /** The row that contains a target. */
  rowAt: (target: EventTarget | null) => HTMLElement | undefined
  rowByKey: (key: string) => HTMLElement | undefined
  /** The element that contains the rows and scrolls. */
  scroller: () => HTMLElement
}

/** Rows that move under a pointer at rest have the toolbar once they have come to rest, too: a scroll must stay cheap. */
const restMs = 100

const browserMenuTargets = 'a, img, video, audio, hb-media, input, textarea'

/**
 * The actions of the message under the pointer or with the focus. One toolbar moves from row to row: buttons in each
 * of 260 rows would cost more than the messages. On touch screens a long press opens the menu,
 * and a swipe replies.
 */
export class HbMessageToolbar extends LitElement {
  static override properties = {
    rows: { attribute: false },
    actionsOf: { attribute: false },
    items: { attribute: false },
    key: { state: true },
  }
  declare rows: ToolbarRows
  declare actionsOf: (key: string) => readonly BoundAction[]
  /** What the actions depend on. */
  declare items: readonly unknown[]
  declare key: string | undefined

  #hoveredRow: HTMLElement | undefined
  #focusedKey: string | undefined
  /** Where the pointer was last, in the window. */
  #pointer = { x: NaN, y: NaN }
  #restTimer = 0
  #hadSelection = false
  readonly #longPress = new LongPress(({ target, x, y }) => {
    const row = this.rows.rowAt(target)
    if (row) void this.openMenuAt(row, x, y)
  })
  readonly #swipeToReply = new SwipeToReply({
    rowAt: (target) => this.rows.rowAt(target),
    replyOf: (row) => {
      const reply = this.actionsOf(row.dataset.key as string).find(({ name }) => name === 'reply')
      return reply && (() => reply.run(row))
    },
  })

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: max(
          calc(var(--timeline-inset) + var(--space-2)),
          calc((100% - var(--timeline-column)) / 2 + var(--space-2))
        );
        z-index: 2;
      }
      .bar {
        display: flex;
        padding: 2px;
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface-floating);
        box-shadow: var(--shadow-raised);
      }
      .icon-button {
        inline-size: 30px;
        block-size: 28px;
      }
      .away {
        display: contents;
      }
      .away > .bar {
        position: absolute;
        visibility: hidden;
        pointer-events: none;
      }
      @media (hover: none) {
        .bar {
          position: absolute;
          visibility: hidden;
          pointer-events: none;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.key = undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#addListeners()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#restTimer)
    this.#longPress.cancel()
    this.#swipeToReply.cancel()
  }

  protected override firstUpdated(): void {
    this.#addListeners()
  }

  protected override render(): unknown {
    const actions = this.key === undefined ? [] : this.actionsOf(this.key)
    const shown = actions.length > 0
    return html`<div class=${shown ? '' : 'away'}>
      <div class="bar" role="toolbar" aria-label=${t('actions.label')}>
        ${actions.filter((action) => action.bar).map((action) => this.#renderButton(action))}
        <hb-menu
          .label=${t('actions.label')}
          .groups=${this.#menuGroups(actions)}
          @hb-menu-closed=${() => this.#setHoveredRow(undefined)}
        >
          <button
            slot="trigger"
            class="icon-button"
            tabindex="-1"
            aria-label=${t('actions.more')}
            data-tip=${t('actions.more')}
          >
            <hb-icon name="more"></hb-icon>
          </button>
        </hb-menu>
      </div>
    </div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('key')) this.#updatePosition()
  }

  /** Opens the menu with all actions of a message; the focus returns to the row. */
  openMenu(row: HTMLElement): void {
    const box = row.getBoundingClientRect()
    const rtl = getComputedStyle(row).direction === 'rtl'
    void this.openMenuAt(row, rtl ? box.left + 24 : box.right - 24, Math.max(box.top, 8))
  }

  async openMenuAt(row: HTMLElement, x: number, y: number): Promise<void> {
    if (this.actionsOf(row.dataset.key as string).length === 0) return
    this.#setHoveredRow(row)
    await this.updateComplete
    this.#menu?.openAt(x, y, row)
  }

  #renderButton(action: BoundAction): unknown {
    return html`<button
      class="icon-button"
      tabindex="-1"
      aria-label=${action.label}
      data-tip=${action.label}
      data-tip-key=${action.key.toUpperCase()}
      @click=${() => this.#runAction(action)}
    >
      <hb-icon name=${action.icon}></hb-icon>
    </button>`
  }

  #menuGroups(actions: readonly BoundAction[]): MenuGroup[] {
    const groups: MenuGroup[] = []
    for (const action of actions) {
      const { label, icon, danger } = action
      const note = hasKeyboard ? action.key.toUpperCase() : ''
      const item = {
        ...{ label, icon, run: () => this.#runAction(action) },
        ...(danger ? { danger } : {}),
        ...(note ? { note } : {}),
      }
      groups[action.group] = [...(groups[action.group] ?? []), item]
    }
    return groups.filter((group) => group !== undefined)
  }

  #runAction(action: BoundAction): void {
    const row = this.key === undefined ? undefined : this.rows.rowByKey(this.key)
    if (row) void action.run(row)
  }

  #addListeners(): void {
    const host = this.rows.scroller()
    host.addEventListener('pointerover', this.#onPointerOver)
    host.addEventListener('pointerleave', this.#onPointerLeave)
    host.addEventListener('focusin', this.#onFocusIn)
    host.addEventListener('focusout', this.#onFocusOut)
    host.addEventListener('scroll', this.#updatePosition, { passive: true })
    host.addEventListener('pointerdown', this.#onPointerDown)
    host.addEventListener('pointerdown', this.#swipeToReply.onPointerDown)
    host.addEventListener('pointermove', this.#longPress.onPointerMove)
    host.addEventListener('pointerup', this.#longPress.cancel)
    host.addEventListener('pointercancel', this.#longPress.cancel)
    host.addEventListener('contextmenu', this.#onContextMenu)
    this.addEventListener('pointerleave', this.#onPointerLeave)
  }

  #onPointerOver = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse' || this.#menu?.open) return
    const row = this.rows.rowAt(event.target)
    const { clientX: x, clientY: y } = event
    const isAtRest = x === this.#pointer.x && y === this.#pointer.y
    this.#pointer = { x, y }
    clearTimeout(this.#restTimer)
    if (isAtRest)
      this.#restTimer = window.setTimeout(() => this.#menu?.open || this.#setHoveredRow(row), restMs)
    else this.#setHoveredRow(row)
  }

  /** Moving from the row onto the toolbar does not count as leaving. */
  #onPointerLeave = (event: PointerEvent): void => {
    const to = event.relatedTarget
    clearTimeout(this.#restTimer)
    if (this.#menu?.open || to === this || (to instanceof Node && this.rows.scroller().contains(to))) return
    this.#setHoveredRow(undefined)
  }

  #setHoveredRow(row: HTMLElement | undefined): void {
    clearTimeout(this.#restTimer)
    if (row !== this.#hoveredRow) {
      this.#hoveredRow?.removeAttribute('data-pointed')
      row?.setAttribute('data-pointed', '')
      this.#hoveredRow = row
    }
    this.key = row?.dataset.key ?? this.#focusedKey
  }

  #onFocusIn = (event: FocusEvent): void => {
    const row = this.rows.rowAt(event.target)
    this.#focusedKey = row?.matches(':focus-visible, :has(:focus-visible)') ? row.dataset.key : undefined
    if (this.#focusedKey !== undefined) this.key = this.#focusedKey
  }

  #onFocusOut = (): void => {
    this.#focusedKey = undefined
    if (!this.#menu?.open) this.key = this.#hoveredRow?.dataset.key
  }

  /** On touch screens the long press already opens the menu. The browser's own is for selected text, links and files. */
  #onContextMenu = (event: MouseEvent): void => {
    const row = this.rows.rowAt(event.target)
    if (!row) return
    if (isTouchMenu(event)) return event.preventDefault()
    if (event.shiftKey || this.#hadSelection || (event.target as HTMLElement).closest(browserMenuTargets))
      return
    event.preventDefault()
    void this.openMenuAt(row, event.clientX, event.clientY)
  }

  /** Before the right button selects a word, as it does on macOS. */
  #onPointerDown = (event: PointerEvent): void => {
    this.#hadSelection = String(getSelection()) !== ''
    this.#longPress.onPointerDown(event)
  }

  #updatePosition = (): void => {
    const row = this.key === undefined ? undefined : this.rows.rowByKey(this.key)
    if (!row) return
    const host = this.rows.scroller().getBoundingClientRect()
    const top = row.getBoundingClientRect().top - host.top
    this.style.transform = `translateY(${Math.max(4, top - 14)}px)`
  }

  get #menu(): HbMenu | null {
    return this.renderRoot.querySelector('hb-menu')
  }
}

/** On a touch screen the letters mean nothing. */
const hasKeyboard = matchMedia('(hover: hover)').matches

customElements.define('hb-message-toolbar', HbMessageToolbar)

declare global {
  interface HTMLElementTagNameMap {
    'hb-message-toolbar': HbMessageToolbar
  }
}
