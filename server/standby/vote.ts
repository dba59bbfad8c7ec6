import { HubError } from '../../shared/errors.ts'
import { audit } from '../audit/audit.ts'
import type { HubContext } from '../context.ts'
import { runOperation } from '../operation.ts'
import { continuityOf } from './continuity-of.ts'

/** Who goes on if hub and standby lose each other. */

/**
 * @param tie `hub`, `standby`, or the node of a third computer
 * @throws HubError if no standby is in step, since both must know it
 */
export async function changeVote(
  hub: HubContext,
  tie: string,
  { by, detail = {} }: { by?: string; detail?: Record<string, string> },
): Promise<void> {
  const continuity = continuityOf(hub)
  const isThird = continuity.peers.known.some(({ node, kind }) => kind === 'vote' && node === tie)
  if (tie !== 'hub' && tie !== 'standby' && !isThird)
    throw new HubError('invalid', 'This computer cannot have the vote. Add it as a third computer first.')
  if (continuity.standing.safety() !== 'together')
    throw new HubError(
      'conflict',
      'You can change the deciding vote only while a standby is up to date. Try again then.',
    )
  await runOperation(hub, { locks: 'hub' }, async (op) => {
    await op.db.updateTable('hub').set({ tie }).execute()
    const who = by === undefined ? {} : { by }
    audit(op, { action: 'standby.vote-changed', ...who, detail: { tie, ...detail } })
  })
}
