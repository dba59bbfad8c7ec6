import { HubError } from '../../shared/errors.ts'
import type { HubContext } from '../context.ts'
import { movedError } from '../live/moved.ts'
import { continuityOf } from './continuity-of.ts'
import type { HubContinuity } from './hub-continuity.ts'

/*
 * The owner ends the waiting of a hub whose standby is gone, and that may not decide alone. Nothing can be written while
 * the hub waits: neither that the user has confirmed the password, nor that a guess was wrong.
 */

/** Guesses of a user since this process started. */
const maxWrongPasswords = 10
const wrongPasswords = new WeakMap<HubContext, Map<string, number>>()

/** @throws HubError `forbidden` with the field `current` */
export async function requirePasswordWithoutWriting(
  hub: HubContext,
  userId: string,
  current: string,
): Promise<void> {
  const counts = wrongPasswords.get(hub) ?? new Map<string, number>()
  wrongPasswords.set(hub, counts)
  const count = counts.get(userId) ?? 0
  if (count >= maxWrongPasswords)
    throw new HubError(
      'forbidden',
      'Too many wrong passwords. Run "promote --force" on the computer of the hub, or start the hub again.',
    )
  // before the check: a hundred guesses at once are a hundred
  counts.set(userId, count + 1)
  const { password } = await hub.store.read((db) =>
    db.selectFrom('user').where('id', '=', userId).select('password').executeTakeFirstOrThrow(),
  )
  if (!(await hub.passwords.verify(password, current, userId)))
    throw new HubError('forbidden', 'Wrong password.', { field: 'current' })
  counts.set(userId, (counts.get(userId) ?? 1) - 1)
}

/** @throws HubError if the hub does not wait */
export function requireWaiting(hub: HubContext): void {
  if (continuityOf(hub).isWaiting) return
  throw new HubError('conflict', 'The hub does not wait for another computer: your team can write.')
}

/**
 * Goes on without the computers that the hub waits for, in a new term and a new epoch. Resolves once that is on the disk.
 * @throws HubError if another computer is the hub by now
 */
export async function goOn(hub: HubContext): Promise<void> {
  const continuity: HubContinuity = continuityOf(hub)
  requireWaiting(hub)
  // one that can be reached and has taken over is the hub
  await continuity.peers.search.look()
  const moved = continuity.standing.moved()
  if (moved) throw movedError(moved)
  requireWaiting(hub)
  await continuity.continueHere()
  // a batch was on its way to the disk
  if (continuity.isWaiting) throw new HubError('busy', 'The hub writes at this moment. Try again.')
}
