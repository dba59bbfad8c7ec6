import { css, html, LitElement, type PropertyValues } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { HbMenu, MenuGroup } from '../ui/hb-menu.ts'
import type { BoundAction } from './message-actions.ts'

export interface ToolbarRows {
  /** The row that something belongs to. */
  at: (target: EventTarget | null) => HTMLElement | undefined
  find: (key: string) => HTMLElement | undefined
  /** What holds the rows and scrolls. */
  host: () => HTMLElement
}

const longPress = 500
/** A finger that moves farther scrolls. */
const still = 10

/**
 * What can be done with the message that is pointed at or has the focus. There is one of these, which goes from row to row:
 * buttons in each of 260 rows would cost more than the messages. With a finger a long press opens the menu.
 */
export class HbMessageToolbar extends LitElement {
  static override properties = {
    rows: { attribute: false },
    actionsOf: { attribute: false },
    key: { state: true },
  }
  declare rows: ToolbarRows
  declare actionsOf: (key: string) => readonly BoundAction[]
  declare key: string | undefined

  #pointed: HTMLElement | undefined
  #focused: string | undefined
  #press: { timer: number; x: number; y: number } | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: var(--space-6);
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
      @media (max-width: 719px) {
        :host {
          inset-inline-end: var(--space-3);
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
    if (this.hasUpdated) this.#listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#endPress()
  }

  protected override firstUpdated(): void {
    this.#listen()
  }

  protected override render(): unknown {
    const actions = this.key === undefined ? [] : this.actionsOf(this.key)
    const shown = actions.length > 0
    return html`<div class=${shown ? '' : 'away'}>
      <div class="bar" role="toolbar" aria-label=${t('actions.label')}>
        ${actions.filter((action) => action.bar).map((action) => this.#button(action))}
        <hb-menu
          .label=${t('actions.label')}
          .groups=${this.#groups(actions)}
          @hb-menu-closed=${() => this.#point(undefined)}
        >
          <button
            slot="trigger"
            class="icon-button"
            tabindex="-1"
            aria-label=${t('actions.more')}
            title=${t('actions.more')}
          >
            <hb-icon name="more"></hb-icon>
          </button>
        </hb-menu>
      </div>
    </div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('key')) this.#place()
  }

  /** Everything that can be done with a row's message; the focus comes back to the row. */
  openMenu(row: HTMLElement): void {
    const box = row.getBoundingClientRect()
    const rtl = getComputedStyle(row).direction === 'rtl'
    void this.openMenuAt(row, rtl ? box.left + 24 : box.right - 24, Math.max(box.top, 8))
  }

  async openMenuAt(row: HTMLElement, x: number, y: number): Promise<void> {
    this.key = row.dataset.key
    await this.updateComplete
    if (this.key !== undefined && this.actionsOf(this.key).length > 0) this.#menu?.openAt(x, y, row)
  }

  #button(action: BoundAction): unknown {
    return html`<button
      class="icon-button"
      tabindex="-1"
      aria-label=${action.label}
      title=${action.key ? `${action.label} (${action.key.toUpperCase()})` : action.label}
      @click=${() => this.#run(action)}
    >
      <hb-icon name=${action.icon}></hb-icon>
    </button>`
  }

  #groups(actions: readonly BoundAction[]): MenuGroup[] {
    const groups: MenuGroup[] = []
    for (const action of actions) {
      const { label, icon, danger } = action
      const note = action.key?.toUpperCase()
      const item = {
        ...{ label, icon, run: () => this.#run(action) },
        ...(danger ? { danger } : {}),
        ...(note ? { note } : {}),
      }
      groups[action.group] = [...(groups[action.group] ?? []), item]
    }
    return groups.filter((group) => group !== undefined)
  }

  #run(action: BoundAction): void {
    const row = this.key === undefined ? undefined : this.rows.find(this.key)
    if (row) void action.run(row)
  }

  #listen(): void {
    const host = this.rows.host()
    host.addEventListener('pointerover', this.#onPointer)
    host.addEventListener('pointerleave', this.#onLeave)
    host.addEventListener('focusin', this.#onFocusIn)
    host.addEventListener('focusout', this.#onFocusOut)
    host.addEventListener('scroll', this.#place, { passive: true })
    host.addEventListener('pointerdown', this.#onDown)
    host.addEventListener('pointermove', this.#onMove)
    host.addEventListener('pointerup', this.#endPress)
    host.addEventListener('pointercancel', this.#endPress)
    host.addEventListener('contextmenu', this.#onContextMenu)
    this.addEventListener('pointerleave', this.#onLeave)
  }

  #onPointer = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse' || this.#menu?.open) return
    this.#point(this.rows.at(event.target))
  }

  /** From the row onto the toolbar is no leaving. */
  #onLeave = (event: PointerEvent): void => {
    const to = event.relatedTarget
    if (this.#menu?.open || to === this || (to instanceof Node && this.rows.host().contains(to))) return
    this.#point(undefined)
  }

  #point(row: HTMLElement | undefined): void {
    if (row !== this.#pointed) {
      this.#pointed?.removeAttribute('data-pointed')
      row?.setAttribute('data-pointed', '')
      this.#pointed = row
    }
    this.key = row?.dataset.key ?? this.#focused
  }

  #onFocusIn = (event: FocusEvent): void => {
    const row = this.rows.at(event.target)
    this.#focused = row?.matches(':focus-visible, :has(:focus-visible)') ? row.dataset.key : undefined
    if (this.#focused !== undefined) this.key = this.#focused
  }

  #onFocusOut = (): void => {
    this.#focused = undefined
    if (!this.#menu?.open) this.key = this.#pointed?.dataset.key
  }

  #onDown = (event: PointerEvent): void => {
    this.#endPress()
    const row = this.rows.at(event.target)
    if (event.pointerType === 'mouse' || !row) return
    const { clientX: x, clientY: y } = event
    const timer = window.setTimeout(() => {
      this.#endPress()
      void this.openMenuAt(row, x, y)
    }, longPress)
    this.#press = { timer, x, y }
  }

  #onMove = (event: PointerEvent): void => {
    const press = this.#press
    if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > still) this.#endPress()
  }

  #endPress = (): void => {
    clearTimeout(this.#press?.timer)
    this.#press = undefined
  }

  /** Under a finger the long press has its meaning already; with a mouse the browser's own menu stays. */
  #onContextMenu = (event: MouseEvent): void => {
    if (event instanceof PointerEvent && event.pointerType !== 'mouse' && this.rows.at(event.target)) {
      event.preventDefault()
    }
  }

  #place = (): void => {
    const row = this.key === undefined ? undefined : this.rows.find(this.key)
    if (!row) return
    const host = this.rows.host().getBoundingClientRect()
    const top = row.getBoundingClientRect().top - host.top
    this.style.transform = `translateY(${Math.max(4, top - 14)}px)`
  }

  get #menu(): HbMenu | null {
    return this.renderRoot.querySelector('hb-menu')
  }
}

customElements.define('hb-message-toolbar', HbMessageToolbar)

declare global {
  interface HTMLElementTagNameMap {
    'hb-message-toolbar': HbMessageToolbar
  }
}
