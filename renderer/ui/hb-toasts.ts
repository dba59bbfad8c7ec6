import { css, html, LitElement, nothing } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import { deepActiveElement } from './focus.ts'
import './hb-icon.ts'
import { focusInstead } from './keep-row-focus.ts'
import { areasToKeepClear } from './keep-clear.ts'
import { keyedList } from './keyed-list.ts'

export interface Toast {
  text: string
  tone?: 'plain' | 'danger'
  /** The label of its button: "Undo", or another remedy. */
  action?: { label: string; run: () => unknown }
  /** When its action is no longer possible. Until then the pointer or the focus keeps it. */
  endsAfterMs?: number
  /** What the screen shows elsewhere: only screen readers need the words. */
  isUnseen?: boolean
  /** The area of what it is about, which it must not cover. */
  about?: () => DOMRectReadOnly | undefined
}

/** Shows a notice that needs no answer. Any element may call it; the app shows it. */
export function notify(from: EventTarget, toast: Toast): void {
  from.dispatchEvent(new CustomEvent('hb-toast', { detail: toast, bubbles: true, composed: true }))
}

/** Long enough to read it and to reach "Undo". */
const toastDurationMs = 7000
/** What a toast is about moves when the user scrolls. */
const placingIntervalMs = 200
const marginPx = 12
/** Up to this width the chat list and the conversation take turns. */
const narrowWidthPx = 719
const minRoomPx = 216
/** Without a composer. */
const maxRoomPx = 344
/** Without a composer: above the end of a list. */
const bottomMarginPx = 88

interface ShownToast extends Toast {
  id: number
  /** The focus when it appeared: it returns there from the buttons of the toast. */
  focused: HTMLElement | undefined
}

/**
 * The toasts of the app, in one place: above the composers, and never over what they are about. Screen readers announce
 * them politely. They stay while they have the pointer or the focus, but no longer than their action is possible.
 */
export class HbToasts extends LitElement {
  static override properties = { toasts: { state: true } }
  declare toasts: readonly ShownToast[]

  #count = 0
  #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #endTimers = new Map<number, ReturnType<typeof setTimeout>>()
  #placingTimer: ReturnType<typeof setInterval> | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: fixed;
        inset-inline: 0;
        z-index: 20;
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: var(--space-2);
        padding-inline: var(--space-4);
        pointer-events: none;
      }
      .toast {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        max-inline-size: 480px;
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface-floating);
        color: var(--color-text);
        font: var(--type-body);
        font-size: 0.875rem;
        box-shadow: var(--shadow-floating);
        pointer-events: auto;
        transition:
          opacity var(--motion-panel) var(--ease),
          translate var(--motion-panel) var(--ease);
      }
      [role='status'] {
        display: grid;
        gap: var(--space-2);
        justify-items: center;
      }
      :host([data-wide]) [role='status'] {
        justify-items: start;
      }
      :host([data-wide]) {
        inset-inline-end: auto;
        align-items: flex-start;
        padding-inline: var(--space-3);
      }
      :host([data-wide]) .toast {
        max-inline-size: var(--room);
      }
      @starting-style {
        .toast {
          opacity: 0;
          translate: 0 4px;
        }
      }
      .danger hb-icon {
        color: var(--color-danger);
      }
      .icon-button {
        inline-size: 28px;
        block-size: 28px;
      }
      span {
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.toasts = []
  }

  show(toast: Toast): void {
    const id = (this.#count += 1)
    const seen = this.toasts.filter(({ isUnseen }) => !isUnseen)
    this.toasts = [
      ...(toast.isUnseen ? seen : seen.slice(-2)),
      { ...toast, id, focused: deepActiveElement() },
    ]
    this.#startTimer(id)
    if (toast.endsAfterMs === undefined) return
    this.#endTimers.set(
      id,
      setTimeout(() => this.#drop(id), toast.endsAfterMs),
    )
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#placingTimer)
    this.#placingTimer = undefined
  }

  protected override updated(): void {
    clearInterval(this.#placingTimer)
    this.#placingTimer =
      this.toasts.length === 0 ? undefined : setInterval(() => this.#place(), placingIntervalMs)
    this.#place()
  }

  /**
   * In a wide window over the end of the chat list, where nobody reads or writes. In a narrow one above the composers. In
   * both at the top if it would cover there what it is about.
   */
  #place(): void {
    const areas = areasToKeepClear()
    const isWide = innerWidth > narrowWidthPx
    this.toggleAttribute('data-wide', isWide)
    const rtl = getComputedStyle(this).direction === 'rtl'
    const starts = areas.map(({ left, right }) => (rtl ? innerWidth - right : left))
    const roomPx = Math.max(minRoomPx, Math.min(maxRoomPx, ...starts) - 2 * marginPx)
    this.style.setProperty('--room', `${roomPx}px`)
    const toasts = [...this.renderRoot.querySelectorAll('.toast')].map((toast) =>
      toast.getBoundingClientRect(),
    )
    const [first] = toasts
    if (!first) return
    const bottom = isWide
      ? innerHeight - marginPx
      : Math.min(innerHeight - bottomMarginPx, ...areas.map(({ top }) => top - marginPx))
    const height = this.offsetHeight
    const left = Math.min(...toasts.map((each) => each.left))
    const right = Math.max(...toasts.map((each) => each.right))
    const abouts = this.toasts.map(({ about }) => about?.()).filter((area) => area !== undefined)
    const coveredAt = (top: number) =>
      Math.max(0, ...abouts.map((area) => overlap(area, new DOMRect(left, top, right - left, height))))
    const topAtBottom = Math.max(marginPx, bottom - height)
    const topAtTop = 56 + marginPx
    const isAtTop = coveredAt(topAtBottom) > coveredAt(topAtTop)
    this.style.insetBlockStart = `${isAtTop ? topAtTop : topAtBottom}px`
  }

  override render() {
    return html`<div role="status" aria-live="polite">
      ${keyedList(
        this.toasts,
        (toast) => toast.id,
        (toast) =>
          toast.isUnseen
            ? html`<span class="visually-hidden">${toast.text}</span>`
            : html`<div
                class="toast ${toast.tone ?? 'plain'}"
                @pointerenter=${() => this.#stopTimer(toast.id)}
                @pointerleave=${() => this.#startTimer(toast.id)}
                @mousedown=${preventBlur}
                @focusin=${() => this.#stopTimer(toast.id)}
                @focusout=${() => this.#startTimer(toast.id)}
              >
                ${toast.tone === 'danger' ? html`<hb-icon name="alert"></hb-icon>` : nothing}
                <span>${toast.text}</span>
                ${
                  toast.action
                    ? html`<button
                        class="link"
                        @click=${() => {
                          this.#leave(toast)
                          toast.action?.run()
                        }}
                      >
                        ${toast.action.label}
                      </button>`
                    : nothing
                }
                <button
                  class="icon-button"
                  aria-label=${t('common.close')}
                  @click=${() => this.#leave(toast)}
                >
                  <hb-icon name="close"></hb-icon>
                </button>
              </div>`,
      )}
    </div>`
  }

  /** By one of its buttons, which go with it. A keyboard that was on one of them is where it was before. */
  #leave({ id, focused }: ShownToast): void {
    const hadFocus = this.matches(':focus-within')
    this.#drop(id)
    if (!hadFocus || !focused) return
    if (focused.isConnected) focused.focus({ preventScroll: true })
    else focusInstead(focused)
  }

  #startTimer(id: number) {
    this.#stopTimer(id)
    this.#timers.set(
      id,
      setTimeout(() => this.#drop(id), toastDurationMs),
    )
  }

  #stopTimer(id: number) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  #drop(id: number) {
    this.#stopTimer(id)
    clearTimeout(this.#endTimers.get(id))
    this.#endTimers.delete(id)
    this.toasts = this.toasts.filter((toast) => toast.id !== id)
  }
}

/** Pressing a button must not take the focus from where the user works. */
function preventBlur(event: Event): void {
  event.preventDefault()
}

function overlap(one: DOMRectReadOnly, other: DOMRectReadOnly): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left)
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
  return width > 0 && height > 0 ? width * height : 0
}

customElements.define('hb-toasts', HbToasts)

declare global {
  interface HTMLElementTagNameMap {
    'hb-toasts': HbToasts
  }
  interface HTMLElementEventMap {
    'hb-toast': CustomEvent<Toast>
  }
}
