import { css, html, LitElement, nothing } from 'lit'
import type { Session } from '../../shared/contract/sessions.ts'
import { renderProblem } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { relativeTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-icon.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { LoadWhenLive } from '../ui/load-when-live.ts'
import { listStyles } from '../ui/list-styles.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import './hb-this-browser.ts'

/** The user's sessions, and how to end one or all others. */
export class HbSettingsSessions extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false }, problem: { state: true } }
  declare hub: Hub
  declare problem: string

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.things li' })
  protected readonly loading = new LoadWhenLive(this, () => this.hub.sessions.load())

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    listStyles,
    css`
      .here {
        color: var(--color-accent-text);
      }
    `,
  ]

  constructor() {
    super()
    this.problem = ''
  }

  override render() {
    const list = this.hub.sessions.list.value
    return html`
      <section>
        <p class="muted-text">${t('sessions.lead')}</p>
        ${renderProblem(this.problem)}
        ${
          list
            ? html`<ul class="things">
                ${keyedList(
                  list,
                  ({ id }) => id,
                  (session) => this.#renderSession(session),
                )}
              </ul>`
            : html`<p class="muted-text">${this.problem ? nothing : t('common.loading')}</p>`
        }
      </section>
      ${
        list && list.length > 1
          ? html`<div class="actions">
              <button class="button" @click=${this.#endOthers}>${t('sessions.endOthers')}</button>
            </div>`
          : nothing
      }
      <hb-this-browser .hub=${this.hub}></hb-this-browser>
    `
  }

  #renderSession(session: Session) {
    const { kind, device, address, createdAt, usedAt, current } = session
    const now = this.hub.now()
    return html`<li>
      <hb-icon name=${kind === 'cookie' ? 'globe' : 'system'}></hb-icon>
      <div class="words">
        <bdi>${device}</bdi>
        <span
          >${
            current
              ? html`<strong class="here">${t('sessions.here')}</strong>`
              : t('sessions.used', { ago: relativeTime(usedAt, now) })
          }
          · <bdi>${address}</bdi> · ${t('sessions.opened', { ago: relativeTime(createdAt, now) })}</span
        >
      </div>
      ${
        current
          ? nothing
          : html`<button
              class="button small"
              aria-label=${t('sessions.endOne', { device, address })}
              @click=${() => void this.#endSession(session)}
            >
              ${t('sessions.end')}
            </button>`
      }
    </li>`
  }

  #endSession({ id }: Session) {
    return this.#run(async () => {
      await this.hub.request('sessions.end', { sessionId: id })
      this.hub.sessions.remove(id)
    })
  }

  #endOthers = () => {
    void confirm({
      heading: t('sessions.endOthersTitle'),
      text: t('sessions.endOthersText'),
      action: t('sessions.endOthers'),
      danger: true,
      run: async () => {
        await this.hub.request('sessions.endOthers')
        await this.hub.sessions.load()
      },
    })
  }

  async #run(act: () => Promise<void>) {
    this.problem = ''
    try {
      await act()
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }
}

customElements.define('hb-settings-sessions', HbSettingsSessions)
