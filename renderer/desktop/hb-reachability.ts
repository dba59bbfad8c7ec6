import { css, html, LitElement, nothing } from 'lit'
import type { HostApi } from '../../shared/desktop.ts'
import type { ConnectivityFinding } from '../../shared/connectivity.ts'
import { renderProblem } from '../ui/form.ts'
import { linkBoxStyles } from '../ui/link-box.ts'
import { baseStyles } from '../styles/shared.ts'
import { t, type TextKey } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import '../ui/hb-icon.ts'
import { adviceKey } from './advice-key.ts'
import './desktop-text.ts'
import { shellErrorMessage } from './shell-error.ts'

const levelIcons = { ok: 'check', hint: 'info', problem: 'alert' } as const

/** Why others cannot connect, in plain words, and what to do about it. */
export class HbReachability extends LitElement {
  static override properties = {
    host: { attribute: false },
    findings: { state: true },
    busy: { state: true },
    problem: { state: true },
    copied: { state: true },
  }
  declare host: HostApi
  declare findings: ConnectivityFinding[] | undefined
  declare busy: boolean
  declare problem: string
  declare copied: string

  static override styles = [
    baseStyles,
    buttonStyles,
    linkBoxStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: var(--space-3);
        font: var(--type-body);
        color: var(--color-text);
      }
      .muted-text {
        font: var(--type-secondary);
        color: var(--color-text-muted);
        max-inline-size: var(--measure);
      }
      ul {
        display: flex;
        flex-direction: column;
        gap: var(--space-4);
        inline-size: 100%;
      }
      li {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 2px var(--space-3);
      }
      li > hb-icon {
        margin-block-start: 2px;
        color: var(--color-text-muted);
      }
      li[data-level='ok'] > hb-icon {
        color: var(--color-online);
      }
      li[data-level='problem'] > hb-icon {
        color: var(--color-danger);
      }
      li > div {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: var(--space-2);
        min-inline-size: 0;
      }
      .link-box {
        inline-size: 100%;
        white-space: pre-wrap;
      }
      .problem {
        display: flex;
        gap: var(--space-2);
        color: var(--color-danger);
        font: var(--type-secondary);
      }
    `,
  ]

  constructor() {
    super()
    this.findings = undefined
    this.busy = false
    this.problem = ''
    this.copied = ''
  }

  override render() {
    return html`
      <p class="muted-text">${t('hosting.checkText')}</p>
      ${renderProblem(this.problem)}
      <div role="status">
        ${
          this.findings
            ? html`<ul>
                ${this.findings.map((finding) => this.#renderFinding(finding))}
              </ul>`
            : nothing
        }
      </div>
      <button class="button" aria-disabled=${this.busy} @click=${() => void this.#check()}>
        ${this.busy ? t('hosting.checking') : t('hosting.checkAction')}
      </button>
    `
  }

  #renderFinding(finding: ConnectivityFinding) {
    const advice = adviceKey(finding)
    return html`<li data-level=${finding.level} data-code=${finding.code}>
      <hb-icon name=${levelIcons[finding.level]} .size=${18}></hb-icon>
      <div>
        <p>${translate(`connectivity.${finding.code}`, finding.values)}</p>
        ${advice ? html`<p class="muted-text">${translate(advice, finding.values)}</p>` : nothing}
        ${finding.commands.length > 0 ? this.#renderCommands(finding) : nothing}
      </div>
    </li>`
  }

  #renderCommands({ commands, platform, code }: ConnectivityFinding) {
    const text = commands.join('\n')
    const isCopied = this.copied === code
    return html`<div
        class="link-box"
        role="group"
        aria-label=${t(platform === 'win32' ? 'hosting.commandWin' : 'hosting.command')}
        dir="ltr"
        tabindex="0"
      >
        ${text}
      </div>
      <button class="button small" @click=${() => void this.#copy(code, text)}>
        <hb-icon name=${isCopied ? 'check' : 'copy'} .size=${16}></hb-icon
        >${isCopied ? t('common.copied') : t('common.copy')}
      </button>`
  }

  async #copy(code: string, text: string) {
    if (await copyText(text)) this.copied = code
  }

  async #check() {
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      this.findings = await this.host.checkReachable()
    } catch (error) {
      this.problem = shellErrorMessage(error)
    } finally {
      this.busy = false
    }
  }
}

/** The values of a text are known only with its finding. */
function translate(key: TextKey, values: Record<string, string>): string {
  return (t as (key: TextKey, values: Record<string, string>) => string)(key, values)
}

customElements.define('hb-reachability', HbReachability)

declare global {
  interface HTMLElementTagNameMap {
    'hb-reachability': HbReachability
  }
}
