import { html, LitElement, nothing, type PropertyDeclarations } from 'lit'
import type { AppInfo, DesktopSettings, HubbubDesktop } from '../../shared/desktop.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-check.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { shellErrorCode, shellErrorMessage } from './shell-error.ts'

type SettingSwitch = {
  [K in keyof DesktopSettings]: DesktopSettings[K] extends boolean ? K : never
}[keyof DesktopSettings]

/** Settings that the shell keeps for this computer, for all hubs. Each change is saved at once. */
export abstract class ComputerSettings extends LitElement {
  static override properties: PropertyDeclarations = {
    hub: { attribute: false },
    shell: { attribute: false },
    settings: { state: true },
    info: { state: true },
    problem: { state: true },
  }
  /** Undefined on the page of this computer, which belongs to no hub. */
  declare hub: Hub | undefined
  declare shell: HubbubDesktop | undefined
  declare settings: DesktopSettings | undefined
  declare info: AppInfo | undefined
  declare problem: string | undefined

  static override styles = [baseStyles, buttonStyles, sectionStyles]

  constructor() {
    super()
    this.shell = window.hubbub
    this.settings = undefined
    this.info = undefined
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
      ${this.renderSettings(this.settings)}
    `
  }

  protected abstract renderSettings(settings: DesktopSettings): unknown

  protected renderSwitch(name: SettingSwitch) {
    return html`<hb-check
      name=${name}
      .label=${t(`computer.${name}`)}
      .hint=${t(`computer.${name}Hint`)}
      .checked=${this.settings?.[name] ?? false}
      @change=${(event: Event) => this.changeSettings(event, { [name]: (event.target as HTMLInputElement).checked })}
    ></hb-check>`
  }

  protected changeSettings(event: Event, changes: Partial<DesktopSettings>): void {
    event.stopPropagation()
    const before = this.settings
    // at once: otherwise a control that the user has changed would stay changed after a refusal
    if (before) this.settings = { ...before, ...changes }
    void this.run(async (shell) => {
      try {
        this.settings = await shell.settings.set(changes)
      } catch (error) {
        this.settings = await shell.settings.get().catch(() => before)
        throw error
      }
    })
  }

  async #load(): Promise<void> {
    await this.run(async (shell) => {
      this.settings = await shell.settings.get()
      this.info = await shell.app.info()
    })
  }

  protected async run(run: (shell: HubbubDesktop) => Promise<unknown>): Promise<void> {
    if (!this.shell) return
    this.problem = undefined
    try {
      await run(this.shell)
    } catch (error) {
      this.problem = shellErrorCode(error) === undefined ? t('computer.failed') : shellErrorMessage(error)
    }
  }
}
