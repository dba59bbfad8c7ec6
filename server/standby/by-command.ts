import { HubError } from '../../shared/errors.ts'
import type { HubContext } from '../context.ts'
import { continuityOf } from './continuity-of.ts'
import type { ControlRequest } from './control.ts'
import { goOn } from './go-on.ts'
import { record } from './record.ts'
import { changeVote } from './vote.ts'

/*
 * What a command orders on the running hub. The account of the hub's computer has all the rights of the owner, without a
 * session: the audit log names the command line.
 */

const byCommand = { by: 'command line' }

/** The audit log has a line before the seal: nothing can be written behind it. */
export async function handOverByCommand(hub: HubContext): Promise<string> {
  const continuity = continuityOf(hub)
  const { nextHub } = continuity
  if (nextHub !== undefined)
    await record(hub, { action: 'hub.handed-over', target: nextHub, detail: byCommand })
  return continuity.handOver()
}

/**
 * This computer is the hub already: it waits for another one, or was handed over and nobody has taken it. Returns false if
 * neither is so, and nothing was changed.
 */
export async function continueByCommand(hub: HubContext, isForced: boolean): Promise<boolean> {
  const continuity = continuityOf(hub)
  if (continuity.isWaiting) {
    if (!isForced) {
      throw new HubError(
        'conflict',
        'The hub waits for the computer that decides, which may have made the standby the hub by now. If both are gone for good, use --force.',
      )
    }
    await goOn(hub)
    await record(hub, { action: 'hub.went-on', detail: byCommand })
    return true
  }
  if (continuity.node?.disk.role !== 'sealed') return false
  await continuity.continueHere()
  await recordTakeOver(hub, isForced)
  return true
}

/** A user of the computer itself has made it the hub. */
export function recordTakeOver(hub: HubContext, isForced: boolean): Promise<void> {
  const target = continuityOf(hub).ownNode
  return record(hub, { action: 'hub.taken-over', target, detail: { isForced } })
}

/** Who has the deciding vote. */
export interface DecidingVote {
  holder: 'hub' | 'standby' | 'third'
  /** The names of the other computers, as far as there are any. */
  standby?: string
  third?: string
  isThirdHere: boolean
}

/** Gives the deciding vote, if `to` says to whom. @throws HubError */
export async function decidingVote(hub: HubContext, to: ControlRequest['to']): Promise<DecidingVote> {
  const continuity = continuityOf(hub)
  const { known } = continuity.peers
  const standby = known.find(({ kind }) => kind === 'standby')
  const third = known.find(({ kind }) => kind === 'vote')
  if (to !== undefined) {
    if (!standby)
      throw new HubError('conflict', 'This hub has no standby, so there is nothing to decide. See "grant".')
    if (to === 'third' && !third)
      throw new HubError('conflict', 'This hub has no third computer. Add one with "grant --vote" first.')
    await changeVote(hub, to === 'third' ? (third?.node ?? '') : to, { detail: byCommand })
  }
  const { tie } = continuity
  return {
    holder: tie === 'hub' || tie === 'standby' ? tie : 'third',
    ...(standby ? { standby: standby.name } : {}),
    ...(third ? { third: third.name } : {}),
    isThirdHere: continuity.peers.voter !== undefined,
  }
}
