import { signal, type ReadonlySignal, type Signal } from '../state/signal.ts'

export type Route =
  | { page: 'home' | 'login' | 'register' | 'setup' | 'join' | 'recover' | 'reset' }
  | { page: 'chat'; chatId: string }
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
    if (path === location.pathname) return
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
  return route.page === 'chat' ? `/chat/${encodeURIComponent(route.chatId)}` : `/${route.page}`
}

function routeOf(path: string): Route {
  const [, first = '', second = ''] = path.split('/')
  if (first === 'chat' && second) return { page: 'chat', chatId: decodeURIComponent(second) }
  if (first === 'settings' || first === 'admin') return { page: first, section: second }
  if (first === 'login' || first === 'register' || first === 'setup' || first === 'join')
    return { page: first }
  if (first === 'recover' || first === 'reset') return { page: first }
  return { page: 'home' }
}

function fragment(): string {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    return location.hash.slice(1)
  }
}
