import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Hit } from '../../shared/contract/search.ts'
import { openMessage } from '../navigation/dialogs.ts'
import { isRequestError } from '../connection/request.ts'
import { closeSidePanel } from '../navigation/side-panel.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { resultRow, moveRowFocus } from './result-row.ts'
import { hitStyles } from './search-styles.ts'

const pageSize = 30

/** Messages of a chat with links in them, the newest first. A tab of the files panel. */
export class HbLinks extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    hits: { state: true },
    next: { state: true },
    failed: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  declare hits: readonly Hit[] | undefined
  declare next: string | undefined
  declare failed: boolean

  static override styles = [baseStyles, buttonStyles, hitStyles]

  /** The revision that the list was requested for, and below it the number of the request whose response counts. */
  #loadedRevision = 0
  #requestNo = 0

  constructor() {
    super()
    this.hits = undefined
    this.next = undefined
    this.failed = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isBack = this.failed && this.hub.connectionState.value === 'live'
    const isAnother = changed.has('chatId') || isBack
    const touched = this.hub.chatRevisions.revisionOf(this.chatId)
    if (!isAnother && touched === this.#loadedRevision) return
    this.#loadedRevision = touched
    if (isAnother) this.hits = undefined
    this.failed = false
    void this.#load(undefined)
  }

  protected override render(): unknown {
    const { hits } = this
    return html`
      <div @keydown=${this.#onKey}>
        ${
          this.failed
            ? html`<hb-empty-state small drawing="offline" .text=${t('links.offline')}></hb-empty-state>`
            : hits?.length === 0
              ? html`<hb-empty-state small drawing="chat" .text=${t('links.none')}></hb-empty-state>`
              : html`<div class="hits">
                  ${keyedList(
                    hits ?? [],
                    ({ message }) => message.id,
                    (hit) => resultRow(this.hub, hit.message, () => this.#openHit(hit)),
                  )}
                  ${
                    this.next === undefined
                      ? nothing
                      : html`<button class="button small older" @click=${() => void this.#load(this.next)}>
                          ${t('search.more')}
                        </button>`
                  }
                </div>`
        }
      </div>
    `
  }

  async #load(before: string | undefined): Promise<void> {
    const { chatId } = this
    const asked = ++this.#requestNo
    try {
      const input = {
        chatId,
        has: 'link',
        limit: pageSize,
        ...(before === undefined ? {} : { before }),
      } as const
      const { hits, next } = await this.hub.request('search.messages', input)
      if (asked !== this.#requestNo) return
      this.hits = before === undefined ? hits : [...(this.hits ?? []), ...hits]
      this.next = next
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (asked === this.#requestNo) this.failed = true
    }
  }

  #openHit({ chatId, message: { no }, threadNo }: Hit): void {
    if (matchMedia('(width < 68.75em)').matches) closeSidePanel(this)
    openMessage(this, { chatId, no, threadNo })
  }

  #onKey = (event: KeyboardEvent): void => {
    moveRowFocus([...this.renderRoot.querySelectorAll<HTMLElement>('.hit, .older')], event, () => undefined)
  }
}

customElements.define('hb-links', HbLinks)

declare global {
  interface HTMLElementTagNameMap {
    'hb-links': HbLinks
  }
}
