import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { checkText, countBytes } from '../../shared/text/message.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { composerStyles } from './composer-styles.ts'
import { cleanPaste } from './text-parts.ts'

/** The counter appears with the last kibibyte: before that nobody needs to think of it. */
const countFrom = limits.text - 1024

/**
 * Where a message is written. The text belongs to the person until it is sent: it is told on every change (`hb-draft`), and
 * what is too long or refused stays where it is.
 *
 * Events: `hb-send` and `hb-draft` (`detail.text`), `hb-typing`.
 */
export class HbComposer extends LitElement {
  static override properties = {
    chatId: { attribute: false },
    draft: { attribute: false },
    placeholder: { attribute: false },
    hint: { attribute: false },
    problem: { state: true },
    text: { state: true },
  }
  static override styles = [baseStyles, composerStyles]

  declare chatId: string
  /** What was left unsent: taken over when the chat changes, not while one types. */
  declare draft: string
  declare placeholder: string
  /** The quiet line above: who is typing, or that the hub is away. */
  declare hint: string
  declare problem: string | undefined
  declare text: string

  constructor() {
    super()
    this.chatId = ''
    this.draft = ''
    this.placeholder = ''
    this.hint = ''
    this.problem = undefined
    this.text = ''
  }

  override focus(): void {
    this.#field?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // A draft that is read late from the cache comes in as well, unless something has been typed meanwhile.
    const late = changed.has('draft') && this.text === ''
    if (!changed.has('chatId') && !late) return
    this.text = this.draft
    this.problem = undefined
  }

  protected override render(): unknown {
    const bytes = this.text.length * 3 < countFrom ? 0 : countBytes(this.text)
    const over = bytes > limits.text
    return html`
      <p class="hint" role="status" aria-live="polite"><bdi>${this.hint}</bdi></p>
      <div class="box ${over || this.problem ? 'wrong' : ''}" @click=${this.#onBox}>
        <textarea
          rows="1"
          dir="auto"
          enterkeyhint="send"
          autocomplete="off"
          spellcheck="true"
          aria-label=${this.placeholder}
          aria-describedby="problem"
          aria-invalid=${over ? 'true' : 'false'}
          placeholder=${this.placeholder}
          .value=${this.text}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
          @paste=${this.#onPaste}
        ></textarea>
        <button
          class="send"
          aria-label=${t('composer.send')}
          title=${t('composer.send')}
          ?disabled=${isBlank(this.text)}
          @mousedown=${keepFocus}
          @click=${this.#send}
        >
          <hb-icon name="send"></hb-icon>
        </button>
      </div>
      <div class="foot" id="problem">
        ${
          this.problem || over
            ? html`<p class="problem" role="alert">${over ? t('composer.tooLong') : this.problem}</p>`
            : nothing
        }
        ${
          bytes > countFrom
            ? html`<p class="count ${over ? 'over' : ''}">
                ${
                  over
                    ? t('composer.over', { count: bytes - limits.text })
                    : t('composer.left', { count: limits.text - bytes })
                }
              </p>`
            : nothing
        }
      </div>
    `
  }

  protected override updated(): void {
    this.#grow()
  }

  get #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea')
  }

  #onInput = (event: Event): void => {
    this.#changeTo((event.target as HTMLTextAreaElement).value)
    if (!isBlank(this.text)) this.dispatchEvent(new CustomEvent('hb-typing'))
  }

  #changeTo(text: string): void {
    this.text = text
    this.problem = undefined
    this.dispatchEvent(new CustomEvent('hb-draft', { detail: { text } }))
  }

  #onKey = (event: KeyboardEvent): void => {
    // While an input method composes, Enter chooses a candidate; some of them only tell by the key code 229.
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.#send()
  }

  #onPaste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData('text/plain')
    if (!pasted) return
    const clean = cleanPaste(pasted)
    if (clean === pasted) return
    event.preventDefault()
    // The one way to insert that keeps the undo of the field; where it is gone, the text itself comes first.
    if (!document.execCommand('insertText', false, clean)) {
      const field = event.target as HTMLTextAreaElement
      field.setRangeText(clean, field.selectionStart, field.selectionEnd, 'end')
      this.#changeTo(field.value)
    }
  }

  #onBox = (event: Event): void => {
    if (event.target === event.currentTarget) this.focus()
  }

  #send = (): void => {
    const text = cleanPaste(this.text).replace(/^\s*\n|\s+$/g, '')
    if (isBlank(text)) return
    const wrong = checkText(text)
    if (wrong) {
      this.problem = wrong.message
      return
    }
    this.dispatchEvent(new CustomEvent('hb-send', { detail: { text } }))
    this.#changeTo('')
    this.focus()
  }

  /** Where the browser does not size the field by its content. A property of the style, which the CSP allows. */
  #grow(): void {
    const field = this.#field
    if (!field || CSS.supports('field-sizing', 'content')) return
    field.style.height = 'auto'
    field.style.height = `${field.scrollHeight}px`
  }
}

customElements.define('hb-composer', HbComposer)

declare global {
  interface HTMLElementTagNameMap {
    'hb-composer': HbComposer
  }
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Pressing the button must not take the focus from the field: on a phone the keyboard would fold away. */
function keepFocus(event: Event): void {
  event.preventDefault()
}
