import { HubError } from '../../shared/errors.ts'

/* The errors of a database in words for the user who met them. */

/** Maps damage to words for the user who met it. */
export function toDamagedError(cause: unknown): HubError {
  return new HubError(
    'internal',
    'A part of the hub’s database is damaged, so this does not work. Tell its owner to look at Administration → Health.',
    { cause },
  )
}

export function diskFull(cause: unknown): HubError {
  return new HubError(
    'disk_full',
    'The hub’s disk is full. Nothing was lost. Try again when there is space.',
    { retryAfter: 30, cause },
  )
}

export function closing(): HubError {
  return new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 })
}

/** Another computer is the hub. */
export function moved(): HubError {
  return new HubError('busy', 'This hub is moving to another computer.', { retryAfter: 1 })
}

export function overloaded(): HubError {
  return new HubError('busy', 'The hub is overloaded. Try again shortly.', { retryAfter: 1 })
}
