import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { accents, updateAppearance, densities, readAppearance, themes } from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-choice.ts'
import { sectionStyles } from '../ui/section-styles.ts'

/** Every choice applies at once; there is nothing to save. */
export class HbSettingsAppearance extends LitElement {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, sectionStyles]

  override render() {
    const { theme, accent, density, contrast } = readAppearance()
    return html`<section @change=${this.#onChange}>
      <hb-choice
        inline
        name="theme"
        .label=${t('appearance.theme')}
        .value=${theme}
        .choices=${themes.map((value) => ({ value, label: t(`appearance.theme.${value}`) }))}
      ></hb-choice>
      <hb-choice
        inline
        name="accent"
        .label=${t('appearance.accent')}
        .value=${accent}
        .choices=${accents.map((value) => ({ value, label: t(`appearance.accent.${value}`) }))}
      ></hb-choice>
      <hb-choice
        inline
        name="density"
        .label=${t('appearance.density')}
        .value=${density}
        .choices=${densities.map((value) => ({ value, label: t(`appearance.density.${value}`) }))}
      ></hb-choice>
      <hb-choice
        inline
        name="contrast"
        .label=${t('appearance.contrast')}
        .value=${contrast}
        .choices=${(['system', 'more'] as const).map((value) => ({
          value,
          label: t(`appearance.contrast.${value}`),
        }))}
      ></hb-choice>
      <p class="muted-text">${t('appearance.note')}</p>
    </section>`
  }

  #onChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    // Its values are those of the choices above.
    updateAppearance({ [name]: value })
  }
}

customElements.define('hb-settings-appearance', HbSettingsAppearance)
