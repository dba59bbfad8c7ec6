import { html, nothing } from 'lit'
import type { Place } from '../../shared/places.ts'
import { moveLink } from '../connection/move-link.ts'
import { isPlainClick } from '../navigation/navigate-on-click.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'

/** The computer that is the hub now, if a browser can go there. */
export function findHubPlace(places: readonly Place[] | undefined): Place | undefined {
  return places?.find(({ role, addresses }) => role === 'hub' && addresses.length > 0)
}

/** A link to the hub at its new address. In another tab it opens without the ticket, which counts once. */
export function renderOpenThere(hub: Hub, { addresses }: Place, className: string) {
  const [address] = addresses
  if (address === undefined) return nothing
  const open = (event: MouseEvent) => {
    if (!hub.moveTicket.value || !isPlainClick(event)) return
    event.preventDefault()
    void hub.linkTo(address).then((link) => location.assign(link))
  }
  return html`<a class=${className} href=${moveLink(address, '/')} @click=${open}>${t('auth.openThere')}</a>`
}
