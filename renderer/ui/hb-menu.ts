import { css, html, LitElement, nothing } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { dismissByPress } from './dismiss-press.ts'
import { deepActiveElement } from './focus.ts'
import './hb-icon.ts'
import type { IconName } from './icons.ts'
import { findByLetters } from './type-ahead.ts'
import { placePopover, placePopoverAt } from './place-popover.ts'

export interface MenuItem {
  label: string
  icon?: IconName
  /** For screen readers, if the label alone says too little. */
  accessibleName?: string
  /** Text at the end of the line: a key, a value. */
  note?: string
  danger?: boolean
  disabled?: boolean
  /** If it is given, the item is a choice, with a tick if true. Alone in its group it can be switched off. */
  checked?: boolean
  run?: () => unknown
  /** A submenu behind this line, with a way back. */
  submenu?: () => readonly MenuGroup[]
}

/** A group of items between two lines. */
export type MenuGroup = readonly MenuItem[]

/**
 * A menu of the button in its slot `trigger`: `<hb-menu label="More" .groups=${[[…], […]]}><button slot="trigger">`.
 * Arrow keys, Home, End and first letters move; Esc closes; the focus returns to the button. `openAt` makes it a
 * context menu. A line with an `inner` menu is replaced by that (right arrow, Enter); the left arrow or the first line
 * returns.
 */
export class HbMenu extends LitElement {
  static override properties = {
    label: { type: String },
    groups: { attribute: false },
    align: { type: String },
    open: { type: Boolean, reflect: true },
    openSubmenu: { state: true },
    isAtPoint: { state: true },
  }
  declare label: string
  declare groups: readonly MenuGroup[]
  declare align: 'start' | 'end'
  declare open: boolean
  /** The line whose inner menu is shown. */
  declare openSubmenu: MenuItem | undefined
  /**
   * Opened at a point, perhaps by a finger that is still down. The browser closes an `auto` popover when that finger
   * lifts, since it was outside when it came down. So this one closes by itself, at the next press outside.
   */
  declare isAtPoint: boolean

  #returnTo: HTMLElement | undefined
  #position = () => {}
  #typed = ''
  #typedAt = 0

  static override styles = [
    baseStyles,
    css`
      :host {
        display: inline-flex;
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        min-inline-size: 200px;
        max-inline-size: min(320px, calc(100vw - 16px));
        max-block-size: calc(100dvh - 16px - var(--covered-start, 0px) - var(--covered-end, 0px));
        overflow-y: auto;
        padding: var(--space-1);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface-floating);
        color: var(--color-text);
        box-shadow: var(--shadow-floating);
        /* Also if its anchor button is not visible. */
        visibility: visible;
        pointer-events: auto;
        opacity: 1;
        transition: opacity var(--motion-appear) var(--ease);
      }
      @starting-style {
        [popover]:popover-open {
          opacity: 0;
        }
      }
      [role='group'] + [role='group'] {
        margin-block-start: var(--space-1);
        padding-block-start: var(--space-1);
        border-block-start: 1px solid var(--color-border);
      }
      [role^='menuitem'] {
        display: flex;
        align-items: center;
        gap: 10px;
        inline-size: 100%;
        min-block-size: 34px;
        padding: 6px 10px;
        border: 0;
        border-radius: var(--radius-control);
        background: none;
        color: inherit;
        font: var(--type-body);
        font-size: 0.875rem;
        text-align: start;
        cursor: pointer;
        outline-offset: -2px;
      }
      [role^='menuitem']:hover,
      [role^='menuitem']:focus {
        background: var(--color-surface-hover);
      }
      [role^='menuitem']:focus:not(:focus-visible) {
        outline: 0;
      }
      [role^='menuitem'][aria-disabled='true'] {
        opacity: 0.5;
        cursor: default;
      }
      hb-icon {
        color: var(--color-text-muted);
      }
      .danger,
      .danger hb-icon {
        color: var(--color-danger);
      }
      .on {
        margin-inline-end: -4px;
      }
      .words {
        flex: 1;
        min-inline-size: 0;
        /* the longest name of a group would hide the other items */
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
      .note {
        /* the keys of a line stay in their order from right to left as well */
        unicode-bidi: plaintext;
        font: var(--type-meta);
        color: var(--color-text-muted);
      }
    `,
  ]

  constructor() {
    super()
    this.label = ''
    this.groups = []
    this.align = 'end'
    this.open = false
    this.openSubmenu = undefined
    this.isAtPoint = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopWatchingEscape()
  }

  override render() {
    return html`
      <slot
        name="trigger"
        @click=${() => (this.open ? this.close() : this.#openFromTrigger())}
        @keydown=${this.#onTriggerKey}
        @slotchange=${() => this.#describeTrigger()}
      ></slot>
      <div
        popover=${this.isAtPoint ? 'manual' : 'auto'}
        role="menu"
        aria-label=${this.openSubmenu?.label ?? this.label}
        @keydown=${this.#onKey}
        @toggle=${this.#onToggle}
        @contextmenu=${(event: Event) => event.preventDefault()}
      >
        ${
          this.open
            ? this.#shownGroups()
                .filter((group) => group.length > 0)
                .map(
                  (group) =>
                    html`<div role="group">
                      ${group.map((item) => this.#renderItem(item, group.length === 1))}
                    </div>`,
                )
            : nothing
        }
      </div>
    `
  }

  #shownGroups(): readonly MenuGroup[] {
    const { openSubmenu: inside } = this
    if (!inside?.submenu) return this.groups
    return [
      [{ label: inside.label, icon: 'chevron-left', accessibleName: `${t('common.back')}, ${inside.label}` }],
      ...inside.submenu(),
    ]
  }

  #renderItem(item: MenuItem, isAlone: boolean) {
    const choice = item.checked !== undefined
    return html`<button
      type="button"
      role=${choice ? (isAlone ? 'menuitemcheckbox' : 'menuitemradio') : 'menuitem'}
      aria-checked=${choice ? String(item.checked) : nothing}
      aria-label=${item.accessibleName ?? nothing}
      aria-haspopup=${item.submenu ? 'menu' : nothing}
      aria-disabled=${item.disabled ? 'true' : nothing}
      class=${item.danger ? 'danger' : ''}
      tabindex="-1"
      @click=${(event: Event) => {
        event.stopPropagation()
        if (!item.disabled) this.#chooseItem(item)
      }}
    >
      ${item.icon ? html`<hb-icon name=${item.icon}></hb-icon>` : nothing}
      <span class="words" dir="auto">${item.label}</span>
      ${item.note ? html`<span class="note">${item.note}</span>` : nothing}
      ${item.checked ? html`<hb-icon name="check"></hb-icon>` : nothing}
      ${item.submenu ? html`<hb-icon class="on" name="chevron-right" .size=${14}></hb-icon>` : nothing}
    </button>`
  }

  #chooseItem(item: MenuItem) {
    if (item.submenu) void this.#setSubmenu(item)
    else if (!item.run) void this.#setSubmenu(undefined)
    else {
      this.close()
      item.run()
    }
  }

  /** Opens an inner menu, or returns to the line that led there. */
  async #setSubmenu(inside: MenuItem | undefined) {
    const left = this.openSubmenu?.label
    this.openSubmenu = inside
    await this.updateComplete
    this.#position()
    const items = this.#items()
    const chosen = items.find((item) => item.ariaChecked === 'true')
    const from = items.find((item) => item.querySelector('.words')?.textContent === left)
    const target = inside ? (chosen ?? items[1]) : from
    ;(target ?? items[0])?.focus()
  }

  /** Opens at a point, as a context menu; the focus returns to the element that had it. */
  openAt(x: number, y: number, returnTo?: HTMLElement): void {
    this.close()
    this.#returnTo = returnTo
    this.isAtPoint = true
    void this.#openMenu(() => placePopoverAt(this.#menu, x, y))
    document.addEventListener('keydown', this.#onEscape, true)
  }

  /** The browser closes an `auto` popover wherever the focus is. */
  #onEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    this.close()
  }

  #stopWatchingEscape() {
    document.removeEventListener('keydown', this.#onEscape, true)
  }

  /** The focus returns at once: a dialog that an item opens remembers it, and gives it back. */
  close(): void {
    // Its toggle event comes later, and the next Escape is not for the menu.
    this.#stopWatchingEscape()
    if (!this.#menu.matches(':popover-open')) return
    const hadFocus = this.#hasFocus
    this.#menu.hidePopover()
    if (hadFocus) this.#returnTo?.focus()
  }

  get #hasFocus(): boolean {
    return this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== null
  }

  get #menu(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('[popover]') as HTMLElement
  }

  get #trigger(): HTMLElement | undefined {
    const slot = this.renderRoot.querySelector('slot')
    return slot?.assignedElements()[0] as HTMLElement | undefined
  }

  /** Opens it by a key, or closes it. The focus returns to where it was. */
  toggle(): void {
    if (this.open) this.close()
    else this.#openFromTrigger(false, deepActiveElement())
  }

  #openFromTrigger(last = false, returnTo: HTMLElement | undefined = this.#trigger) {
    const trigger = this.#trigger
    if (!trigger) return
    this.close()
    this.#returnTo = returnTo
    this.isAtPoint = false
    void this.#openMenu(() => {
      placePopover(this.#menu, trigger.getBoundingClientRect(), {
        side: 'below',
        align: this.align,
        gapPx: 4,
      })
    }, last)
  }

  async #openMenu(place: () => void, last = false) {
    this.open = true
    this.openSubmenu = undefined
    await this.updateComplete
    if (!this.#menu.matches(':popover-open')) this.#menu.showPopover()
    dismissByPress(this.#menu, () => this.close())
    this.#position = place
    place()
    const items = this.#items()
    const chosen = items.find((item) => item.ariaChecked === 'true')
    const target = last ? items.at(-1) : (chosen ?? items[0])
    target?.focus()
  }

  #items(): HTMLElement[] {
    return [...this.#menu.querySelectorAll<HTMLElement>('[role^=menuitem]')]
  }

  #describeTrigger() {
    this.#trigger?.setAttribute('aria-haspopup', 'menu')
    this.#trigger?.setAttribute('aria-expanded', String(this.open))
  }

  #onToggle = (event: ToggleEvent) => {
    if (event.newState === 'open') {
      this.#describeTrigger()
      return
    }
    // Only if the focus was in the menu: a click elsewhere has its own target.
    const hadFocus = this.#hasFocus
    this.open = false
    this.#stopWatchingEscape()
    this.#describeTrigger()
    if (hadFocus || document.activeElement === document.body) this.#returnTo?.focus()
    this.dispatchEvent(new CustomEvent('hb-menu-closed'))
  }

  #onTriggerKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    this.#openFromTrigger(event.key === 'ArrowUp')
  }

  #onKey = (event: KeyboardEvent) => {
    const items = this.#items()
    const active = (this.renderRoot as ShadowRoot).activeElement
    const index = items.findIndex((item) => item === active)
    const last = items.length - 1
    const goTo: Record<string, number> = {
      ArrowDown: index === last ? 0 : index + 1,
      ArrowUp: index <= 0 ? last : index - 1,
      Home: 0,
      End: last,
    }
    const target = goTo[event.key]
    const rtl = getComputedStyle(this).direction === 'rtl'
    if (event.key === (rtl ? 'ArrowLeft' : 'ArrowRight') && active?.ariaHasPopup) {
      event.preventDefault()
      ;(active as HTMLElement).click()
    } else if (event.key === (rtl ? 'ArrowRight' : 'ArrowLeft') && this.openSubmenu) {
      event.preventDefault()
      void this.#setSubmenu(undefined)
    } else if (target !== undefined) {
      event.preventDefault()
      items[target]?.focus()
    } else if (event.key === 'Tab') {
      this.close()
    } else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
      this.#typeAhead(event, items, index)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      this.close()
    } else return
    event.stopPropagation()
  }

  #typeAhead(event: KeyboardEvent, items: HTMLElement[], index: number) {
    this.#typed = event.timeStamp - this.#typedAt < 600 ? this.#typed + event.key : event.key
    this.#typedAt = event.timeStamp
    const found = findByLetters(
      items.map((item) => item.textContent),
      index,
      this.#typed,
    )
    if (found !== undefined) items[found]?.focus()
  }
}

customElements.define('hb-menu', HbMenu)

declare global {
  interface HTMLElementTagNameMap {
    'hb-menu': HbMenu
  }
}
