import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import './hb-icon.ts'

export interface Toast {
  text: string
  tone?: 'plain' | 'danger'
  /** The label of its button: "Undo", or another remedy. */
  action?: { label: string; run: () => unknown }
}

/** Shows a notice that needs no answer. Any element may call it; the app shows it. */
export function notify(from: EventTarget, toast: Toast): void {
  from.dispatchEvent(new CustomEvent('hb-toast', { detail: toast, bubbles: true, composed: true }))
}

/** Long enough to read it and to reach "Undo". */
const toastDurationMs = 7000

interface ShownToast extends Toast {
  id: number
}

/**
 * The toasts at the bottom, in one place of the app. Screen readers announce them politely. They stay while they have
 * the pointer or the focus.
 */
export class HbToasts extends LitElement {
  static override properties = { toasts: { state: true } }
  declare toasts: readonly ShownToast[]

  #count = 0
  #timers = new Map<number, ReturnType<typeof setTimeout>>()

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: fixed;
        /* above the composer, which is what people are looking at */
        inset-block-end: 88px;
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
        padding: 10px 8px 10px 16px;
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
    this.toasts = [...this.toasts.slice(-2), { ...toast, id }]
    this.#startTimer(id)
  }

  override render() {
    return html`<div role="status" aria-live="polite">
      ${repeat(
        this.toasts,
        (toast) => toast.id,
        (toast) =>
          html`<div
            class="toast ${toast.tone ?? 'plain'}"
            @pointerenter=${() => this.#stopTimer(toast.id)}
            @pointerleave=${() => this.#startTimer(toast.id)}
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
                      this.#drop(toast.id)
                      toast.action?.run()
                    }}
                  >
                    ${toast.action.label}
                  </button>`
                : nothing
            }
            <button class="icon-button" aria-label=${t('common.close')} @click=${() => this.#drop(toast.id)}>
              <hb-icon name="close"></hb-icon>
            </button>
          </div>`,
      )}
    </div>`
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
    this.toasts = this.toasts.filter((toast) => toast.id !== id)
  }
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
