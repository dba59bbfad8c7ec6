import { routeOf } from '../app/router.ts'

export interface LinkedPlace {
  chatId: string
  no?: number
  reply?: number
}

/** The address of a message; of a reply in a thread with the number of the message it hangs on. */
export function linkOfMessage(chatId: string, no: number, reply?: number): string {
  return [`${location.origin}/chat/${encodeURIComponent(chatId)}`, no, reply].filter(Boolean).join('/')
}

/** Where a link leads within this page: a chat of this very hub, or a message in it. */
export function placeOfLink(link: HTMLAnchorElement | null): LinkedPlace | undefined {
  if (link?.origin !== location.origin) return undefined
  const route = routeOf(link.pathname)
  return route.page === 'chat' ? route : undefined
}
