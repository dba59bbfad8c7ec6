import { css, html, LitElement, nothing } from 'lit'
import { confirmed } from '../accounts/hb-say-password.ts'
import { problemLine, valuesOf } from '../accounts/entry-parts.ts'
import { dialogStyles } from '../chats/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy.ts'
import { explain } from '../ui/explain.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-qr.ts'
import { linkBoxStyles } from './link-box.ts'

const uses = [1, 5, 20, 100]
const days = [1, 7, 30]

/** Makes an invite link and hands it over: it is shown once. */
export class HbInvite extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    url: { state: true },
    copied: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string
  declare url: string
  declare copied: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    linkBoxStyles,
    css`
      hb-qr {
        margin-inline: auto;
      }
    `,
  ]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.url = ''
    this.copied = false
  }

  override render() {
    const hub = this.hub.meta.value?.name ?? t('entry.hub')
    return html`<hb-dialog
      .heading=${t('invite.title', { hub })}
      .busy=${this.busy}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      ${this.url ? this.#link() : this.#form()}
    </hb-dialog>`
  }

  #form() {
    const isOwner = this.hub.session.me.value?.role === 'owner'
    return html`
      <form novalidate @submit=${this.#submit}>
        <p class="quiet-words">${t('invite.lead')}</p>
        <hb-field
          name="uses"
          type="select"
          .label=${t('invite.uses')}
          .value=${'1'}
          .options=${uses.map((count) => ({
            value: String(count),
            label: count === 1 ? t('invite.usesOne') : t('invite.usesMany', { count }),
          }))}
        ></hb-field>
        <hb-field
          name="days"
          type="select"
          .label=${t('invite.days')}
          .value=${'7'}
          .options=${days.map((count) => ({
            value: String(count),
            label: t('invite.daysCount', { count }),
          }))}
        ></hb-field>
        ${
          isOwner
            ? html`<hb-choice
                inline
                name="role"
                .label=${t('invite.role')}
                .value=${'member'}
                .choices=${[
                  { value: 'member', label: t('invite.member') },
                  { value: 'admin', label: t('invite.admin') },
                ]}
              ></hb-choice>`
            : nothing
        }
        ${problemLine(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button
        slot="actions"
        class="button primary"
        autofocus
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${this.busy ? t('invite.making') : t('invite.make')}
      </button>
    `
  }

  #link() {
    return html`
      <div class="stack">
        <p class="quiet-words">${t('invite.once')}</p>
        <div class="link-box" role="group" aria-label=${t('invite.link')} dir="ltr" data-testid="invite-link">
          ${this.url}
        </div>
        <hb-qr .text=${this.url} .label=${t('invite.qr')}></hb-qr>
        ${problemLine(this.problem)}
      </div>
      <button slot="actions" class="button" @click=${() => this.#again()}>${t('invite.another')}</button>
      <button slot="actions" class="button primary" @click=${() => void this.#copy()}>
        <hb-icon name=${this.copied ? 'check' : 'copy'}></hb-icon>
        ${this.copied ? t('common.copied') : t('invite.copy')}
      </button>
    `
  }

  #again() {
    this.url = ''
    this.copied = false
    this.problem = ''
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#make(valuesOf(event.target as HTMLFormElement))
  }

  async #make(values: Record<string, string>) {
    this.busy = true
    this.problem = ''
    try {
      const { url } = await confirmed(this.hub, () =>
        this.hub.request('admin.invites.create', {
          uses: Number(values.uses),
          days: Number(values.days),
          ...(values.role === 'admin' ? { role: 'admin' as const } : {}),
        }),
      )
      this.url = new URL(url, this.hub.origin).href
    } catch (error) {
      this.problem = explain(error)
    } finally {
      this.busy = false
    }
  }

  async #copy() {
    const dialog = this.renderRoot.querySelector('hb-dialog')
    this.copied = await copyText(this.url, dialog ?? undefined)
    this.problem = this.copied ? '' : t('invite.copyFailed')
  }
}

customElements.define('hb-invite', HbInvite)
