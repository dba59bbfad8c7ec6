import plain from './favicon.svg'
import unread from './favicon-unread.svg'

/** A dot on the icon of the tab while something is unread. */
export function showUnreadFavicon(count: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const address = count > 0 ? unread : plain
  if (link && link.getAttribute('href') !== address) link.setAttribute('href', address)
}
