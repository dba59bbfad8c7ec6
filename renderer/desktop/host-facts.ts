import { html, nothing } from 'lit'
import { hostAndPort } from '../../shared/addresses.ts'
import type { HostStatus } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import './desktop-text.ts'
import './hb-fingerprint.ts'

/** The hub has another port than before. */
export function renderMovedPort({ movedFrom: from, port = 0 }: HostStatus) {
  if (from === undefined) return nothing
  return html`<p class="note" role="status">
    <hb-icon name="info"></hb-icon
    ><span>${t('hosting.moved', { from: String(from), to: String(port) })}</span>
  </p>`
}

/** The addresses and the fingerprint of the hub of this computer, while it runs. */
export function renderHostFacts({ state, addresses = [], port = 0, hubId }: HostStatus) {
  if (state !== 'running') return nothing
  return html`<dl>
    ${
      addresses.length > 0
        ? html`<dt>${t('hosting.addresses')}</dt>
            <dd>
              <ul>
                ${addresses.map(
                  ({ host, network }) =>
                    html`<li class="address" dir="ltr">
                      ${hostAndPort(host, port)} <small>${network}</small>
                    </li>`,
                )}
              </ul>
            </dd>`
        : nothing
    }
    ${
      hubId
        ? html`<dt>${t('hosting.fingerprint')}</dt>
            <dd><hb-fingerprint .hubId=${hubId}></hb-fingerprint></dd>`
        : nothing
    }
  </dl>`
}
