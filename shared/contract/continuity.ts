/** What clients learn about continuity. The records are in shared/term.ts and shared/places.ts. */

/**
 * `alone`: there is a standby, but what is written now is on one computer. `together`: two computers have everything.
 * `none`: there is no standby.
 */
export type Safety = 'alone' | 'together' | 'none'

/** Header of a response over HTTP with the `held` of `ok`: see FromHub. */
export const heldHeader = 'x-hubbub-held'
