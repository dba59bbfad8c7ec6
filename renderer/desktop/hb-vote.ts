import { html, LitElement, nothing } from 'lit'
import type { HostApi, HostedVote } from '../../shared/desktop.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { renderProblem } from '../ui/form.ts'
import { confirm } from '../ui/hb-confirm.ts'
import { pairingStyles } from './pairing-styles.ts'
import { hubText, renderWords } from './pairing-texts.ts'
import { inWords } from './shell-error.ts'
import './moves-text.ts'

/** This computer as the third computer of a hub: what it sees, what it has decided, and its end. */
export class HbVote extends LitElement {
  static override properties = { host: { attribute: false }, vote: { attribute: false } }
  declare host: HostApi
  declare vote: HostedVote

  static override styles = [baseStyles, buttonStyles, pairingStyles]

  override render() {
    const { hubName, words, problem, decision } = this.vote
    return html`<p>${t('vote.for', { hub: hubText(hubName) })}</p>
      <p role="status">${stateText(this.vote)} ${decision ? t(`vote.decision.${decision}`) : nothing}</p>
      ${renderProblem(problem ?? '')} ${words ? renderWords(words) : nothing}
      <button class="button" @click=${() => void this.#end()}>${t('vote.end')}</button>`
  }

  async #end(): Promise<void> {
    await confirm({
      heading: t('vote.endHeading', { hub: hubText(this.vote.hubName) }),
      text: t('vote.endText'),
      action: t('vote.end'),
      danger: true,
      run: () => inWords(() => this.host.endVote()),
    })
  }
}

function stateText({ state, computers }: HostedVote): string {
  if (state === 'crashed' || state === 'stopped') return t('vote.crashed')
  if (!computers) return t('vote.starting')
  const seen = computers.filter(({ isConnected }) => isConnected)
  const missing = computers.filter(({ isConnected }) => !isConnected)
  if (seen.length === 0) return t('vote.nobody')
  const names = (list: typeof computers): string => list.map(({ name }) => name).join(', ')
  return missing.length === 0
    ? t('vote.both')
    : t('vote.some', { seen: names(seen), missing: names(missing) })
}

customElements.define('hb-vote', HbVote)

declare global {
  interface HTMLElementTagNameMap {
    'hb-vote': HbVote
  }
}
