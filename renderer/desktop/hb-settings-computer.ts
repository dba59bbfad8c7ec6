import { html, nothing } from 'lit'
import { t } from '../text/t.ts'
import { ComputerSettings } from './computer-settings.ts'

/** The app on this computer: tray, start-up, spelling, updates. */
export class HbSettingsComputer extends ComputerSettings {
  protected override renderSettings() {
    return html`
      <section>
        <h3>${t('computer.app')}</h3>
        ${this.renderSwitch('closeToTray')} ${this.renderSwitch('startWithComputer')}
        ${this.shell?.platform === 'linux' ? nothing : this.renderSwitch('spellCheck')}
        ${this.info?.secretProtection === 'protected' ? nothing : this.renderSwitch('keepUnprotected')}
      </section>
      <section>
        <h3>${t('computer.updates')}</h3>
        ${this.renderSwitch('checkUpdates')}
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
}

customElements.define('hb-settings-computer', HbSettingsComputer)
