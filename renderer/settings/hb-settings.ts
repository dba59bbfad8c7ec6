import { css, type CSSResultGroup, html, LitElement, nothing, type PropertyValues } from 'lit'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import { pathOf, type Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import type { SectionDefinition, SectionElement } from './section-list.ts'
import { availableSections } from './sections.ts'
import { isComposing } from '../ui/keys.ts'

/** The content of such a page: the settings, or the administration (renderer/admin). */
export interface SectionsPage {
  page: 'settings' | 'admin'
  title: TextKeyWithoutArguments
  close: TextKeyWithoutArguments
  sections: readonly SectionDefinition[]
}
type TextKeyWithoutArguments = 'settings.title' | 'settings.close' | 'admin.title' | 'admin.close'

/**
 * The settings in place of the panes: the sections on the left, the chosen one on the right. On a narrow window the
 * list comes first, and each section has a back button. A section of `sections.ts` becomes one element with `.hub`.
 */
export class HbSettings extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    section: { attribute: false },
    narrow: { state: true },
  }
  declare hub: Hub
  declare router: Router
  /** Its id, or '' for the list (the first section if there is room for both). */
  declare section: string
  declare narrow: boolean

  readonly #narrowQuery = matchMedia('(width < 45em)')
  #sectionElement: SectionElement | undefined

  protected get sectionsPage(): SectionsPage {
    return {
      page: 'settings',
      title: 'settings.title',
      close: 'settings.close',
      sections: availableSections(),
    }
  }

  static override styles: CSSResultGroup = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: flex;
        justify-content: center;
        block-size: 100%;
        min-block-size: 0;
        background: var(--color-paper);
        font: var(--type-body);
        color: var(--color-text);
      }
      .sheet {
        display: grid;
        grid-template-columns: 14.5rem minmax(0, 1fr);
        grid-template-rows: minmax(0, 1fr);
        inline-size: min(960px, 100%);
        border-inline: 1px solid var(--color-border);
        background: var(--color-surface);
      }
      nav {
        padding: 0 var(--space-3) var(--space-4);
        border-inline-end: 1px solid var(--color-border);
      }
      .bar {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--bar-height);
      }
      nav .bar {
        padding-inline: var(--space-2);
      }
      .bar h2,
      .bar h1 {
        flex: 1;
        min-inline-size: 0;
        font: var(--type-title);
        outline: 0;
      }
      li a {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: 36px;
        padding: 6px var(--space-2);
        border-radius: var(--radius-control);
        color: inherit;
        text-decoration: none;
        transition: background-color var(--motion-hover);
      }
      li + li {
        margin-block-start: 2px;
      }
      li a:hover {
        background: var(--color-surface-hover);
      }
      li a[aria-current] {
        background: var(--color-surface-selected);
        font-weight: 500;
      }
      li hb-icon {
        color: var(--color-text-muted);
      }
      .section {
        display: flex;
        flex-direction: column;
        min-inline-size: 0;
        min-block-size: 0;
      }
      .section .bar {
        padding-inline: var(--space-8) var(--space-3);
      }
      .content {
        flex: 1;
        min-block-size: 0;
        padding: var(--space-3) var(--space-8) var(--space-12);
      }
      .content > * {
        max-inline-size: 560px;
      }
      @media (width < 45em) {
        :host {
          touch-action: pan-y pinch-zoom;
        }
        .sheet {
          grid-template-columns: minmax(0, 1fr);
          border: 0;
        }
        nav {
          border: 0;
        }
        li a {
          min-block-size: 48px;
        }
        li .onwards {
          margin-inline-start: auto;
        }
        .section .bar {
          padding-inline: var(--space-2);
        }
        .content {
          padding-inline: var(--space-4);
        }
      }
    `,
  ]

  constructor() {
    super()
    this.section = ''
    this.narrow = this.#narrowQuery.matches
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#narrowQuery.addEventListener('change', this.#onWidthChange)
    document.addEventListener('keydown', this.#onKey)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#narrowQuery.removeEventListener('change', this.#onWidthChange)
    document.removeEventListener('keydown', this.#onKey)
  }

  protected override firstUpdated(): void {
    this.#focusHeading()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.get('section') !== undefined && this.narrow) this.#focusHeading()
  }

  override render() {
    const { sections: all, title } = this.sectionsPage
    const found = all.find(({ id }) => id === this.section)
    const chosen = found ?? (this.narrow ? undefined : all[0])
    document.title = t('app.title', {
      chat: chosen ? t(chosen.title) : t(title),
      hub: this.hub.meta.value?.name ?? t('app.name'),
    })
    return html`<div class="sheet">
      ${this.narrow && chosen ? html`<h1 class="visually-hidden">${t(title)}</h1>` : this.#renderList(chosen?.id)}
      ${
        chosen
          ? html`<div class="section">
              ${this.narrow ? html`<h1 class="visually-hidden">${t(title)}</h1>` : nothing}
              <div class="bar">
                ${
                  this.narrow
                    ? html`<button
                        type="button"
                        class="icon-button"
                        aria-label=${t('common.back')}
                        data-tip=${t('common.back')}
                        @click=${() => this.goBack()}
                      >
                        <hb-icon name="arrow-left" .size=${18}></hb-icon>
                      </button>`
                    : nothing
                }
                <h2 tabindex="-1">${t(chosen.title)}</h2>
                ${this.#renderCloseButton()}
              </div>
              <div class="content scroll" role="region" aria-label=${t(chosen.title)} tabindex="0">
                ${this.#sectionElementFor(chosen.element)}
              </div>
            </div>`
          : nothing
      }
    </div>`
  }

  #renderList(chosen: string | undefined) {
    const { page, title: areaTitle, sections } = this.sectionsPage
    return html`<nav class="scroll" aria-label=${t(areaTitle)}>
      <div class="bar">
        <h1 tabindex="-1">${t(areaTitle)}</h1>
        ${this.narrow ? this.#renderCloseButton() : nothing}
      </div>
      <ul>
        ${sections.map(({ id, title, icon }) => {
          const route = { page, section: id }
          return html`<li>
            <a
              href=${pathOf(route)}
              aria-current=${id === chosen ? 'page' : nothing}
              @click=${navigateOnClick(this.router, route, { replace: true })}
            >
              <hb-icon name=${icon} .size=${18}></hb-icon>
              <span>${t(title)}</span>
              ${this.narrow ? html`<hb-icon class="onwards" name="chevron-right"></hb-icon>` : nothing}
            </a>
          </li>`
        })}
      </ul>
    </nav>`
  }

  #renderCloseButton() {
    const { close } = this.sectionsPage
    return html`<button
      type="button"
      class="icon-button"
      aria-label=${t(close)}
      data-tip=${t(close)}
      @click=${this.#close}
    >
      <hb-icon name="close" .size=${18}></hb-icon>
    </button>`
  }

  /** The same element while the section stays, so that typed text stays too. */
  #sectionElementFor(name: string): SectionElement {
    if (this.#sectionElement?.localName !== name)
      this.#sectionElement = document.createElement(name) as SectionElement
    this.#sectionElement.hub = this.hub
    return this.#sectionElement
  }

  /** In a narrow window: from a section to the list of all, and from there to where the user came from. */
  goBack() {
    const { page, sections } = this.sectionsPage
    if (sections.some(({ id }) => id === this.section))
      this.router.navigate({ page, section: '' }, { replace: true })
    else this.#close()
  }

  #focusHeading() {
    this.renderRoot.querySelector<HTMLElement>(this.narrow ? '[tabindex="-1"]' : 'h2')?.focus()
  }

  #onWidthChange = () => {
    this.narrow = this.#narrowQuery.matches
  }

  #onKey = (event: KeyboardEvent) => {
    // A menu or a dialog over it handles its own Escape.
    if (event.key === 'Escape' && !event.defaultPrevented && !isComposing(event)) this.#close()
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-settings', HbSettings)

declare global {
  interface HTMLElementTagNameMap {
    'hb-settings': HbSettings
  }
}
