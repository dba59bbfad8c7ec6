import { css, html, LitElement, nothing } from 'lit'
import type { DiscoveryApi, FoundHub, HubInfo, HubsApi, Unsubscribe } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { keyedList } from '../ui/keyed-list.ts'
import './desktop-text.ts'

/** A hub that the user chose from those on the network; `known` if it is in the list already. */
export interface ChosenHub {
  found: FoundHub
  known: HubInfo | undefined
}

/** The hubs that discovery finds on the network. Emits `hb-choose-hub`. */
export class HbFoundHubs extends LitElement {
  static override properties = {
    hubs: { attribute: false },
    discovery: { attribute: false },
    showsSearch: { type: Boolean },
    busy: { attribute: false },
    foundHubs: { state: true },
    knownHubs: { state: true },
  }
  declare hubs: HubsApi
  declare discovery: DiscoveryApi
  /** Says that it searches, and why it may find nothing. Otherwise it shows nothing until it has found a hub. */
  declare showsSearch: boolean
  declare busy: boolean
  declare foundHubs: FoundHub[]
  declare knownHubs: HubInfo[]

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
      }
      h2 {
        margin-block-end: var(--space-2);
        font: var(--type-label);
      }
      ul {
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
    `,
  ]

  #unsubscribers: Unsubscribe[] = []

  constructor() {
    super()
    this.showsSearch = false
    this.busy = false
    this.foundHubs = []
    this.knownHubs = []
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
    const isEmpty = this.foundHubs.length === 0
    return html`<section aria-labelledby="near">
      <h2 id="near" ?hidden=${isEmpty && !this.showsSearch}>${t('join.near')}</h2>
      <div role="status">
        ${isEmpty && this.showsSearch ? html`<p class="looking">${t('join.looking')} ${t('join.none')}</p>` : nothing}
      </div>
      <ul data-testid="found-hubs" ?hidden=${isEmpty}>
        ${keyedList(
          this.foundHubs,
          ({ id, name, port }) => `${id} ${name} ${port}`,
          (hub) => html`<li>${this.#renderHub(hub)}</li>`,
        )}
      </ul>
    </section>`
  }

  #renderHub(found: FoundHub) {
    const [address = ''] = found.addresses
    const known = this.knownHubs.find(({ id }) => id === found.id)
    const where = hostAndPort(address, found.port)
    return html`<button
      type="button"
      class="hub"
      aria-label=${known ? t('join.openKnown', { hub: found.name, state: t('join.known') }) : t('join.chosen', { hub: found.name, address: where })}
      aria-disabled=${this.busy}
      @click=${() => {
        const detail: ChosenHub = { found, known }
        this.dispatchEvent(new CustomEvent('hb-choose-hub', { detail, bubbles: true, composed: true }))
      }}
    >
      <strong>${found.name}</strong>
      <span>${known ? t('join.known') : where}</span>
      <hb-icon name="chevron-right"></hb-icon>
    </button>`
  }
}

customElements.define('hb-found-hubs', HbFoundHubs)

declare global {
  interface HTMLElementTagNameMap {
    'hb-found-hubs': HbFoundHubs
  }
}
