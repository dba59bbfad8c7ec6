import { css, html, LitElement, nothing } from 'lit'
import type { HubId, HubInfo } from '../../shared/desktop.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { MenuGroup } from '../ui/hb-menu.ts'
import { hueStyles } from '../ui/hues.ts'
import { dealFaces, faceOf, initials } from '../ui/initials.ts'
import { commandKeys } from '../ui/key-names.ts'
import './desktop-text.ts'
import type { Desktop, DesktopHub } from './desktop.ts'
import { hubMenu } from '../navigation/hub-menu.ts'

/** The hubs at the edge of the window, if there are at least two. Emits `hb-open-hub`, `hb-add-hub` and `hb-remove-hub`. */
export class HbRail extends SignalWatcher(LitElement) {
  static override properties = { desktop: { attribute: false }, menuFor: { state: true } }
  declare desktop: Desktop
  declare menuFor: HubInfo | undefined

  static override styles = [
    baseStyles,
    hueStyles,
    css`
      :host {
        display: block;
        inline-size: 64px;
        border-inline-end: 1px solid var(--color-border);
        background: var(--color-paper);
      }
      nav {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: var(--space-2);
        block-size: 100%;
        padding-block: var(--space-3);
        overflow-y: auto;
        scrollbar-width: none;
      }
      button {
        position: relative;
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 44px;
        block-size: 44px;
        padding: 0;
        border: 0;
        border-radius: var(--radius-card);
        background: var(--color-surface-hover);
        color: var(--color-text);
        font: var(--type-name);
        cursor: pointer;
        transition: background-color var(--motion-hover);
      }
      button:hover {
        background: var(--color-surface-selected);
      }
      button[class^='hue-']:not([data-away]) {
        background: var(--hue-tint);
        color: var(--on-hue-tint);
      }
      button[class^='hue-']:hover {
        filter: brightness(0.96);
      }
      button[aria-current] {
        outline: 2px solid var(--color-accent);
        outline-offset: 1px;
      }
      button:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: 2px;
      }
      button[data-away] {
        background: var(--color-surface-hover);
        color: var(--color-text-muted);
      }
      .count,
      .sign {
        position: absolute;
        inset-block-start: -5px;
        inset-inline-end: -6px;
        padding-inline: 5px;
        border: 2px solid var(--color-paper);
        border-radius: var(--radius-pill);
        box-sizing: content-box;
        block-size: 16px;
        background: var(--color-text-muted);
        color: var(--color-paper);
        font: var(--type-label);
        font-size: 0.6875rem;
        line-height: 16px;
        text-align: center;
        min-inline-size: 6px;
      }
      .count[data-mentions] {
        background: var(--color-accent-fill);
        color: var(--color-on-accent);
      }
      .sign {
        inset-block: auto -5px;
        background: var(--color-attention-tint);
        color: var(--color-attention);
      }
      .sign[data-danger] {
        background: var(--color-danger-fill);
        color: var(--color-on-danger);
      }
      .add {
        background: none;
        color: var(--color-text-muted);
      }
      @media (width < 45em) {
        :host {
          inline-size: 56px;
        }
      }
    `,
  ]

  override render() {
    const hubs = this.desktop.hubs.value
    const faces = dealFaces(hubs.map(({ id }) => id).sort())
    return html`<nav aria-label=${t('rail.label')}>
        ${hubs.map((hub, index) => this.#renderHub(hub, index + 1, faceOf(hub.id, faces.get(hub.id))))}
        <button
          class="add"
          type="button"
          aria-label=${t('rail.add')}
          data-tip=${t('rail.add')}
          @click=${() => this.dispatchEvent(new CustomEvent('hb-add-hub', { bubbles: true, composed: true }))}
        >
          <hb-icon name="plus" .size=${20}></hb-icon>
        </button>
      </nav>
      <hb-menu
        .label=${t('rail.menu', { name: this.menuFor?.name ?? '' })}
        .groups=${this.menuFor ? this.#menuGroups(this.menuFor) : []}
      ></hb-menu>`
  }

  #menuGroups({ id, name }: HubInfo): MenuGroup[] {
    const ids = this.desktop.hubs.value.map((hub) => hub.id)
    const at = ids.indexOf(id)
    const move = (to: number) => () =>
      void this.desktop.shell.hubs.reorder(ids.toSpliced(at, 1).toSpliced(to, 0, id))
    const order: MenuGroup = [
      { label: t('rail.up'), icon: 'arrow-up', disabled: at <= 0, run: move(at - 1) },
      { label: t('rail.down'), icon: 'arrow-down', disabled: at === ids.length - 1, run: move(at + 1) },
    ]
    return [ids.length > 1 ? order : [], hubMenu(this, { name, hubId: id })]
  }

  /** The secondary button of the pointer, and its key. */
  async #openMenu(event: MouseEvent, { info }: DesktopHub) {
    event.preventDefault()
    const button = event.currentTarget as HTMLElement
    const box = button.getBoundingClientRect()
    this.menuFor = info.peek()
    await this.updateComplete
    this.renderRoot.querySelector('hb-menu')?.openAt(box.right, box.top, button)
  }

  #renderHub(hub: DesktopHub, n: number, face: string) {
    const { name, state } = hub.info.value
    const unread = hub.unread.value
    const isAway = state === 'offline' || state === 'connecting' || state === 'signed-out'
    const isDanger = state === 'changed' || state === 'refused'
    const words = { name, state: t(`rail.${state}`) }
    return html`<button
      type="button"
      aria-current=${this.desktop.front.value === hub ? 'page' : nothing}
      aria-label=${unread > 0 ? t('rail.hubUnread', { ...words, count: unread }) : t('rail.hub', words)}
      data-tip=${name}
      data-tip-key=${n <= 9 ? commandKeys(String(n)) : nothing}
      class=${face}
      data-hub=${hub.id}
      ?data-away=${isAway || isDanger}
      @click=${() => this.dispatchEvent(new CustomEvent<HubId>('hb-open-hub', { detail: hub.id }))}
      @contextmenu=${(event: MouseEvent) => void this.#openMenu(event, hub)}
    >
      <span class="letters" dir="auto" aria-hidden="true">${initials(name)}</span>
      ${
        unread > 0
          ? html`<span class="count" aria-hidden="true" ?data-mentions=${hub.mentions.value > 0}
              >${unread > 99 ? '99+' : unread}</span
            >`
          : nothing
      }
      ${isDanger ? html`<span class="sign" aria-hidden="true" data-danger>!</span>` : nothing}
    </button>`
  }
}

customElements.define('hb-rail', HbRail)

declare global {
  interface HTMLElementTagNameMap {
    'hb-rail': HbRail
  }
}
