import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import '../ui/hb-icon.ts'
import { linkBoxStyles } from '../ui/link-box.ts'
import './desktop-text.ts'

const restoreCommands = `export HUBBUB_DATABASE='postgres://hubbub:PASSWORD@localhost/hubbub'
npm run hub -- restore --from team.hubbub --data /srv/hubbub`
const startCommand = 'npm run hub -- --data /srv/hubbub --public-url https://chat.example.com'

/** How the hub of this computer moves to a server with PostgreSQL: see docs/scaling.md. */
export class HbServerHelp extends LitElement {
  static override properties = { copied: { state: true } }
  declare copied: string | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    linkBoxStyles,
    css`
      :host {
        display: block;
        font: var(--type-body);
        color: var(--color-text);
      }
      summary {
        font: var(--type-name);
        cursor: pointer;
      }
      .muted-text {
        font: var(--type-secondary);
        color: var(--color-text-muted);
        max-inline-size: var(--measure);
      }
      details > * {
        margin-block-start: var(--space-3);
      }
      details > summary {
        margin-block-start: 0;
      }
      ol {
        display: flex;
        flex-direction: column;
        gap: var(--space-4);
        padding-inline-start: 1.25rem;
        list-style: decimal;
      }
      .link-box {
        margin-block: var(--space-2);
        white-space: pre-wrap;
      }
    `,
  ]

  protected override render(): unknown {
    return html`<details>
      <summary>${t('serverHelp.title')}</summary>
      <p class="muted-text">${t('serverHelp.lead')}</p>
      <ol>
        <li>${t('serverHelp.backUp')}</li>
        <li>${t('serverHelp.restore')} ${this.#renderCommands(restoreCommands)}</li>
        <li>${t('serverHelp.start')} ${this.#renderCommands(startCommand)}</li>
        <li>${t('serverHelp.address')}</li>
      </ol>
      <p class="muted-text">${t('serverHelp.more')}</p>
    </details>`
  }

  #renderCommands(commands: string): unknown {
    const isCopied = this.copied === commands
    return html`<div
        class="link-box"
        role="group"
        aria-label=${t('hosting.command')}
        dir="ltr"
        tabindex="0"
        .textContent=${commands}
      ></div>
      <button class="button small" @click=${() => void this.#copy(commands)}>
        <hb-icon name=${isCopied ? 'check' : 'copy'} .size=${16}></hb-icon
        >${isCopied ? t('common.copied') : t('common.copy')}
      </button>`
  }

  async #copy(commands: string): Promise<void> {
    if (await copyText(commands)) this.copied = commands
  }
}

customElements.define('hb-server-help', HbServerHelp)

declare global {
  interface HTMLElementTagNameMap {
    'hb-server-help': HbServerHelp
  }
}
