import { vi } from 'vitest'

/** Vitest's own, which gives up after a second: what a busy machine is slow with is not wrong. */
export function waitFor<T>(
  run: () => T | Promise<T>,
  options: number | { timeout?: number; interval?: number } = {},
): Promise<T> {
  const given = typeof options === 'number' ? { timeout: options } : options
  return vi.waitFor(run, { timeout: 15_000, interval: 50, ...given })
}
