/** Runs once the browser has painted what is drawn now. A hidden page paints nothing: there it runs soon. */
export function afterPaint(run: () => void): void {
  if (document.hidden) setTimeout(run)
  else requestAnimationFrame(() => setTimeout(run))
}
