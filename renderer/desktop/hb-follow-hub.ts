import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { HostApi, HostStatus } from '../../shared/desktop.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { renderProblem } from '../ui/form.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'
import './hb-copy-progress.ts'
import './hb-fingerprint.ts'
import { pairingStyles } from './pairing-styles.ts'
import { hubText, renderWords } from './pairing-texts.ts'
import { inWords } from './shell-error.ts'
import './moves-text.ts'

/**
 * Lets this computer follow the hub of a team, or vote for it, by the link that its owner has created. Emits `hb-followed`.
 */
export class HbFollowHub extends LitElement {
  static override properties = {
    host: { attribute: false },
    status: { attribute: false },
    opened: { attribute: false },
    link: { state: true },
    problem: { state: true },
  }
  declare host: HostApi
  declare status: HostStatus
  /** A link that was opened outside the app: the user is asked at once. */
  declare opened: string
  declare link: string
  declare problem: string

  static override styles = [baseStyles, buttonStyles, pairingStyles]

  constructor() {
    super()
    this.opened = ''
    this.link = ''
    this.problem = ''
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('opened') || this.opened === '') return
    this.link = this.opened
    void this.#ask(this.opened)
  }

  override render() {
    const { isStandby, canLeave } = this.status
    return html`${isStandby ? this.#renderFollowing() : nothing}
    ${
      canLeave
        ? html`<button class="button" @click=${() => void this.#leave()}>${t('follow.leave')}</button>`
        : nothing
    }
    ${isStandby ? nothing : this.#renderForm()}`
  }

  #renderFollowing() {
    const { words, following } = this.status
    return html`${following?.isConnected ? html`<p role="status">${t('follow.follows')}</p>` : nothing}
      <hb-copy-progress .following=${following}></hb-copy-progress>
      ${renderProblem(following?.problem ?? '')}
      ${words && !following?.isInStep ? renderWords(words) : nothing}
      ${
        following && !following.isConnected && following.canTakeOver
          ? html`<button class="button" @click=${() => void this.#takeOver()}>
              ${t('follow.takeOver')}
            </button>`
          : nothing
      }`
  }

  /** While the hub cannot be reached: otherwise it is handed over there. */
  async #takeOver(): Promise<void> {
    const isDone = await confirm({
      heading: t('follow.takeOverHeading'),
      text: t('follow.takeOverText'),
      action: t('follow.takeOver'),
      danger: true,
      run: () => inWords(() => this.host.takeOver()),
    })
    if (!isDone) return
    notify(this, { text: t('follow.tookOver') })
    this.dispatchEvent(new CustomEvent('hb-followed'))
  }

  #renderForm() {
    return html`<p class="muted-text">${t('follow.lead')}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="link"
          type="code"
          .label=${t('follow.link')}
          .hint=${t('follow.linkHint')}
          .value=${this.link}
          .error=${this.problem}
          .maxlength=${2000}
        ></hb-field>
        <button class="button" type="submit">${t('follow.next')}</button>
      </form>`
  }

  #submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const typed = new FormData(event.target as HTMLFormElement).get('link')
    this.link = typeof typed === 'string' ? typed.trim() : ''
    await this.#ask(this.link)
  }

  /** Says which hub it is and what joining it means. Nothing is sent before the user agrees. */
  async #ask(text: string): Promise<void> {
    const link = parseStandbyLink(text)
    this.problem = link ? '' : t('follow.wrongLink')
    if (!link) return
    const { hubId, hubName, addresses, kind } = link
    const hub = hubText(hubName)
    const isVote = kind === 'vote'
    const copyText = t(this.status.hubId === undefined ? 'follow.copyText' : 'follow.copyTextInstead')
    const agreed = await confirm({
      heading: t(isVote ? 'follow.voteHeading' : 'follow.copyHeading', { hub }),
      text: isVote ? t('follow.voteText') : copyText,
      content: html`<p>${t('follow.wordsOfHub', { address: addresses.join(', ') })}</p>
        <hb-fingerprint .hubId=${hubId}></hb-fingerprint>`,
      action: t(isVote ? 'follow.voteAction' : 'follow.copyAction'),
      run: () => inWords(() => this.host.follow(text)),
    })
    if (!agreed) return
    this.link = ''
    this.dispatchEvent(new CustomEvent('hb-followed'))
    await this.updateComplete
    // its words are what the owner asks for now
    this.scrollIntoView({ block: 'center' })
  }

  async #leave(): Promise<void> {
    const { dataDir } = await this.host.settings()
    const left = await confirm({
      heading: t('follow.leaveHeading'),
      text: t('follow.leaveText', { dir: dataDir }),
      action: t('follow.leave'),
      danger: true,
      run: () => inWords(() => this.host.leave(false)),
    })
    if (left) this.dispatchEvent(new CustomEvent('hb-followed'))
  }
}

customElements.define('hb-follow-hub', HbFollowHub)

declare global {
  interface HTMLElementTagNameMap {
    'hb-follow-hub': HbFollowHub
  }
}
