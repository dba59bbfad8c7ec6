/** The right of a browser to go on with its session at another address of the same hub: once, for ten minutes. */
export interface MoveTicket {
  /** Sealed: only a computer that has the key of the hub can read it. */
  readonly value: string
  /** Encrypts what the page takes along. The hub returns it for the ticket. */
  readonly key: string
}

export const moveTicketValidMs = 10 * 60_000
export const maxMoveTicketLength = 1_000

/** Returns the ticket if it has the right form. */
export function readMoveTicket(given: unknown): MoveTicket | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const { value, key } = given as Record<string, unknown>
  return isToken(value) && isToken(key) ? { value, key } : undefined
}

function isToken(text: unknown): text is string {
  return typeof text === 'string' && text.length <= maxMoveTicketLength && /^[A-Za-z0-9_-]+$/.test(text)
}
