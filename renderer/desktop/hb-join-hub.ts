import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { DiscoveryApi, HubInfo, HubProbeResult, HubsApi } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { parseLink, type InviteLink } from '../../shared/text/invite-link.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { renderBack } from '../accounts/auth-parts.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import './desktop-text.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-logo.ts'
import './hb-fingerprint.ts'
import './hb-found-hubs.ts'
import type { ChosenHub } from './hb-found-hubs.ts'
import { findAnnounced } from './find-announced.ts'
import { shellErrorCode, shellErrorMessage } from './shell-error.ts'

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
    chosenHub: { attribute: false },
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
  /** A hub that was found and chosen on the page before. */
  declare chosenHub: ChosenHub | undefined
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
      hb-found-hubs {
        margin-block-start: var(--space-6);
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

  constructor() {
    super()
    this.link = undefined
    this.chosenHub = undefined
    this.pendingJoin = undefined
    this.mismatch = ''
    this.busy = false
    this.problem = ''
    this.fieldProblem = ''
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // a link that was opened outside is a new beginning, also if an earlier one has led to another hub
    if (!changed.has('link') || !this.link) return
    this.mismatch = ''
    this.pendingJoin = undefined
    this.problem = ''
  }

  protected override firstUpdated(): void {
    if (this.chosenHub) void this.#chooseHub(this.chosenHub)
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
      <hb-found-hubs
        showsSearch
        .hubs=${this.hubs}
        .discovery=${this.discovery}
        .busy=${this.busy}
        @hb-choose-hub=${({ detail }: CustomEvent<ChosenHub>) => void this.#chooseHub(detail)}
      ></hb-found-hubs>
      ${this.#renderBackButton()}
    `
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
        ${renderBack(() => this.#leaveCompareStep())}
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
    return renderBack(() => this.dispatchEvent(new CustomEvent('hb-back')))
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
    else if (parseStandbyLink(where)) this.fieldProblem = t('join.standbyLink')
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
      const hub = await this.#addAnywhere(where, hubId)
      if (hub) this.#dispatchJoined(hub, code)
      else this.mismatch = t('identityChanged.invite')
    })
  }

  /**
   * Adds the hub of an invite where it was, or where it is announced now. Returns undefined if only others respond.
   * @throws ShellError of the first address if the hub is nowhere
   */
  async #addAnywhere(addresses: readonly string[], hubId: string): Promise<HubInfo | undefined> {
    let failure: unknown
    const tryAll = async (list: readonly string[]): Promise<HubInfo | undefined> => {
      for (const address of list) {
        try {
          return await this.hubs.add(address, hubId)
        } catch (error) {
          // Another hub at one address says more than no hub at another.
          if (failure === undefined || shellErrorCode(error) === 'changed') failure = error
        }
      }
      return undefined
    }
    const hub = (await tryAll(addresses)) ?? (await tryAll(await findAnnounced(this.discovery, hubId)))
    if (!hub && shellErrorCode(failure) !== 'changed') throw failure
    return hub
  }

  async #chooseHub({ found: { id, name, addresses, port }, known }: ChosenHub) {
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
      const known = (await this.hubs.list()).find(({ id }) => id === identity.knownHubId)
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

  /** Back to where the hub was chosen. */
  #leaveCompareStep() {
    this.pendingJoin = undefined
    this.problem = ''
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
