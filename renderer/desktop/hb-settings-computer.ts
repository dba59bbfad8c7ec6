import { html, LitElement, nothing } from 'lit'
import type { AppInfo, DesktopSettings, HubbubDesktop } from '../../shared/desktop.ts'
import { doNotDisturbUntil } from '../../shared/do-not-disturb.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { clockTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { shellErrorCode, shellErrorMessage } from './shell-error.ts'
import '../ui/hb-check.ts'
import '../ui/hb-choice.ts'

type SettingSwitch = {
  [K in keyof DesktopSettings]: DesktopSettings[K] extends boolean ? K : never
}[keyof DesktopSettings]

/** Settings of this computer for all hubs: notifications, tray, start-up, updates. Each change is saved at once. */
export class HbSettingsComputer extends LitElement {
  static override properties = {
    hub: { attribute: false },
    shell: { attribute: false },
    settings: { state: true },
    info: { state: true },
    tested: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  declare shell: HubbubDesktop | undefined
  declare settings: DesktopSettings | undefined
  declare info: AppInfo | undefined
  /** The result of the test notification. */
  declare tested: 'shown' | 'refused' | undefined
  declare problem: string | undefined

  static override styles = [baseStyles, buttonStyles, sectionStyles]

  constructor() {
    super()
    this.shell = window.hubbub
    this.settings = undefined
    this.info = undefined
    this.tested = undefined
    this.problem = undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override render() {
    if (!this.settings) return nothing
    return html`
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <section @change=${this.#onLevelChange}>
        <h3>${t('computer.notifications')}</h3>
        <hb-choice
          name="notifications"
          .label=${t('computer.notifyOf')}
          .value=${this.settings.notifications}
          .choices=${(['mentions', 'all', 'none'] as const).map((value) => ({
            value,
            label: t(`computer.notify.${value}`),
            hint: t(`computer.notifyHint.${value}`),
          }))}
        ></hb-choice>
        ${this.#renderSwitch('showsText')} ${this.#renderSwitch('sounds')} ${this.#renderDoNotDisturb()}
        ${this.#renderTest()}
      </section>
      <section>
        <h3>${t('computer.app')}</h3>
        ${this.#renderSwitch('closeToTray')} ${this.#renderSwitch('startWithComputer')}
        ${this.shell?.platform === 'linux' ? nothing : this.#renderSwitch('spellCheck')}
        ${this.info?.secretProtection === 'protected' ? nothing : this.#renderSwitch('keepUnprotected')}
      </section>
      <section>
        <h3>${t('computer.updates')}</h3>
        ${this.#renderSwitch('checkUpdates')}
        ${
          this.info
            ? html`<p class="muted-text">
                ${t('computer.version', { version: this.info.version, electron: this.info.electron })}
              </p>`
            : nothing
        }
      </section>
    `
  }

  #renderSwitch(name: SettingSwitch) {
    return html`<hb-check
      name=${name}
      .label=${t(`computer.${name}`)}
      .hint=${t(`computer.${name}Hint`)}
      .checked=${this.settings?.[name] ?? false}
      @change=${(event: Event) => this.#changeSettings(event, { [name]: (event.target as HTMLInputElement).checked })}
    ></hb-check>`
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
              @click=${(event: Event) => this.#changeSettings(event, { quietUntil: doNotDisturbUntil(choice, Date.now()) })}
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
        @click=${(event: Event) => this.#changeSettings(event, { quietUntil: 0 })}
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
    if (name === 'notifications') this.#changeSettings(event, { notifications: value as 'all' })
  }

  #changeSettings(event: Event, changes: Partial<DesktopSettings>): void {
    event.stopPropagation()
    void this.#run(async (shell) => (this.settings = await shell.settings.set(changes)))
  }

  #onTest = () => {
    void this.#run(async (shell) => {
      this.tested = (await shell.shell.testNotify()) ? 'shown' : 'refused'
    })
  }

  async #load(): Promise<void> {
    await this.#run(async (shell) => {
      this.settings = await shell.settings.get()
      this.info = await shell.app.info()
    })
  }

  async #run(run: (shell: HubbubDesktop) => Promise<unknown>): Promise<void> {
    if (!this.shell) return
    this.problem = undefined
    try {
      await run(this.shell)
    } catch (error) {
      this.problem = shellErrorCode(error) === undefined ? t('computer.failed') : shellErrorMessage(error)
    }
  }
}

customElements.define('hb-settings-computer', HbSettingsComputer)
