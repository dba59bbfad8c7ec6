import { html, LitElement } from 'lit'
import { dialogStyles } from '../chats/dialog-styles.ts'
import { accents, changeAppearance, densities, readAppearance, themes } from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-dialog.ts'

/** Every choice shows at once; there is nothing to save. */
export class HbAppearance extends LitElement {
  static override styles = [baseStyles, buttonStyles, dialogStyles]

  override render() {
    const { theme, accent, density, contrast } = readAppearance()
    return html`<hb-dialog wide .heading=${t('appearance.title')} @hb-close=${this.#close}>
      <div class="stack" @change=${this.#change}>
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
        <p class="quiet-words">${t('appearance.note')}</p>
      </div>
      <button slot="actions" class="button" autofocus @click=${this.#close}>${t('common.done')}</button>
    </hb-dialog>`
  }

  #change = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    // Its values are those of the choices above.
    changeAppearance({ [name]: value })
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-appearance', HbAppearance)
