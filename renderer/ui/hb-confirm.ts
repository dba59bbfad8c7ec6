import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import { errorCode, errorMessage } from './error-message.ts'
import './hb-dialog.ts'
import { openQuestion } from './open-question.ts'

export interface ConfirmOptions {
  heading: string
  text: string
  /** Shown below the text, such as the fingerprint of a hub. */
  content?: TemplateResult
  /** The label of the button, with the name of the thing: "Delete #kitchen". */
  action: string
  danger?: boolean
  /** Runs while the dialog is open. If it throws, the reason is shown and the user can try again. */
  run: () => Promise<unknown>
}

/** One question; the safe answer has the focus. Opened by `confirm()`. */
export class HbConfirm extends LitElement {
  static override properties = {
    question: { attribute: false },
    busy: { state: true },
    error: { state: true },
  }
  declare question: ConfirmOptions
  declare busy: boolean
  declare error: string

  /** A try had no response. The hub may have done it, and then the next try does not find what is gone. */
  #isUnanswered = false

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      p {
        color: var(--color-text-muted);
        overflow-wrap: anywhere;
      }
      .action {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
      .content {
        margin-block-start: var(--space-4);
      }
      .error {
        margin-block-start: var(--space-3);
        color: var(--color-danger);
      }
    `,
  ]

  constructor() {
    super()
    this.busy = false
    this.error = ''
  }

  override render() {
    const { heading, text, content, action, danger } = this.question
    return html`<hb-dialog .heading=${heading} .busy=${this.busy} @hb-close=${() => this.#finish(false)}>
      <p>${text}</p>
      ${content ? html`<div class="content">${content}</div>` : nothing}
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <button
        slot="actions"
        class="button"
        autofocus
        ?disabled=${this.busy}
        @click=${() => this.#finish(false)}
      >
        ${t('common.cancel')}
      </button>
      <button
        slot="actions"
        class="button ${danger ? 'danger' : 'primary'}"
        ?disabled=${this.busy}
        @click=${() => void this.#runAction()}
      >
        <span class="action">${action}</span>
      </button>
    </hb-dialog>`
  }

  async #runAction() {
    this.busy = true
    this.error = ''
    try {
      await this.question.run()
      this.busy = false
      this.#finish(true)
    } catch (error) {
      this.busy = false
      if (this.#isUnanswered && errorCode(error) === 'not_found') return this.#finish(true)
      this.#isUnanswered ||= errorCode(error) === 'offline'
      this.error = errorMessage(error)
    }
  }

  #finish(done: boolean) {
    this.dispatchEvent(new CustomEvent('hb-result', { detail: done }))
  }
}

customElements.define('hb-confirm', HbConfirm)

/** Asks the user and runs the action. Returns true if it was done. */
export function confirm(question: ConfirmOptions): Promise<boolean> {
  const element = document.createElement('hb-confirm')
  element.question = question
  return openQuestion(element)
}

declare global {
  interface HTMLElementTagNameMap {
    'hb-confirm': HbConfirm
  }
}
