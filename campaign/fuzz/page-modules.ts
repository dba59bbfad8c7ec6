import { registerHooks } from 'node:module'

/*
 * Modules of the page import pictures of icons, which its build makes modules of. A check of what the page renders needs no picture.
 */

export function acceptIcons(): void {
  registerHooks({
    load: (url, context, next) =>
      new URL(url).pathname.endsWith('.svg')
        ? { format: 'module', shortCircuit: true, source: "export const icon = ''\nexport default ''" }
        : next(url, context),
  })
}

/** Colours of code come later and are no part of the check. Returns what takes the window away. */
export function idleWindow(): () => void {
  const there = globalThis as { window?: object; requestIdleCallback?: unknown }
  const before = { window: there.window, requestIdleCallback: there.requestIdleCallback }
  const requestIdleCallback = (): number => 0
  Object.assign(there, { window: { requestIdleCallback }, requestIdleCallback })
  return () => Object.assign(there, before)
}
