import { html, LitElement, nothing } from 'lit'
import type { ContinuityStatus, SetAside } from '../../shared/contract/standbys.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { confirm } from '../ui/hb-confirm.ts'
import { notify } from '../ui/hb-toasts.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { adminStyles } from './admin-styles.ts'
import { setAsideText } from './standby-texts.ts'

/**
 * What a computer wrote as the hub while another one became it, and that the team does not see: the owner brings its messages
 * back, or deletes it. Sends `hb-status` with what a request returns.
 */
export class HbSetAsides extends LitElement {
  static override properties = {
    hub: { attribute: false },
    entries: { attribute: false },
    owner: { type: Boolean },
  }
  declare hub: Hub
  declare entries: readonly SetAside[]
  declare owner: boolean

  static override styles = [baseStyles, buttonStyles, sectionStyles, adminStyles]

  constructor() {
    super()
    this.entries = []
    this.owner = false
  }

  override render() {
    if (this.entries.length === 0) return nothing
    return html`<section>
      <header>
        <h3>${t('standbys.aside')}</h3>
        <p class="muted-text">${t('standbys.asideLead')}</p>
      </header>
      <ul class="rows">
        ${keyedList(
          this.entries,
          ({ node, folder }) => `${node}/${folder}`,
          (entry) => this.#renderEntry(entry),
        )}
      </ul>
    </section>`
  }

  #renderEntry(entry: SetAside) {
    const { name, messages } = entry
    return html`<li>
      <div class="main">
        <span class="name">
          <span class="tag" ?data-attention=${messages > 0}>${t('standbys.asideTag')}</span>
          ${name}
        </span>
        ${setAsideText(entry).map((line) => html`<span class="below" role="status">${line}</span>`)}
      </div>
      ${this.owner ? this.#renderActions(entry) : nothing}
    </li>`
  }

  #renderActions(entry: SetAside) {
    const { messages, isRunning } = entry
    return html`<div class="actions">
      <button class="button small" ?disabled=${isRunning} @click=${() => void this.#delete(entry)}>
        ${t('standbys.asideDelete')}
      </button>
      ${
        messages > 0
          ? html`<button
              class="button small primary"
              ?disabled=${isRunning}
              @click=${() => void this.#bringBack(entry)}
            >
              ${t('standbys.bringBack')}
            </button>`
          : nothing
      }
    </div>`
  }

  async #bringBack({ node, folder }: SetAside): Promise<void> {
    try {
      this.#show(
        await withReauthentication(this.hub, () => this.hub.request('continuity.reclaim', { node, folder })),
      )
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  async #delete({ node, folder, name, messages }: SetAside): Promise<void> {
    await confirm({
      heading: t('standbys.asideDeleteHeading', { name }),
      text:
        messages > 0
          ? t('standbys.asideDeleteLoses', { count: messages })
          : t('standbys.asideDeleteText', { name }),
      action: t('standbys.asideDeleteAction'),
      danger: true,
      run: async () => {
        this.#show(
          await withReauthentication(this.hub, () =>
            this.hub.request('continuity.discard', { node, folder }),
          ),
        )
      },
    })
  }

  #show(status: ContinuityStatus): void {
    this.dispatchEvent(new CustomEvent('hb-status', { detail: status }))
  }
}

customElements.define('hb-set-asides', HbSetAsides)
