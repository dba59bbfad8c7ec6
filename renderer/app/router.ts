import { signal, type ReadonlySignal, type Signal } from '../state/signal.ts'

export type Route =
  | { page: 'home' | 'login' | 'register' | 'setup' | 'join' | 'recover' | 'reset' | 'threads' }
  /** `no`: at this message; `reply`: at this one in its thread. */
  | { page: 'chat'; chatId: string; no?: number; reply?: number }
  /** '' is the list of sections. */
  | { page: 'settings' | 'admin'; section: string }

/** Where the person is, as an address: the browser's Back works and a chat can be bookmarked. */
export class Router {
  readonly #route: Signal<Route>
  /** What stands behind the #: an invite or a set-up code, which a server never sees. */
  readonly #fragment: Signal<string>

  constructor() {
    this.#route = signal(routeOf(location.pathname))
    this.#fragment = signal(fragment())
    const follow = () => {
      this.#route.value = routeOf(location.pathname)
      this.#fragment.value = fragment()
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

  go(route: Route, { replace = false } = {}): void {
    const path = pathOf(route)
    if (path === location.pathname) {
      // once more to the same message: it is shown again
      if (route.page === 'chat' && route.no !== undefined) this.#route.value = route
      return
    }
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    this.#route.value = route
    this.#fragment.value = ''
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
    const place = { ...placeOf('no', third), ...placeOf('reply', fourth) }
    return { page: 'chat', chatId: decodeURIComponent(second), ...place }
  }
  if (first === 'settings' || first === 'admin') return { page: first, section: second }
  if (first === 'login' || first === 'register' || first === 'setup' || first === 'join')
    return { page: first }
  if (first === 'recover' || first === 'reset' || first === 'threads') return { page: first }
  return { page: 'home' }
}

function placeOf<K extends string>(key: K, text: string): Partial<Record<K, number>> {
  const no = Number(text)
  return Number.isSafeInteger(no) && no > 0 ? ({ [key]: no } as Partial<Record<K, number>>) : {}
}

function fragment(): string {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    return location.hash.slice(1)
  }
}
