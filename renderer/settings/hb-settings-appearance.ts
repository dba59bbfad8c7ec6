import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import {
  type Appearance,
  accents,
  clocks,
  updateAppearance,
  densities,
  readAppearance,
  themes,
} from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-choice.ts'
import type { Choice } from '../ui/hb-choice.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import './hb-appearance-preview.ts'

/** From the smallest to the largest. */
const sizesInOrder = [
  'small',
  'medium',
  'large',
  'larger',
  'largest',
] as const satisfies readonly Appearance['textSize'][]

/** Every choice applies at once; there is nothing to save. */
export class HbSettingsAppearance extends LitElement {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, sectionStyles]

  override render() {
    const { theme, accent, density, textSize, contrast, clock } = readAppearance()
    return html`<hb-appearance-preview></hb-appearance-preview>
      <section @change=${this.#onChange}>
        ${choice(
          'theme',
          t('appearance.theme'),
          theme,
          themes.map((value) => ({ value, label: t(`appearance.theme.${value}`) })),
        )}
        ${choice(
          'accent',
          t('appearance.accent'),
          accent,
          accents.map((value) => ({
            value,
            label: t(`appearance.accent.${value}`),
            swatch: `--swatch-${value}`,
          })),
        )}
        ${choice(
          'textSize',
          t('appearance.textSize'),
          textSize,
          sizesInOrder.map((value) => ({ value, label: t(`appearance.textSize.${value}`) })),
        )}
        ${choice(
          'density',
          t('appearance.density'),
          density,
          densities.map((value) => ({ value, label: t(`appearance.density.${value}`) })),
        )}
        ${choice(
          'contrast',
          t('appearance.contrast'),
          contrast,
          (['system', 'more'] as const).map((value) => ({ value, label: t(`appearance.contrast.${value}`) })),
        )}
        ${choice(
          'clock',
          t('appearance.clock'),
          clock,
          clocks.map((value) => ({ value, label: t(`appearance.clock.${value}`) })),
        )}
        <p class="muted-text">${t('appearance.note')}</p>
      </section>`
  }

  #onChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    // Its values are those of the choices above.
    updateAppearance({ [name]: value })
  }
}

function choice(name: string, label: string, value: string, choices: readonly Choice[]) {
  return html`<hb-choice inline name=${name} .label=${label} .value=${value} .choices=${choices}></hb-choice>`
}

customElements.define('hb-settings-appearance', HbSettingsAppearance)
