import { css, html, LitElement, nothing } from 'lit'
import type {
  DiscoveryApi,
  FoundHub,
  HubInfo,
  HubProbeResult,
  HubsApi,
  Unsubscribe,
} from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { parseLink, type InviteLink } from '../../shared/text/invite-link.ts'
import { focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-logo.ts'
import './hb-fingerprint.ts'
import { shellErrorCode, shellErrorMessage } from './shell-error.ts'
import { keyedList } from '../ui/keyed-list.ts'

/** A hub that was joined, and what lets the user in there. */
export interface Joined {
  hub: HubInfo
  invite: string | undefined
}

/** A hub that was found at an address, to be compared. */
interface PendingJoin {
  identity: HubProbeResult
  /** Its name, if it is known. Any hub can take any name. */
  name: string | undefined
  invite: string | undefined
}

/**
 * Joins the hub of another user: found by discovery, by an invite link or by its address. The page sends it nothing
 * before its identity matches the invite or was compared. Emits `hb-joined` and `hb-back`.
 */
export class HbJoinHub extends LitElement {
  static override properties = {
    hubs: { attribute: false },
    discovery: { attribute: false },
    link: { attribute: false },
    foundHubs: { state: true },
    knownHubs: { state: true },
    pendingJoin: { state: true },
    mismatch: { state: true },
    busy: { state: true },
    problem: { state: true },
    fieldProblem: { state: true },
  }
  declare hubs: HubsApi
  declare discovery: DiscoveryApi
  /** An invite link that was opened outside: the user confirms it here first. */
  declare link: InviteLink | undefined
  declare foundHubs: FoundHub[]
  declare knownHubs: HubInfo[]
  declare pendingJoin: PendingJoin | undefined
  /** The reason why joining ended: another hub responds. */
  declare mismatch: string
  declare busy: boolean
  declare problem: string
  declare fieldProblem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      h2 {
        margin-block-end: var(--space-2);
        font: var(--type-label);
      }
      .near {
        margin-block-start: var(--space-6);
      }
      .near ul {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
      }
      .hub {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: center;
        gap: 0 var(--space-3);
        inline-size: 100%;
        padding: 10px var(--space-3);
        border: 1px solid var(--color-border-control);
        border-radius: var(--radius-control);
        background: var(--color-surface-raised);
        text-align: start;
        cursor: pointer;
        transition: border-color var(--motion-hover);
      }
      .hub:hover {
        border-color: var(--color-accent);
      }
      .hub strong {
        font: var(--type-name);
        overflow-wrap: anywhere;
      }
      .hub span {
        grid-column: 1;
        font: var(--type-meta);
        color: var(--color-text-muted);
      }
      .hub hb-icon {
        grid-row: 1 / span 2;
        grid-column: 2;
        color: var(--color-text-muted);
      }
      .looking {
        padding: var(--space-3);
        border: 1px dashed var(--color-border-control);
        border-radius: var(--radius-control);
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      hb-fingerprint {
        margin-block-start: var(--space-5);
      }
      .at {
        margin-block-start: var(--space-3);
        font: var(--type-meta);
        color: var(--color-text-muted);
        overflow-wrap: anywhere;
      }
      .decide {
        margin-block-start: var(--space-6);
      }
    `,
  ]

  #address = ''
  #unsubscribers: Unsubscribe[] = []

  constructor() {
    super()
    this.link = undefined
    this.foundHubs = []
    this.knownHubs = []
    this.pendingJoin = undefined
    this.mismatch = ''
    this.busy = false
    this.problem = ''
    this.fieldProblem = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribers = [
      this.discovery.watch((found) => (this.foundHubs = found)),
      this.hubs.onChange((hubs) => (this.knownHubs = hubs)),
    ]
    void this.hubs.list().then((hubs) => (this.knownHubs = hubs))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const off of this.#unsubscribers.splice(0)) off()
  }

  override render() {
    return html`<main>
      <hb-logo></hb-logo>
      ${
        this.mismatch
          ? this.#renderMismatchStep()
          : this.pendingJoin
            ? this.#renderCompareStep(this.pendingJoin)
            : this.link
              ? this.#renderInviteStep(this.link)
              : this.#renderAddressStep()
      }
    </main>`
  }

  #renderAddressStep() {
    return html`
      <h1>${t('join.title')}</h1>
      <p class="lead">${t('join.lead')}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="where"
          type="code"
          .label=${t('join.where')}
          .hint=${t('join.whereHint')}
          .value=${this.#address}
          .error=${this.fieldProblem}
          maxlength="2048"
          autofocus
        ></hb-field>
        ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('join.busy') : t('join.next')}
          </button>
        </div>
      </form>
      <section class="near">
        <h2>${t('join.near')}</h2>
        <div role="status">
          ${this.foundHubs.length === 0 ? html`<p class="looking">${t('join.looking')} ${t('join.none')}</p>` : nothing}
        </div>
        <ul data-testid="found-hubs">
          ${keyedList(
            this.foundHubs,
            ({ id, name, port }) => `${id} ${name} ${port}`,
            (hub) => html`<li>${this.#renderFoundHub(hub)}</li>`,
          )}
        </ul>
      </section>
      ${this.#renderBackButton()}
    `
  }

  #renderFoundHub(hub: FoundHub) {
    const [address = ''] = hub.addresses
    const known = this.knownHubs.find(({ id }) => id === hub.id)
    const where = hostAndPort(address, hub.port)
    return html`<button
      type="button"
      class="hub"
      aria-label=${t('join.chosen', { hub: hub.name, address: where })}
      aria-disabled=${this.busy}
      @click=${() => void this.#chooseHub(hub, known)}
    >
      <strong>${hub.name}</strong>
      <span>${known ? t('join.known') : where}</span>
      <hb-icon name="chevron-right"></hb-icon>
    </button>`
  }

  #renderInviteStep(link: InviteLink) {
    return html`
      <h1>${t('invited.title')}</h1>
      <p class="lead">${t('invited.lead', { address: link.addresses[0] ?? '' })}</p>
      ${link.hubId ? html`<hb-fingerprint .hubId=${link.hubId}></hb-fingerprint>` : nothing}
      <div class="actions decide">
        ${renderProblem(this.problem)}
        <button
          class="button primary wide"
          autofocus
          aria-disabled=${this.busy}
          @click=${() => void this.#joinByInvite(link)}
        >
          ${this.busy ? t('join.busy') : t('invited.join')}
        </button>
      </div>
      ${this.#renderBackButton()}
    `
  }

  #renderCompareStep({ identity: look, name }: PendingJoin) {
    return html`
      <h1 tabindex="-1">${t('compareFingerprint.title')}</h1>
      <p class="lead">
        ${name ? t('compareFingerprint.lead', { hub: name }) : t('compareFingerprint.leadPlain')}
      </p>
      <hb-fingerprint .hubId=${look.fingerprint ?? ''}></hb-fingerprint>
      <p class="at">${t('compareFingerprint.at', { address: look.address })}</p>
      ${renderProblem(this.problem)}
      <div class="actions decide">
        <button
          class="button primary wide"
          aria-disabled=${this.busy}
          @click=${() => void this.#confirmFingerprint()}
        >
          ${this.busy ? t('join.busy') : t('compareFingerprint.same')}
        </button>
        <button
          class="button wide"
          @click=${() => (this.mismatch = t('identityChanged.text', { address: look.address }))}
        >
          ${t('compareFingerprint.differ')}
        </button>
      </div>
    `
  }

  #renderMismatchStep() {
    return html`
      <h1 tabindex="-1">${t('identityChanged.title')}</h1>
      <p class="problem lead" role="alert"><hb-icon name="alert"></hb-icon><span>${this.mismatch}</span></p>
      <div class="actions decide">
        <button class="button wide" autofocus @click=${() => this.#reset()}>${t('common.back')}</button>
      </div>
    `
  }

  #renderBackButton() {
    return html`<div class="actions">
      <button
        class="button quiet wide"
        type="button"
        @click=${() => this.dispatchEvent(new CustomEvent('hb-back'))}
      >
        ${t('common.back')}
      </button>
    </div>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    const { where = '' } = formValues(event.target as HTMLFormElement)
    this.#address = where.trim()
    if (!this.busy) void this.#continue()
  }

  async #continue() {
    const where = this.#address
    const link = parseLink(where)
    this.fieldProblem = ''
    if (!where) this.fieldProblem = t('join.needWhere')
    else if (link?.kind === 'open' || (!link && /#|^hubbub:/i.test(where)))
      this.fieldProblem = t('join.badLink')
    if (!this.fieldProblem)
      await (link?.kind === 'join' ? this.#joinByInvite(link) : this.#probeAddresses([where], {}))
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  /** An invite names its hub: only that one is joined, without comparing. */
  async #joinByInvite({ addresses, code, hubId, plain }: InviteLink) {
    const where = addresses.map((address) => (plain ? `http://${address}` : address))
    if (hubId === undefined) return this.#probeAddresses(where, { invite: code })
    await this.#run(async () => {
      let failure: unknown
      for (const address of where) {
        try {
          return this.#dispatchJoined(await this.hubs.add(address, hubId), code)
        } catch (error) {
          // Another hub at one address says more than no hub at another.
          if (failure === undefined || shellErrorCode(error) === 'changed') failure = error
        }
      }
      if (shellErrorCode(failure) === 'changed') this.mismatch = t('identityChanged.invite')
      else throw failure
    })
  }

  async #chooseHub({ id, name, addresses, port }: FoundHub, known: HubInfo | undefined) {
    if (this.busy) return
    if (known) return this.#dispatchJoined(known, undefined)
    await this.#probeAddresses(
      addresses.map((address) => hostAndPort(address, port)),
      { name, expected: id },
    )
  }

  async #probeAddresses(
    addresses: string[],
    { name, invite, expected }: { name?: string; invite?: string; expected?: string },
  ) {
    await this.#run(async () => {
      const identity = await this.#probeFirstReachable(addresses)
      const known = this.knownHubs.find(({ id }) => id === identity.knownHubId)
      if (known) return this.#dispatchJoined(known, invite)
      // The name from discovery is a hint; a user who expects one hub and meets another should know.
      if (expected !== undefined && identity.trust === 'pinned' && identity.fingerprint !== expected) {
        this.mismatch = t('identityChanged.text', { address: identity.address })
        return
      }
      if (identity.trust !== 'pinned')
        return this.#dispatchJoined(await this.hubs.add(identity.address, identity.trust), invite)
      this.pendingJoin = { identity, name, invite }
      await this.updateComplete
      this.renderRoot.querySelector('h1')?.focus()
    })
  }

  async #probeFirstReachable(addresses: string[]): Promise<HubProbeResult> {
    let failure: unknown
    for (const address of addresses) {
      try {
        return await this.hubs.look(address)
      } catch (error) {
        failure ??= error
      }
    }
    throw failure
  }

  async #confirmFingerprint() {
    const { identity: look, invite } = this.pendingJoin ?? {}
    if (!look?.fingerprint || this.busy) return
    await this.#run(async () => {
      try {
        this.#dispatchJoined(await this.hubs.add(look.address, look.fingerprint ?? ''), invite)
      } catch (error) {
        if (shellErrorCode(error) !== 'changed') throw error
        this.mismatch = t('identityChanged.text', { address: look.address })
      }
    })
  }

  async #run(run: () => Promise<void>) {
    this.busy = true
    this.problem = ''
    try {
      await run()
    } catch (error) {
      this.problem = shellErrorMessage(error)
    } finally {
      this.busy = false
    }
  }

  #dispatchJoined(hub: HubInfo, invite: string | undefined) {
    this.dispatchEvent(new CustomEvent<Joined>('hb-joined', { detail: { hub, invite } }))
  }

  #reset() {
    this.mismatch = ''
    this.pendingJoin = undefined
    this.link = undefined
    this.problem = ''
  }
}

customElements.define('hb-join-hub', HbJoinHub)

declare global {
  interface HTMLElementTagNameMap {
    'hb-join-hub': HbJoinHub
  }
}
