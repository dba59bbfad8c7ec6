import { routeOf } from './router.ts'
import type { Hub } from '../state/hub.ts'

export interface LinkTarget {
  chatId: string
  no?: number
  reply?: number
}

/** The address of a message as others reach it; of a reply in a thread with the number of the message it hangs on. */
export function messagePermalink(hub: Hub, chatId: string, no: number, reply?: number): string {
  return [`${hub.origin}/chat/${encodeURIComponent(chatId)}`, no, reply].filter(Boolean).join('/')
}

/** Where a link leads within this page: a chat of this very hub, or a message in it. */
export function linkTargetOf(hub: Hub, link: HTMLAnchorElement): LinkTarget | undefined {
  if (!hub.hasOrigin(link.origin)) return undefined
  const route = routeOf(link.pathname)
  return route.page === 'chat' ? route : undefined
}
