import { signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'
import { isPageHeld, mayLeave } from './leaving.ts'

/** A page over all chats. */
export type OverviewPage = 'threads' | 'activity' | 'saved'

export type Route =
  | { page: 'home' | 'login' | 'register' | 'setup' | 'join' | 'recover' | 'reset' | OverviewPage }
  /** `no`: at this message; `reply`: at this reply in its thread. */
  | { page: 'chat'; chatId: string; no?: number; reply?: number }
  /** '' is the list of sections. */
  | { page: 'settings' | 'admin'; section: string }

/**
 * The current place as an address: the browser's Back works and a chat can be bookmarked. In the desktop app each hub
 * has a router behind its base. The address shows the hub in front; the others keep theirs.
 */
export class Router {
  readonly #base: string
  readonly #route: Signal<Route>
  /** The fragment behind the #: an invite or a set-up code, which a server never sees. */
  readonly #fragment: Signal<string>

  constructor(base = '') {
    this.#base = base
    const path = this.#currentPath()
    this.#route = signal(routeOf(path ?? '/'))
    this.#fragment = signal(path === undefined ? '' : readFragment())
    const follow = () => {
      const now = this.#currentPath()
      if (now === undefined) return
      if (isPageHeld() && now !== pathOf(this.#route.peek())) return this.#comeBack(routeOf(now))
      this.#route.value = routeOf(now)
      this.#fragment.value = readFragment()
    }
    addEventListener('popstate', follow)
    addEventListener('hashchange', follow)
  }

  get route(): ReadonlySignal<Route> {
    return this.#route
  }

  get fragment(): ReadonlySignal<string> {
    return this.#fragment
  }

  /**
   * The fragment is not part of addresses that others see, so it may be passed here. `isForced`: the user did not ask for it, and
   * is not asked.
   */
  navigate(route: Route, { replace = false, fragment: behind = '', isForced = false } = {}): void {
    const path = pathOf(route)
    const front = this.#currentPath()
    if (path === (front ?? pathOf(this.#route.peek())) && behind === this.#fragment.peek()) {
      // The same message again: it is shown again.
      if (route.page === 'chat' && route.no !== undefined) this.#route.value = route
      return
    }
    if (front !== undefined && !isForced && isPageHeld()) {
      void mayLeave().then((leaves) => leaves && this.navigate(route, { replace, fragment: behind }))
      return
    }
    if (front !== undefined) this.#writeHistory(path, replace)
    this.#route.value = route
    this.#fragment.value = behind
  }

  /** The browser has gone to another address already. */
  #comeBack(route: Route): void {
    this.#writeHistory(pathOf(this.#route.peek()), false)
    this.navigate(route)
  }

  /** Brings this hub to the front: the address is its own from now on. */
  syncAddress({ replace = false } = {}): void {
    if (this.#currentPath() === undefined) this.#writeHistory(pathOf(this.#route.peek()), replace)
  }

  #writeHistory(path: string, replace: boolean): void {
    if (replace) history.replaceState(null, '', this.#base + path)
    else history.pushState(null, '', this.#base + path)
  }

  /** The address behind the base; undefined while another hub is in front. */
  #currentPath(): string | undefined {
    const { pathname } = location
    if (this.#base === '') return pathname
    return pathname.startsWith(`${this.#base}/`) ? pathname.slice(this.#base.length) : undefined
  }
}

export function pathOf(route: Route): string {
  if (route.page === 'home') return '/'
  if (route.page === 'settings' || route.page === 'admin') {
    return route.section ? `/${route.page}/${route.section}` : `/${route.page}`
  }
  if (route.page !== 'chat') return `/${route.page}`
  const places = [route.no, route.no && route.reply].filter((no) => no !== undefined)
  return ['/chat', encodeURIComponent(route.chatId), ...places].join('/')
}

export function routeOf(path: string): Route {
  const [, first = '', second = '', third = '', fourth = ''] = path.split('/')
  if (first === 'chat' && second) {
    const message = parseNumber('no', third)
    const reply = message.no === undefined ? {} : parseNumber('reply', fourth)
    return { page: 'chat', chatId: decoded(second), ...message, ...reply }
  }
  if (first === 'settings' || first === 'admin') return { page: first, section: second }
  if (first === 'login' || first === 'register' || first === 'setup' || first === 'join')
    return { page: first }
  if (first === 'recover' || first === 'reset') return { page: first }
  if (first === 'threads' || first === 'activity' || first === 'saved') return { page: first }
  return { page: 'home' }
}

function parseNumber<K extends string>(key: K, text: string): Partial<Record<K, number>> {
  const no = Number(text)
  return Number.isSafeInteger(no) && no > 0 ? ({ [key]: no } as Partial<Record<K, number>>) : {}
}

function readFragment(): string {
  return decoded(location.hash.slice(1))
}

/** An address with a broken escape, as a user may type one, is taken as it is. */
function decoded(part: string): string {
  // half a character cannot be escaped again
  const text = part.toWellFormed()
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
