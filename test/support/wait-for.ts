import { vi } from 'vitest'

/** vitest’s own with a longer timeout: its default of one second is too short on a busy machine. */
export function waitFor<T>(
  run: () => T | Promise<T>,
  options: number | { timeout?: number; interval?: number } = {},
): Promise<T> {
  const given = typeof options === 'number' ? { timeout: options } : options
  return vi.waitFor(run, { timeout: 15_000, interval: 50, ...given })
}
