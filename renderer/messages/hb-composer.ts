import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { plainText } from '../../shared/text/plain-text.ts'
import { checkText } from '../../shared/text/message.ts'
import { pickEmoji } from '../emoji/pick-emoji.ts'
import { readPaste } from '../files/pick-files.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { mergeDrafts, moveCaret } from '../state/merge-drafts.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { confirm } from '../ui/hb-confirm.ts'
import { insertion, maxInsertedLength, planPaste, type PasteAction } from './composer-paste.ts'
import { replaceText } from './insert-text.ts'
import { dateOfCommand, expandCommand, unknownCommand } from './slash-commands.ts'
import { replaceEmojiNames, trimOutgoing } from './outgoing-text.ts'
import { AutocompletePopup } from './autocomplete-popup.ts'
import { composerFoot, countedBytes } from './composer-foot.ts'
import { composerHelp } from './composer-help.ts'
import { editForKey } from './composer-keys.ts'
import { composerStyles } from './composer-styles.ts'
import { isInFence, continueList, type TextEdit, type EditorState } from './markdown-editing.ts'
import { blocksOf, messageText } from './message-text.ts'
import { basicSource, type AutocompleteSource } from './autocomplete-sources.ts'
import { cleanPaste, fitToContent } from './text-utils.ts'
import { textStyles } from './text-styles.ts'
import { isComposing, isEnter } from '../ui/keys.ts'

/**
 * The field where a message is written. It emits every change of the text (`hb-draft`), and text that is too long or
 * was refused stays in the field. A preview above shows how Markdown renders code, quotes and lists.
 *
 * Events: `hb-send`, `hb-draft` and `hb-attach-text` (`detail.text`), `hb-typing`, `hb-edit-last` (arrow up in the empty field).
 * Slots: `above` (the reply or edit), `tray` (attachments), `attach` (the button for them).
 */
export class HbComposer extends SignalWatcher(LitElement) {
  static override properties = {
    chatId: { attribute: false },
    draft: { attribute: false },
    original: { attribute: false },
    placeholder: { attribute: false },
    label: { attribute: false },
    hint: { attribute: false },
    autocompleteSource: { attribute: false },
    hasAttachments: { attribute: false },
    problem: { state: true },
    text: { state: true },
  }
  static override styles = [baseStyles, textStyles, composerStyles]

  declare chatId: string
  /** The draft: what the user types, unless it was changed elsewhere. */
  declare draft: string
  /** The text of the message that is edited; undefined for a new message. */
  declare original: string | undefined
  declare placeholder: string
  /** The accessible name, if the placeholder has no room for it. */
  declare label: string | undefined
  /** The hint line above: typing members, or that the hub is offline. */
  declare hint: string
  /** Suggestions for names, groups, emoji and commands. */
  declare autocompleteSource: AutocompleteSource
  /** True if the attachments can be sent without text. */
  declare hasAttachments: boolean
  declare problem: string | undefined
  declare text: string

  readonly #autocomplete = new AutocompletePopup(this, {
    state: () => this.#editorState,
    apply: (change) => this.#apply(change),
    endComposition: () => this.#endComposition(),
  })
  /** An input method is composing text in the field. */
  #isComposing = false
  #isEndingComposition = false
  /** The text of the field when a changed draft arrived during a composition. */
  #beforeComposition: string | undefined
  /** A paste that is being converted. */
  #pasting: Promise<void> | undefined
  /** Ctrl+Shift+V pastes plain text. */
  #plainPaste = false
  /** A text that is too long to be sent keeps its direction: to find it, a browser reads all of it at each change. */
  #direction = 'auto'

  constructor() {
    super()
    this.chatId = ''
    this.draft = ''
    this.original = undefined
    this.placeholder = ''
    this.label = undefined
    this.hint = ''
    this.autocompleteSource = basicSource
    this.hasAttachments = false
    this.problem = undefined
    this.text = ''
  }

  override focus(): void {
    this.#field?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.text.length <= limits.text) this.#direction = 'auto'
    if (changed.has('chatId')) {
      this.#autocomplete.close()
      this.text = this.draft
      this.problem = undefined
      this.#beforeComposition = undefined
    } else if (changed.has('draft') && this.draft !== this.text) this.#adoptDraft()
  }

  /** The draft was changed in another tab or on another device, or read late from the cache. */
  #adoptDraft(): void {
    // A new value would end the composition. It is merged when that is over.
    if (this.#isComposing) {
      this.#beforeComposition ??= this.text
      return
    }
    const field = this.#field
    const [before, after] = [this.text, this.draft]
    this.#autocomplete.close()
    this.text = after
    this.problem = undefined
    if (!field?.matches(':focus')) return
    const { selectionStart, selectionEnd } = field
    const moved = [selectionStart, selectionEnd].map((at) => moveCaret(before, after, at)) as [number, number]
    void this.updateComplete.then(() => this.text === after && field.setSelectionRange(...moved))
  }

  protected override render(): unknown {
    const bytes = countedBytes(this.text)
    const over = bytes > limits.text
    return html`
      <p class="hint"><bdi>${this.hint}</bdi></p>
      ${this.#autocomplete.render()}
      <div class="box ${over || this.problem ? 'wrong' : ''}" @click=${this.#onBoxClick}>
        <slot name="above"></slot>
        ${this.#renderPreview()}
        <slot name="tray"></slot>
        ${this.#renderLine(over)}
      </div>
      ${composerFoot(bytes, this.problem, this.original === undefined ? this.#attachText : undefined)}
    `
  }

  #renderLine(isOver: boolean): unknown {
    return html`<div class="line">
      <slot name="attach"></slot>
      <textarea
        rows="1"
        dir=${this.#direction}
        enterkeyhint="send"
        autocomplete="off"
        spellcheck="true"
        aria-label=${this.label ?? this.placeholder}
        aria-describedby="problem"
        aria-invalid=${isOver ? 'true' : 'false'}
        aria-autocomplete="list"
        aria-controls="offers"
        aria-activedescendant=${this.#autocomplete.activeId ?? nothing}
        placeholder=${this.placeholder}
        .value=${this.text}
        @input=${this.#onInput}
        @keydown=${this.#onKey}
        @keyup=${this.#onCaret}
        @pointerup=${this.#onCaret}
        @compositionstart=${() => (this.#isComposing = true)}
        @compositionend=${this.#onCompositionEnd}
        @blur=${() => this.#isEndingComposition || this.#autocomplete.close()}
        @paste=${this.#onPaste}
      ></textarea>
      ${composerHelp()}
      <button
        class="tool"
        aria-label=${t('composer.emoji')}
        data-tip=${t('composer.emoji')}
        aria-haspopup="dialog"
        @mousedown=${preventBlur}
        @click=${(event: Event) => void this.#pickEmoji(event.currentTarget as HTMLElement)}
      >
        <hb-icon name="smile" .size=${18}></hb-icon>
      </button>
      <button
        class="send"
        aria-label=${t('composer.send')}
        data-tip=${t('composer.send')}
        ?disabled=${isBlank(this.text) && !this.hasAttachments}
        @mousedown=${preventBlur}
        @click=${this.#submit}
      >
        <hb-icon name="send"></hb-icon>
      </button>
    </div>`
  }

  /** Only for text that renders differently than typed, and not for every character: the user looks at the field. */
  #renderPreview(): unknown {
    if (this.text.length > limits.text || !/^ {0,3}(?:[`~>#*-]|\d)/m.test(this.text)) return nothing
    const text = this.original === undefined ? expandCommand(this.text) : this.text
    if (blocksOf(text).every(({ kind }) => kind === 'text')) return nothing
    return html`<div class="preview text" role="group" aria-label=${t('composer.preview')}>
      ${messageText(text)}
    </div>`
  }

  protected override updated(): void {
    if (this.#field) fitToContent(this.#field)
    const preview = this.renderRoot.querySelector('.preview')
    if (preview) preview.scrollTop = preview.scrollHeight
  }

  get #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea')
  }

  get #editorState(): EditorState {
    const field = this.#field
    return { text: field?.value ?? '', from: field?.selectionStart ?? 0, to: field?.selectionEnd ?? 0 }
  }

  #onInput = (event: Event): void => {
    const { value } = event.target as HTMLTextAreaElement
    // A changed draft waits for the end of the composition: this text alone must not replace it.
    if (this.#beforeComposition === undefined) this.#setText(value)
    else this.text = value
    if (!isBlank(this.text)) this.dispatchEvent(new CustomEvent('hb-typing'))
    this.#updateAutocomplete()
  }

  /** Chromium sends no `input` after this, Safari one before it. */
  #onCompositionEnd = (event: Event): void => {
    this.#isComposing = false
    const { value } = event.target as HTMLTextAreaElement
    const before = this.#beforeComposition
    this.#beforeComposition = undefined
    if (before !== undefined) this.#setText(mergeDrafts(before, this.draft, value))
    else if (value !== this.text) this.#setText(value)
    if (!this.#isEndingComposition) this.#updateAutocomplete()
  }

  /** Only a field without the focus has no composition. */
  #endComposition(): void {
    if (!this.#isComposing) return
    this.#isEndingComposition = true
    this.#field?.blur()
    this.#field?.focus()
    this.#isEndingComposition = false
  }

  #onCaret = (event: Event): void => {
    if (event instanceof KeyboardEvent && isComposing(event)) return
    const moves = !(event instanceof KeyboardEvent) || /^(?:Arrow(?:Left|Right)|Home|End)$/.test(event.key)
    if (moves) this.#updateAutocomplete()
  }

  #updateAutocomplete(): void {
    const { text, from, to } = this.#editorState
    void this.#autocomplete.update(text, from, to, this.autocompleteSource)
  }

  #setText(text: string): void {
    this.text = text
    this.problem = undefined
    this.dispatchEvent(new CustomEvent('hb-draft', { detail: { text } }))
  }

  #apply({ from, to, insert, select }: TextEdit): void {
    const field = this.#field
    if (!field) return
    field.focus()
    if (insert.length > limits.text) this.#direction = field.dir = getComputedStyle(field).direction
    replaceText(field, from, to, insert)
    // in a long text it takes as long as the insertion
    if (field.selectionStart !== select[0] || field.selectionEnd !== select[1])
      field.setSelectionRange(...select)
    this.#setText(field.value)
  }

  #onKey = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    if (this.#autocomplete.handleKey(event)) return
    this.#plainPaste = event.shiftKey && event.code === 'KeyV'
    if (isEnter(event)) return this.#onEnter(event)
    const change = editForKey(event, this.#editorState)
    if (change) {
      event.preventDefault()
      event.stopPropagation()
      this.#apply(change)
    } else if (
      event.key === 'ArrowUp' &&
      this.text === '' &&
      !event.shiftKey &&
      !event.altKey &&
      !event.metaKey
    ) {
      event.preventDefault()
      this.dispatchEvent(new CustomEvent('hb-edit-last', { bubbles: true, composed: true }))
    }
  }

  #onEnter(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey
    if (event.altKey) return
    const { text, from } = this.#editorState
    if (!command && (event.shiftKey || isInFence(text, from))) {
      const change = continueList(this.#editorState)
      if (!change) return
      event.preventDefault()
      this.#apply(change)
      return
    }
    event.preventDefault()
    this.#submit()
  }

  #onPaste = (event: ClipboardEvent): void => {
    if (!event.clipboardData) return
    const { text: plain, html: rich } = readPaste(event.clipboardData)
    if (plain === '' && rich === '') {
      // files are attached by the surrounding element
      const { files, types } = event.clipboardData
      const isUnusable = files.length === 0 && types.length > 0
      this.problem = isUnusable ? t('composer.nothingToPaste') : undefined
      return
    }
    event.preventDefault()
    const action = planPaste(this.#editorState, { plain, rich, onlyWords: this.#plainPaste })
    if (action.kind === 'edit') this.#insertPasted(action.edit)
    else this.#pasting = this.#pasteHtml(action)
  }

  #insertPasted(edit: TextEdit): void {
    if (this.text.length + edit.insert.length <= maxInsertedLength) return this.#apply(edit)
    const isAttached = this.original === undefined && this.#dispatchAttachText(edit.insert)
    if (!isAttached) this.problem = t('composer.tooLongToPaste')
  }

  async #pasteHtml(action: Extract<PasteAction, { kind: 'html' }>): Promise<void> {
    const { chatId } = this
    let { text } = action
    try {
      const { htmlToMarkdown } = await import('./rich-paste.ts')
      const markdown = cleanPaste(htmlToMarkdown(action.html))
      text = (action.onlyWords ? plainText(markdown) : markdown) || text
    } catch {
      // The chunk cannot be loaded, or the page is nested too deeply: paste plain text.
    }
    this.#pasting = undefined
    // The user has gone elsewhere meanwhile: what was meant for this conversation must not reach another.
    if (!this.isConnected || this.chatId !== chatId) return
    if (text === '') this.problem = t('composer.nothingToPaste')
    else this.#insertPasted(insertion(this.#editorState, text))
  }

  async #pickEmoji(button: HTMLElement): Promise<void> {
    const { from, to } = this.#editorState
    const emoji = await pickEmoji(button)
    this.focus()
    if (emoji === undefined) return
    this.#apply({ from, to, insert: emoji, select: [from + emoji.length, from + emoji.length] })
  }

  #onBoxClick = (event: Event): void => {
    if (event.target === event.currentTarget) this.focus()
  }

  #submit = (): void => {
    if (this.#pasting) {
      const { chatId } = this
      void this.#pasting.then(() => this.isConnected && this.chatId === chatId && this.#submit())
      return
    }
    const text = trimOutgoing(this.text, this.original)
    if (isBlank(text) && !this.hasAttachments) return
    const date = this.original === undefined ? dateOfCommand(text) : undefined
    if (date !== undefined) return this.#goToDate(date)
    const unknown = this.original === undefined ? unknownCommand(text) : undefined
    if (unknown === undefined) this.#sendWithEmoji(text)
    else void this.#askAboutCommand(unknown, text)
  }

  /** The text stays if there is no room for another file. */
  #attachText = (): void => {
    if (this.#dispatchAttachText(this.text)) this.#setText('')
    this.focus()
  }

  #dispatchAttachText(text: string): boolean {
    return this.dispatchEvent(new CustomEvent('hb-attach-text', { detail: { text }, cancelable: true }))
  }

  #goToDate(text: string): void {
    const event = new CustomEvent('hb-go-to-date', { detail: { text }, cancelable: true })
    if (this.dispatchEvent(event)) this.#setText('')
    else this.problem = t('composer.notADate', { text })
  }

  async #askAboutCommand(name: string, text: string): Promise<void> {
    const typed = this.text
    const isMeant = await confirm({
      heading: t('composer.unknownCommand', { name }),
      text: t('composer.unknownCommandText'),
      action: t('composer.sendAsMessage'),
      run: () => Promise.resolve(),
    })
    this.focus()
    if (isMeant && this.text === typed) this.#sendWithEmoji(text)
  }

  #sendWithEmoji(text: string): void {
    const typed = this.text
    const replaced = replaceEmojiNames(text, this.original)
    if (typeof replaced === 'string') return this.#sendNow(replaced)
    // What was typed since is the next message.
    void replaced.then((ready) => {
      if (this.text.startsWith(typed)) this.#sendNow(ready, this.text.slice(typed.length))
    })
  }

  #sendNow(text: string, next = ''): void {
    const wrong = checkText(text, this.hasAttachments)
    if (wrong) {
      this.problem = wrong.message
      return
    }
    this.#autocomplete.close()
    this.dispatchEvent(new CustomEvent('hb-send', { detail: { text } }))
    this.#setText(next)
    this.focus()
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
function preventBlur(event: Event): void {
  event.preventDefault()
}
