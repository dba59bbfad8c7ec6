import { css, html, LitElement, nothing } from 'lit'
import type { HostApi, HostStatus } from '../../shared/desktop.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import { shellErrorMessage } from './shell-error.ts'

/** Lets this computer follow the hub of a team, by the link that its owner has created. Emits `hb-followed`. */
export class HbFollowHub extends LitElement {
  static override properties = {
    host: { attribute: false },
    status: { attribute: false },
    link: { state: true },
    problem: { state: true },
  }
  declare host: HostApi
  declare status: HostStatus
  declare link: string
  declare problem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host,
      form {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: var(--space-3);
      }
      hb-field {
        inline-size: 100%;
      }
      .words {
        font-weight: 500;
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.link = ''
    this.problem = ''
  }

  override render() {
    const { isStandby, words } = this.status
    if (isStandby) {
      return html`<p role="status">${t('follow.follows')}</p>
        ${
          words
            ? html`<p>${t('follow.words')}</p>
                <p class="words" translate="no">${words.join(' ')}</p>`
            : nothing
        }`
    }
    return html`<p class="muted-text">${t('follow.lead')}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="link"
          type="code"
          .label=${t('follow.link')}
          .hint=${t('follow.linkHint')}
          .value=${this.link}
          .error=${this.problem}
          .maxlength=${1000}
        ></hb-field>
        <button class="button" type="submit">${t('follow.action')}</button>
      </form>`
  }

  #submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const typed = new FormData(event.target as HTMLFormElement).get('link')
    this.link = typeof typed === 'string' ? typed.trim() : ''
    this.problem = /^hubbub:\/\/standby/i.test(this.link) ? '' : t('follow.wrongLink')
    if (this.problem !== '') return
    await confirm({
      heading: t('follow.heading'),
      text: t(this.status.hubId === undefined ? 'follow.text' : 'follow.textInstead'),
      action: t('follow.action'),
      run: async () => {
        try {
          await this.host.follow(this.link)
          this.dispatchEvent(new CustomEvent('hb-followed'))
        } catch (error) {
          throw new Error(shellErrorMessage(error), { cause: error })
        }
      },
    })
  }
}

customElements.define('hb-follow-hub', HbFollowHub)

declare global {
  interface HTMLElementTagNameMap {
    'hb-follow-hub': HbFollowHub
  }
}
