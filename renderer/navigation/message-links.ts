import { routeOf } from './router.ts'
import type { Hub } from '../state/hub.ts'

export interface LinkTarget {
  chatId: string
  no?: number
  reply?: number
}

/** The link to a message, as others can open it. For a reply it contains the number of its parent message. */
export function messagePermalink(hub: Hub, chatId: string, no: number, reply?: number): string {
  return [`${hub.origin}/chat/${encodeURIComponent(chatId)}`, no, reply].filter(Boolean).join('/')
}

/** The target of a link within this page: a chat of this hub, or a message in it. */
export function linkTargetOf(hub: Hub, link: HTMLAnchorElement): LinkTarget | undefined {
  if (!hub.hasOrigin(link.origin)) return undefined
  const route = routeOf(link.pathname)
  return route.page === 'chat' ? route : undefined
}
