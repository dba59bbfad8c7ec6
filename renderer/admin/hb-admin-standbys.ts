import { css, html, nothing } from 'lit'
import type { ContinuityStatus, StandbyComputer, StandbyRequest } from '../../shared/contract/standbys.ts'
import type { Output } from '../../shared/contract.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { exactTime, relativeTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { renderProblem } from '../ui/form.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-secret.ts'
import { notify } from '../ui/hb-toasts.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'
import { goOnWithout } from './go-on.ts'
import './hb-set-asides.ts'
import {
  comparedText,
  conditionText,
  goneText,
  needsAttention,
  standbyOf,
  stateText,
  waitingText,
} from './standby-texts.ts'

/** The computers that follow this hub, and what would happen without this one. The owner adds and removes them. */
export class HbAdminStandbys extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    status: { state: true },
    made: { state: true },
    busy: { state: true },
  }
  declare status: ContinuityStatus | undefined
  /** The code that was created last, until it has been used or has expired. */
  declare made: (Output<'continuity.code'> & Pick<StandbyRequest, 'kind'>) | undefined
  declare busy: boolean

  protected override readonly refreshMs = 2_000

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      form,
      hb-secret {
        max-inline-size: 560px;
      }
      .gone {
        padding: var(--space-3) var(--space-4);
        border-radius: var(--radius-card);
        border: 1px solid var(--color-border);
        background: var(--color-surface-raised);
      }
      .waiting {
        padding: var(--space-3) var(--space-4);
        border-radius: var(--radius-card);
        background: var(--color-attention-tint);
      }
      .words {
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.status = undefined
    this.made = undefined
    this.busy = false
  }

  protected async fetchContent() {
    const status = await this.hub.request('continuity.status')
    return () => this.#show(status)
  }

  #show(status: ContinuityStatus): void {
    this.status = status
    // a computer that waits has used the code
    if (this.made && (status.requests.length > 0 || this.made.expiresAt < this.hub.now()))
      this.made = undefined
  }

  get #isOwner(): boolean {
    return this.hub.session.me.value?.role === 'owner'
  }

  override render() {
    const { status } = this
    return html`${renderProblem(this.problem)}
    ${
      status
        ? html`${this.#renderWaiting(status)} ${this.#renderSummary(status)} ${this.#renderRequests(status)}
          ${this.#renderSetAsides(status)} ${this.#renderComputers(status)}
          ${this.#isOwner ? html`${this.#renderVote(status)} ${this.#renderAdd(status)}` : nothing}`
        : nothing
    }`
  }

  /** Nobody can write until the owner decides, or a computer is back. */
  #renderWaiting(status: ContinuityStatus) {
    const standby = standbyOf(status)
    if (status.safety !== 'waiting' || !standby) return nothing
    const { name } = standby
    return html`<section class="waiting" role="status">
      <h3>${t('standbys.waits')}</h3>
      <p>${waitingText(status, standby)}</p>
      ${
        this.#isOwner
          ? html`<div class="actions">
              <button class="button" @click=${() => void this.#goOn(name)}>
                ${t('standbys.goOn', { name })}
              </button>
            </div>`
          : html`<p class="muted-text">${t('standbys.waitsForOwner')}</p>`
      }
    </section>`
  }

  async #goOn(name: string): Promise<void> {
    const status = await goOnWithout(this.hub, name)
    if (!status) return
    this.#show(status)
    notify(this, { text: t('standbys.wentOn', { name }) })
  }

  #renderSummary(status: ContinuityStatus) {
    return html`<section>
      <p class="muted-text">${t('standbys.lead')}</p>
      <p class="gone" role="status">
        <strong>${t('standbys.gone')}</strong><br />
        ${status.isHandingOver ? t('standbys.handingOver') : goneText(status)}
      </p>
    </section>`
  }

  #renderRequests({ requests }: ContinuityStatus) {
    if (requests.length === 0) return nothing
    return html`<section>
      <h3>${t('standbys.requests')}</h3>
      <ul class="rows">
        ${keyedList(
          requests,
          ({ node }) => node,
          (request) => this.#renderRequest(request),
        )}
      </ul>
    </section>`
  }

  #renderRequest(request: StandbyRequest) {
    const { node, name, kind, address, words, at } = request
    return html`<li>
      <div class="main">
        <span class="name"><span class="tag">${t(`standbys.kind.${kind}`)}</span> ${name}</span>
        <span class="below words">
          ${t('standbys.requestFrom', { address, ago: relativeTime(at, this.hub.now()), words: words.join(' ') })}
        </span>
      </div>
      ${
        this.#isOwner
          ? html`<div class="actions">
              <button
                class="button small"
                @click=${() => void this.#run(() => this.hub.request('continuity.decline', { node }))}
              >
                ${t('standbys.decline')}
              </button>
              <button class="button small primary" @click=${() => void this.#approve(request)}>
                ${t('standbys.approve')}
              </button>
            </div>`
          : nothing
      }
    </li>`
  }

  #renderSetAsides({ setAside }: ContinuityStatus) {
    if (setAside.length === 0) return nothing
    return html`<hb-set-asides
      .hub=${this.hub}
      .entries=${setAside}
      .owner=${this.#isOwner}
      @hb-status=${(event: CustomEvent<ContinuityStatus>) => this.#show(event.detail)}
    ></hb-set-asides>`
  }

  #renderComputers(status: ContinuityStatus) {
    const { computers } = status
    return html`<section>
      <h3>${t('standbys.computers')}</h3>
      ${computers.length === 0 ? html`<p>${t('standbys.none')}</p>` : nothing}
      ${this.#isOwner ? nothing : html`<p class="muted-text">${t('standbys.nobodyIsOwner')}</p>`}
      <ul class="rows">
        ${keyedList(
          computers,
          ({ node }) => node,
          (computer) => this.#renderComputer(computer, status),
        )}
      </ul>
    </section>`
  }

  #renderComputer(computer: StandbyComputer, status: ContinuityStatus) {
    const { name, kind, state, words } = computer
    return html`<li>
      <div class="main">
        <span class="name">
          <span
            class="tag"
            ?data-strong=${state === 'inStep'}
            ?data-attention=${needsAttention(computer, status)}
            >${t(`standbys.kind.${kind}`)}</span
          >
          ${name}
        </span>
        <span class="below">${stateText(computer, status)}</span>
        ${[computer.problem, comparedText(computer)].map((line) =>
          line === undefined ? nothing : html`<span class="below">${line}</span>`,
        )}
        <span class="below">${conditionText(computer)}</span>
        <span class="below words">${t('standbys.words', { words: words.join(' ') })}</span>
      </div>
      ${this.#isOwner ? this.#renderActions(computer, status) : nothing}
    </li>`
  }

  #renderActions(computer: StandbyComputer, { isHandingOver }: ContinuityStatus) {
    return html`<div class="actions">
      <button class="button small" @click=${() => void this.#remove(computer)}>
        ${t('standbys.remove')}
      </button>
      ${
        computer.kind === 'standby' && computer.state === 'inStep'
          ? html`<button
              class="button small"
              ?disabled=${isHandingOver}
              @click=${() => void this.#handOver(computer)}
            >
              ${t('standbys.handOver')}
            </button>`
          : nothing
      }
    </div>`
  }

  #renderVote(status: ContinuityStatus) {
    if (!standbyOf(status)) return nothing
    const thirds = status.computers.filter(({ kind }) => kind === 'vote')
    return html`<section>
      <form novalidate @change=${this.#changeVote}>
        <hb-choice
          name="tie"
          .label=${t('standbys.vote')}
          .value=${status.tie}
          .choices=${[
            { value: 'hub', label: t('standbys.vote.hub'), hint: t('standbys.vote.hubHint') },
            { value: 'standby', label: t('standbys.vote.standby'), hint: t('standbys.vote.standbyHint') },
            ...thirds.map(({ node, name }) => ({
              value: node,
              label: t('standbys.vote.third', { name }),
              hint: t('standbys.vote.thirdHint', { name }),
            })),
          ]}
        ></hb-choice>
      </form>
      ${status.safety === 'together' ? nothing : html`<p class="muted-text">${t('standbys.voteNow')}</p>`}
      <form novalidate @change=${this.#changeSync}>
        <hb-choice
          name="sync"
          .label=${t('standbys.sync')}
          .value=${status.sync}
          .choices=${[
            { value: 'on', label: t('standbys.sync.on'), hint: t('standbys.sync.onHint') },
            { value: 'off', label: t('standbys.sync.off'), hint: t('standbys.sync.offHint') },
          ]}
        ></hb-choice>
      </form>
    </section>`
  }

  #renderAdd({ computers }: ContinuityStatus) {
    const kind = (['standby', 'vote'] as const).find((kind) => !computers.some((one) => one.kind === kind))
    if (!kind) return nothing
    const isVote = kind === 'vote'
    return html`<section>
      <header>
        <h3>${t(isVote ? 'standbys.addVote' : 'standbys.add')}</h3>
        <p class="muted-text">${t(isVote ? 'standbys.addVoteLead' : 'standbys.addLead')}</p>
      </header>
      <div class="actions">
        <button class="button" aria-disabled=${this.busy} @click=${() => void this.#makeCode(kind)}>
          ${t('standbys.makeLink')}
        </button>
      </div>
      ${this.#renderMade(kind)}
    </section>`
  }

  #renderMade(kind: StandbyRequest['kind']) {
    const { made } = this
    if (made?.kind !== kind) return nothing
    return html`<hb-secret
        .label=${t(kind === 'vote' ? 'standbys.voteLink' : 'standbys.link')}
        .note=${t('standbys.linkNote', { time: exactTime(made.expiresAt) })}
        .action=${t('standbys.copy')}
        .value=${made.link}
      ></hb-secret>
      <p class="muted-text words">${t('standbys.command')} <code dir="ltr">${commandOf(made)}</code></p>`
  }

  /** Shows the status that a request returns, or why it failed. */
  async #run(request: () => Promise<ContinuityStatus>): Promise<void> {
    try {
      this.#show(await request())
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  async #makeCode(kind: StandbyRequest['kind']): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      const made = await withReauthentication(this.hub, () => this.hub.request('continuity.code', { kind }))
      this.made = { ...made, kind }
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    } finally {
      this.busy = false
    }
  }

  async #approve({ node, name, kind, words }: StandbyRequest): Promise<void> {
    const args = { name, words: words.join(' ') }
    const done = await confirm({
      heading: t('standbys.approveHeading', { name }),
      text: kind === 'vote' ? t('standbys.approveVoteText', args) : t('standbys.approveText', args),
      action: t(kind === 'vote' ? 'standbys.approveVoteAction' : 'standbys.approveAction', { name }),
      run: async () => {
        this.#show(
          await withReauthentication(this.hub, () => this.hub.request('continuity.approve', { node })),
        )
      },
    })
    if (!done) return
    notify(this, { text: t(kind === 'vote' ? 'standbys.approvedVote' : 'standbys.approved', { name }) })
  }

  async #handOver({ name }: StandbyComputer): Promise<void> {
    const done = await confirm({
      heading: t('standbys.handOverHeading', { name }),
      text: t('standbys.handOverText'),
      action: t('standbys.handOverAction', { name }),
      run: async () => {
        try {
          await withReauthentication(this.hub, () => this.hub.request('continuity.handover'))
        } catch (error) {
          // the connection may end before the response: then the hub has said where it moved
          if (!this.hub.movedTo.peek()?.length) throw error
        }
      },
    })
    if (done) notify(this, { text: t('standbys.handedOver', { name }) })
  }

  async #remove({ node, name, kind }: StandbyComputer): Promise<void> {
    await confirm({
      heading: t('standbys.removeHeading', { name }),
      text: t(kind === 'vote' ? 'standbys.removeVoteText' : 'standbys.removeText'),
      action: t('standbys.removeAction', { name }),
      danger: true,
      run: async () => {
        this.#show(
          await withReauthentication(this.hub, () => this.hub.request('continuity.remove', { node })),
        )
      },
    })
  }

  #changeVote = async (event: Event) => {
    const { value: tie } = event.target as HTMLInputElement
    await this.#run(() => withReauthentication(this.hub, () => this.hub.request('continuity.vote', { tie })))
    await this.#showChoice('tie', this.status?.tie ?? 'hub')
  }

  #changeSync = async (event: Event) => {
    const sync = (event.target as HTMLInputElement).value === 'off' ? 'off' : 'on'
    await this.#run(() => withReauthentication(this.hub, () => this.hub.request('continuity.sync', { sync })))
    await this.#showChoice('sync', this.status?.sync ?? 'on')
  }

  /** A refusal leaves the other choice checked. */
  async #showChoice(name: string, value: string): Promise<void> {
    const choice = this.renderRoot.querySelector(`hb-choice[name="${name}"]`) as HTMLElement & {
      value: string
    }
    choice.value = ''
    await this.updateComplete
    choice.value = value
  }
}

function commandOf({ link, kind }: { link: string; kind: StandbyRequest['kind'] }): string {
  return kind === 'vote'
    ? `npm run hub -- vote --of "${link}" --data hubbub-third`
    : `npm run hub -- standby --of "${link}" --data hubbub-standby --lan`
}

customElements.define('hb-admin-standbys', HbAdminStandbys)
