/** What clients learn about continuity. The records are in shared/term.ts and shared/places.ts. */

/**
 * `alone`: there is a standby, but what is written now is on one computer. `waiting`: nobody can write, since the standby is
 * away and the hub may not decide alone. `together`: two computers have everything. `none`: there is no standby.
 */
export type Safety = 'alone' | 'waiting' | 'together' | 'none'

/** True if the hub has a standby that lacks something, or may. */
export function isOnOneComputer(safety: Safety | undefined): boolean {
  return safety === 'alone' || safety === 'waiting'
}

/** Header of a response over HTTP with the `held` of `ok`: see FromHub. */
export const heldHeader = 'x-hubbub-held'
