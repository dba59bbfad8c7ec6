import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { DiscoveryApi, FoundHub, HubInfo, HubLook, HubsApi, Off } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { parseLink, type JoinLink } from '../../shared/text/invite-link.ts'
import { focusFirstProblem, problemLine, valuesOf } from '../accounts/entry-parts.ts'
import { entryStyles } from '../accounts/entry-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-mark.ts'
import './hb-words.ts'
import { codeOf, explainShell } from './shell-error.ts'

/** A hub that the person is now connected with, and what lets them in there. */
export interface Joined {
  hub: HubInfo
  invite: string | undefined
}

/** What was found at an address and is to be compared. */
interface Look {
  look: HubLook
  /** What it calls itself, where that is known. Anybody can call themselves anything. */
  name: string | undefined
  invite: string | undefined
}

/**
 * Into a hub of somebody else: found by name, by an invite link or by its address. Nothing is sent to it before its
 * identity is the one of the invite or was compared. Emits `hb-joined`, and `hb-back`.
 */
export class HbJoinHub extends LitElement {
  static override properties = {
    hubs: { attribute: false },
    discovery: { attribute: false },
    link: { attribute: false },
    found: { state: true },
    known: { state: true },
    look: { state: true },
    stranger: { state: true },
    busy: { state: true },
    problem: { state: true },
    fieldProblem: { state: true },
  }
  declare hubs: HubsApi
  declare discovery: DiscoveryApi
  /** One that was opened outside: it is confirmed here before anything happens. */
  declare link: JoinLink | undefined
  declare found: FoundHub[]
  declare known: HubInfo[]
  declare look: Look | undefined
  /** Why it ends here: somebody else answers. */
  declare stranger: string
  declare busy: boolean
  declare problem: string
  declare fieldProblem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    entryStyles,
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
      hb-words {
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

  #where = ''
  #offs: Off[] = []

  constructor() {
    super()
    this.link = undefined
    this.found = []
    this.known = []
    this.look = undefined
    this.stranger = ''
    this.busy = false
    this.problem = ''
    this.fieldProblem = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#offs = [
      this.discovery.watch((found) => (this.found = found)),
      this.hubs.onChange((hubs) => (this.known = hubs)),
    ]
    void this.hubs.list().then((hubs) => (this.known = hubs))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const off of this.#offs.splice(0)) off()
  }

  override render() {
    return html`<main>
      <hb-mark></hb-mark>
      ${
        this.stranger
          ? this.#strangerStep()
          : this.look
            ? this.#compareStep(this.look)
            : this.link
              ? this.#invitedStep(this.link)
              : this.#whereStep()
      }
    </main>`
  }

  #whereStep() {
    return html`
      <h1>${t('join.title')}</h1>
      <p class="lead">${t('join.lead')}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="where"
          type="code"
          .label=${t('join.where')}
          .hint=${t('join.whereHint')}
          .value=${this.#where}
          .error=${this.fieldProblem}
          maxlength="2048"
          autofocus
        ></hb-field>
        ${problemLine(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('join.busy') : t('join.next')}
          </button>
        </div>
      </form>
      <section class="near">
        <h2>${t('join.near')}</h2>
        <div role="status">
          ${this.found.length === 0 ? html`<p class="looking">${t('join.looking')} ${t('join.none')}</p>` : nothing}
        </div>
        <ul data-testid="found-hubs">
          ${repeat(
            this.found,
            ({ id, name, port }) => `${id} ${name} ${port}`,
            (hub) => html`<li>${this.#foundHub(hub)}</li>`,
          )}
        </ul>
      </section>
      ${this.#back()}
    `
  }

  #foundHub(hub: FoundHub) {
    const [address = ''] = hub.addresses
    const known = this.known.find(({ id }) => id === hub.id)
    const where = hostAndPort(address, hub.port)
    return html`<button
      type="button"
      class="hub"
      aria-label=${t('join.chosen', { hub: hub.name, address: where })}
      aria-disabled=${this.busy}
      @click=${() => void this.#choose(hub, known)}
    >
      <strong>${hub.name}</strong>
      <span>${known ? t('join.known') : where}</span>
      <hb-icon name="chevron-right"></hb-icon>
    </button>`
  }

  #invitedStep(link: JoinLink) {
    return html`
      <h1>${t('invited.title')}</h1>
      <p class="lead">${t('invited.lead', { address: link.addresses[0] ?? '' })}</p>
      ${link.hubId ? html`<hb-words .hubId=${link.hubId}></hb-words>` : nothing}
      <div class="actions decide">
        ${problemLine(this.problem)}
        <button
          class="button primary wide"
          autofocus
          aria-disabled=${this.busy}
          @click=${() => void this.#follow(link)}
        >
          ${this.busy ? t('join.busy') : t('invited.join')}
        </button>
      </div>
      ${this.#back()}
    `
  }

  #compareStep({ look, name }: Look) {
    return html`
      <h1 tabindex="-1">${t('compare.title')}</h1>
      <p class="lead">${name ? t('compare.lead', { hub: name }) : t('compare.leadPlain')}</p>
      <hb-words .hubId=${look.fingerprint ?? ''}></hb-words>
      <p class="at">${t('compare.at', { address: look.address })}</p>
      ${problemLine(this.problem)}
      <div class="actions decide">
        <button class="button primary wide" aria-disabled=${this.busy} @click=${() => void this.#same()}>
          ${this.busy ? t('join.busy') : t('compare.same')}
        </button>
        <button
          class="button wide"
          @click=${() => (this.stranger = t('stranger.text', { address: look.address }))}
        >
          ${t('compare.differ')}
        </button>
      </div>
    `
  }

  #strangerStep() {
    return html`
      <h1 tabindex="-1">${t('stranger.title')}</h1>
      <p class="problem lead" role="alert"><hb-icon name="alert"></hb-icon><span>${this.stranger}</span></p>
      <div class="actions decide">
        <button class="button wide" autofocus @click=${() => this.#again()}>${t('common.back')}</button>
      </div>
    `
  }

  #back() {
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
    const { where = '' } = valuesOf(event.target as HTMLFormElement)
    this.#where = where.trim()
    if (!this.busy) void this.#go()
  }

  async #go() {
    const where = this.#where
    const link = parseLink(where)
    this.fieldProblem = ''
    if (!where) this.fieldProblem = t('join.needWhere')
    else if (link?.kind === 'open' || (!link && /#|^hubbub:/i.test(where)))
      this.fieldProblem = t('join.badLink')
    if (!this.fieldProblem) await (link?.kind === 'join' ? this.#follow(link) : this.#lookAt([where], {}))
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  /** An invite says whose it is: only that hub is joined, and without comparing. */
  async #follow({ addresses, code, hubId, plain }: JoinLink) {
    const where = addresses.map((address) => (plain ? `http://${address}` : address))
    if (hubId === undefined) return this.#lookAt(where, { invite: code })
    await this.#try(async () => {
      let refused: unknown
      for (const address of where) {
        try {
          return this.#joined(await this.hubs.add(address, hubId), code)
        } catch (error) {
          // somebody else there says more than nobody elsewhere
          if (refused === undefined || codeOf(error) === 'changed') refused = error
        }
      }
      if (codeOf(refused) === 'changed') this.stranger = t('stranger.invite')
      else throw refused
    })
  }

  async #choose({ id, name, addresses, port }: FoundHub, known: HubInfo | undefined) {
    if (this.busy) return
    if (known) return this.#joined(known, undefined)
    await this.#lookAt(
      addresses.map((address) => hostAndPort(address, port)),
      { name, expected: id },
    )
  }

  async #lookAt(
    addresses: string[],
    { name, invite, expected }: { name?: string; invite?: string; expected?: string },
  ) {
    await this.#try(async () => {
      const look = await this.#firstLook(addresses)
      const known = this.known.find(({ id }) => id === look.known)
      if (known) return this.#joined(known, invite)
      // what the network was told is a hint; somebody who was told of one hub and meets another should know
      if (expected !== undefined && look.trust === 'pinned' && look.fingerprint !== expected) {
        this.stranger = t('stranger.text', { address: look.address })
        return
      }
      if (look.trust !== 'pinned') return this.#joined(await this.hubs.add(look.address, look.trust), invite)
      this.look = { look, name, invite }
      await this.updateComplete
      this.renderRoot.querySelector('h1')?.focus()
    })
  }

  async #firstLook(addresses: string[]): Promise<HubLook> {
    let refused: unknown
    for (const address of addresses) {
      try {
        return await this.hubs.look(address)
      } catch (error) {
        refused ??= error
      }
    }
    throw refused
  }

  async #same() {
    const { look, invite } = this.look ?? {}
    if (!look?.fingerprint || this.busy) return
    await this.#try(async () => {
      try {
        this.#joined(await this.hubs.add(look.address, look.fingerprint ?? ''), invite)
      } catch (error) {
        if (codeOf(error) !== 'changed') throw error
        this.stranger = t('stranger.text', { address: look.address })
      }
    })
  }

  async #try(run: () => Promise<void>) {
    this.busy = true
    this.problem = ''
    try {
      await run()
    } catch (error) {
      this.problem = explainShell(error)
    } finally {
      this.busy = false
    }
  }

  #joined(hub: HubInfo, invite: string | undefined) {
    this.dispatchEvent(new CustomEvent<Joined>('hb-joined', { detail: { hub, invite } }))
  }

  #again() {
    this.stranger = ''
    this.look = undefined
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
