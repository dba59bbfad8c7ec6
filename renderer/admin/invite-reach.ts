import { html, nothing, type LitElement } from 'lit'
import type { InviteReach } from '../../shared/contract/admin.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Says who can reach the hub, and offers the one press or the command that opens it to others. */
export function renderInviteReach(host: LitElement, hub: Hub, reach: InviteReach | undefined): unknown {
  // an older hub does not report it
  if (!reach) return nothing
  const { others, closed = [] } = reach
  return html`<div class="stack" data-testid="invite-reach" role="status">
    ${others ? html`<p class="muted-text">${t('invite.openTo')}</p>` : renderClosed(host, hub, reach)}
    ${closed.map(
      ({ command, ...where }) =>
        html`<p class="muted-text">
            ${t(command === undefined ? 'invite.closedAddressApp' : 'invite.closedAddress', where)}
          </p>
          ${command === undefined ? nothing : renderCommand(host, command)}`,
    )}
  </div>`
}

function renderClosed(host: LitElement, hub: Hub, { command, offline, closed }: InviteReach): unknown {
  const lead = html`<p><strong>${t('invite.closed')}</strong></p>`
  if (offline)
    return closed
      ? lead
      : html`${lead}
          <p class="muted-text">${t('invite.offline')}</p>`
  if (command !== undefined) {
    return html`${lead}
      <p class="muted-text">${t('invite.closedCommand')}</p>
      ${renderCommand(host, command)}`
  }
  return html`${lead}
    <p class="muted-text">${t('invite.closedApp')}</p>
    ${
      // on the desktop this is the computer of the hub, since no other can connect
      hub.base === ''
        ? nothing
        : html`<button class="button" @click=${() => openHosting(host)}>${t('invite.openHosting')}</button>`
    }`
}

/** Of the app, around the page of the hub. */
function openHosting(host: LitElement): void {
  host.dispatchEvent(new CustomEvent('hb-open-hosting', { bubbles: true, composed: true }))
  host.dispatchEvent(new CustomEvent('hb-close'))
}

function renderCommand(host: LitElement, command: string): unknown {
  return html`<div class="link-box" dir="ltr" translate="no">${command}</div>
    <button class="button small" @click=${() => void copyCommand(host, command)}>
      ${t('invite.copyCommand')}
    </button>`
}

async function copyCommand(host: LitElement, command: string): Promise<void> {
  const dialog = host.renderRoot.querySelector('hb-dialog')
  const isCopied = await copyText(command, dialog ?? undefined)
  notify(host, { text: t(isCopied ? 'common.copied' : 'invite.copyFailed') })
}
