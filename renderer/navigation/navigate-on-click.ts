import type { Route, Router } from './router.ts'

/**
 * For `@click` on a real link: a plain click stays in the page. With a modifier key the browser does what it always
 * does.
 */
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

/** True if neither a new tab nor a download is meant. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
}
