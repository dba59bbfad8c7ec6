import type { Route, Router } from './router.ts'

/** For `@click` on a real link: a plain press stays in the page, with a modifier the browser does what it always does. */
export function navigateOnClick(
  router: Router,
  route: Route,
  options: { replace?: boolean } = {},
): (event: MouseEvent) => void {
  return (event) => {
    if (!isPlainClick(event)) return
    event.preventDefault()
    router.navigate(route, options)
  }
}

/** Neither another tab nor a download is meant. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
}
