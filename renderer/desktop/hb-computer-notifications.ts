import { html, nothing, type PropertyDeclarations } from 'lit'
import type { DesktopSettings } from '../../shared/desktop.ts'
import { doNotDisturbUntil } from '../../shared/do-not-disturb.ts'
import '../activity/hb-keywords.ts'
import { renderUnreadMark } from '../settings/unread-mark.ts'
import { t } from '../text/t.ts'
import { clockTime } from '../text/time.ts'
import '../ui/hb-choice.ts'
import { ComputerSettings } from './computer-settings.ts'

/** The notifications of the desktop app, in place of what the settings say in a browser. */
export class HbComputerNotifications extends ComputerSettings {
  static override properties: PropertyDeclarations = { tested: { state: true } }
  /** The result of the test notification. */
  declare tested: 'shown' | 'refused' | undefined

  constructor() {
    super()
    this.tested = undefined
  }

  protected override renderSettings(settings: DesktopSettings) {
    return html`
      <section @change=${this.#onLevelChange}>
        <hb-choice
          name="notifications"
          .label=${t('computer.notifyOf')}
          .value=${settings.notifications}
          .choices=${(['mentions', 'all', 'none'] as const).map((value) => ({
            value,
            label: t(`computer.notify.${value}`),
            hint: t(`computer.notifyHint.${value}`),
          }))}
        ></hb-choice>
        ${this.renderSwitch('showsText')} ${this.renderSwitch('sounds')} ${this.#renderDoNotDisturb()}
        ${this.#renderTest()}
      </section>
      ${this.hub ? html`<section><hb-keywords .hub=${this.hub}></hb-keywords></section>` : nothing}
      <section>${renderUnreadMark()}</section>
    `
  }

  #renderDoNotDisturb() {
    const until = this.settings?.quietUntil ?? 0
    const now = Date.now()
    if (until <= now) {
      return html`<div class="actions" role="group" aria-label=${t('computer.quiet')}>
        <span>${t('computer.quiet')}</span>
        ${(['hour', 'morning'] as const).map(
          (choice) =>
            html`<button
              class="button small"
              type="button"
              @click=${(event: Event) => this.changeSettings(event, { quietUntil: doNotDisturbUntil(choice, Date.now()) })}
            >
              ${t(`computer.quiet.${choice}`)}
            </button>`,
        )}
      </div>`
    }
    return html`<p class="actions">
      <span>${t('computer.quietUntil', { time: clockTime(until) })}</span>
      <button
        class="button small"
        type="button"
        @click=${(event: Event) => this.changeSettings(event, { quietUntil: 0 })}
      >
        ${t('computer.quietEnd')}
      </button>
    </p>`
  }

  #renderTest() {
    return html`<div class="actions">
      <button class="button" type="button" @click=${this.#onTest}>${t('computer.test')}</button>
      <span role="status" class="muted-text">
        ${this.tested ? t(this.tested === 'shown' ? 'computer.testShown' : 'computer.testRefused') : nothing}
      </span>
    </div>`
  }

  #onLevelChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name === 'notifications') this.changeSettings(event, { notifications: value as 'all' })
  }

  #onTest = () => {
    void this.run(async (shell) => {
      this.tested = (await shell.shell.testNotify()) ? 'shown' : 'refused'
    })
  }
}

customElements.define('hb-computer-notifications', HbComputerNotifications)
